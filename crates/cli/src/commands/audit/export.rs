//! `weir audit export`

use weir_config::Needs;
use weir_server::forms::AuditEntry;

use super::super::Outcome;
use crate::app::App;
use crate::args::AuditExportArgs;
use crate::exit::{CliError, ExitStatus};

pub(crate) async fn run(app: &App, args: &AuditExportArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let mut after = args.after;
    loop {
        let entries = backend.audit_after(after).await?;
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
            return Ok(ExitStatus::Ok);
        };
        if after == args.after {
            note_gap(app, after, first);
        }
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

/// Says so if entries that were asked for have left.
fn note_gap(app: &App, after: u64, first: &AuditEntry) {
    let gone = first.seq.saturating_sub(1);
    if after < gone {
        app.printer.note(&format!(
            "entries 1 to {gone} are there no longer (they leave after their term): the export begins with entry {}, after the hash {}",
            first.seq, first.prev_hash
        ));
    }
}
