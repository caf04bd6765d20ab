//! `weir outbox list`

use weir_store::MailFilter;

use super::super::Outcome;
use super::super::report::status::local;
use crate::app::App;
use crate::args::OutboxListArgs;
use crate::exit::ExitStatus;
use crate::table::Table;
use crate::views::MessageView;

pub(crate) async fn run(app: &App, args: &OutboxListArgs) -> Outcome {
    let store = app.store().await?;
    let filter = MailFilter {
        subject: args.user.as_ref().map(|user| format!("user:{user}")),
        state: args.state.clone(),
        id: None,
        limit: args.limit,
    };
    let rows = store.mail(&filter).await?;
    let rows: Vec<_> = rows.into_iter().map(MessageView::from).collect();
    let zone = app.zone(&*store).await?;
    app.printer.rows(&rows, "there are no messages", |rows| {
        let mut table = Table::new(&["written", "state", "letters", "id"]);
        for row in rows {
            table.row([
                &local(&row.created_at, &zone),
                row.state.as_str(),
                &row.outcome(),
                &row.id,
            ]);
        }
        table
    })?;
    Ok(ExitStatus::Ok)
}
