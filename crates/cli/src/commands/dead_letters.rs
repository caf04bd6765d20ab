//! `weir dead-letters`

use weir_config::Needs;

use super::Outcome;
use super::report::status::local;
use crate::app::App;
use crate::args::DeadLetterArgs;
use crate::exit::ExitStatus;
use crate::table::Table;

pub(crate) async fn run(app: &App, args: &DeadLetterArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let rows = backend.dead_letters(args.limit).await?;
    let zone = backend.zone().await?;
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
