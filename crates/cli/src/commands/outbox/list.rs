//! `weir outbox list`

use weir_config::Needs;

use super::super::Outcome;
use super::super::report::status::local;
use crate::app::App;
use crate::args::OutboxListArgs;
use crate::exit::ExitStatus;
use crate::table::Table;
use crate::views::outcome;

pub(crate) async fn run(app: &App, args: &OutboxListArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let (user, state) = (args.user.as_deref(), args.state.as_deref());
    let rows = backend.messages(user, state, args.limit).await?;
    let zone = backend.zone().await?;
    app.printer.rows(&rows, "there are no messages", |rows| {
        let mut table = Table::new(&["written", "state", "letters", "id"]);
        for row in rows {
            table.row([
                &local(&row.created_at, &zone),
                row.state.as_str(),
                &outcome(row),
                &row.id,
            ]);
        }
        table
    })?;
    Ok(ExitStatus::Ok)
}
