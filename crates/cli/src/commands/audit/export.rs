//! `weir audit export`

use weir_store::AuditFilter;

use super::super::Outcome;
use crate::app::App;
use crate::args::AuditExportArgs;
use crate::exit::{CliError, ExitStatus};
use weir_server::AuditEntry;

/// Entries read in one go.
const PAGE: u32 = 1_000;

pub(crate) async fn run(app: &App, args: &AuditExportArgs) -> Outcome {
    let store = app.store().await?;
    let start = store.audit_start().await?;
    if args.after < start.seq {
        app.printer.note(&format!(
            "entries 1 to {} left after their term: the export begins with entry {}, after the hash {}",
            start.seq,
            start.seq + 1,
            start.hash
        ));
    }
    let mut after = args.after;
    loop {
        let filter = AuditFilter {
            after,
            limit: PAGE,
            ..AuditFilter::default()
        };
        let entries = store.audit(&filter).await?;
        let Some(last) = entries.last() else {
            return Ok(ExitStatus::Ok);
        };
        after = last.seq;
        let mut lines = String::new();
        for entry in entries {
            let line = serde_json::to_string(&AuditEntry::of(entry))
                .map_err(|error| CliError::Failed(format!("cannot write JSON: {error}")))?;
            lines.push_str(&line);
            lines.push('\n');
        }
        app.printer.data(&lines)?;
    }
}
