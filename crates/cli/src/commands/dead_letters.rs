//! `weir dead-letters`

use super::Outcome;
use super::report::status::local;
use crate::app::App;
use crate::args::DeadLetterArgs;
use crate::exit::ExitStatus;
use crate::table::Table;
use crate::views::DeadLetterView;

pub(crate) async fn run(app: &App, args: &DeadLetterArgs) -> Outcome {
    let store = app.store().await?;
    let rows = store.dead_letters(args.limit).await?;
    let rows: Vec<_> = rows.into_iter().map(DeadLetterView::from).collect();
    let zone = app.zone(&*store).await?;
    app.printer
        .rows(&rows, "everything could be read", |rows| {
            let mut table = Table::new(&[">id", "first seen", ">count", "source", "reason"]);
            for row in rows {
                table.row([
                    &row.id.to_string(),
                    &local(&row.first_seen, &zone),
                    &row.count.to_string(),
                    &row.source,
                    &row.reason,
                ]);
            }
            table
        })?;
    Ok(ExitStatus::Ok)
}
