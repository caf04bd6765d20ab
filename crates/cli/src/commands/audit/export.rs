//! `weir audit export`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::args::AuditExportArgs;
use crate::exit::{CliError, ExitStatus};

pub(crate) async fn run(app: &App, args: &AuditExportArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let mut after = args.after;
    loop {
        let entries = backend.audit_after(after).await?;
        let Some(last) = entries.last() else {
            return Ok(ExitStatus::Ok);
        };
        after = last.seq;
        let mut lines = String::new();
        for entry in &entries {
            let line = serde_json::to_string(entry)
                .map_err(|error| CliError::Failed(format!("cannot write JSON: {error}")))?;
            lines.push_str(&line);
            lines.push('\n');
        }
        app.printer.data(&lines)?;
    }
}
