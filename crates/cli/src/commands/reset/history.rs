//! `weir reset history`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::args::ResetHistoryArgs;
use crate::commands::report::status::local;
use crate::exit::ExitStatus;
use crate::table::Table;

pub(crate) async fn run(app: &App, args: &ResetHistoryArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let rows = backend.resets(args.limit).await?;
    let zone = &backend.zone().await?;
    let nothing = "no reset was run yet: `weir serve` runs one at local midnight";
    app.printer.rows(&rows, nothing, |rows| {
        let mut table = Table::new(&[
            "date",
            "finished",
            ">runs",
            ">ended",
            ">evaluated",
            "errors",
        ]);
        for row in rows {
            let count = |name: &str| row.counts[name].to_string();
            table.row([
                &row.date,
                &row.finished_at
                    .as_deref()
                    .map_or_else(|| "not yet".to_owned(), |at| local(at, zone)),
                &row.runs.to_string(),
                &count("expired"),
                &count("evaluated"),
                &row.errors.join("; "),
            ]);
        }
        table
    })?;
    Ok(ExitStatus::Ok)
}
