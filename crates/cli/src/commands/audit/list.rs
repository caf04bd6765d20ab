//! `weir audit list`

use weir_store::AuditFilter;

use super::super::Outcome;
use crate::app::App;
use crate::args::AuditListArgs;
use crate::commands::report::status::local;
use crate::exit::ExitStatus;
use crate::table::Table;
use weir_server::AuditEntry;

pub(crate) async fn run(app: &App, args: AuditListArgs) -> Outcome {
    let store = app.store().await?;
    let filter = AuditFilter {
        before: None,
        after: 0,
        subject: args.subject,
        operation: args.operation,
        text: args.text,
        last: Some(args.last),
        limit: 0,
    };
    let entries: Vec<_> = store
        .audit(&filter)
        .await?
        .into_iter()
        .map(AuditEntry::of)
        .collect();
    let zone = app.zone(&*store).await?;
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
