//! `weir audit list`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::args::AuditListArgs;
use crate::backend::EntriesAsked;
use crate::commands::report::status::local;
use crate::exit::ExitStatus;
use crate::table::Table;

pub(crate) async fn run(app: &App, args: AuditListArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let asked = EntriesAsked {
        subject: args.subject,
        operation: args.operation,
        text: args.text,
    };
    let entries = backend.audit(args.last, asked).await?;
    let zone = backend.zone().await?;
    app.printer.rows(&entries, "no entries", |entries| {
        let mut table = Table::new(&[">seq", "at", "operation", "subject", "by", "reason"]);
        for entry in entries {
            let by = match &entry.claimed_by {
                Some(name) => format!("{} as {name}", entry.actor),
                None => entry.actor.clone(),
            };
            table.row([
                &entry.seq.to_string(),
                &local(&entry.at, &zone),
                &entry.operation,
                &entry.subject,
                &by,
                &entry.reason,
            ]);
        }
        table
    })?;
    Ok(ExitStatus::Ok)
}
