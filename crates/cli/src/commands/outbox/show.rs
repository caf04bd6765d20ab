//! `weir outbox show ID`

use weir_store::{MailFilter, Store};

use super::super::Outcome;
use super::super::report::status::local;
use crate::app::App;
use crate::args::OutboxShowArgs;
use crate::exit::{CliError, ExitStatus};
use crate::table::Table;
use crate::views::MessageView;

pub(crate) async fn run(app: &App, args: &OutboxShowArgs) -> Outcome {
    let store = app.store().await?;
    let row = find(&*store, &args.id).await?;
    if app.printer.is_json() {
        app.printer.json(&row)?;
        return Ok(ExitStatus::Ok);
    }
    let zone = app.zone(&*store).await?;
    let text = serde_json::to_string_pretty(&row.message).unwrap_or_default();
    app.printer.line(&text)?;
    let reason = row.reason.as_deref().unwrap_or_default();
    app.printer.note(&format!(
        "{}, written {} {reason}",
        row.state,
        local(&row.created_at, &zone)
    ));
    let mut table = Table::new(&["channel", "to", "as", "state", ">tried", "why"]);
    for letter in &row.letters {
        table.row([
            letter.channel.as_str(),
            letter.recipient.as_deref().unwrap_or("everybody there"),
            &letter.audience,
            &letter.state,
            &letter.attempts.to_string(),
            letter.error.as_deref().unwrap_or_default(),
        ]);
    }
    app.printer.line(&table.to_string())?;
    Ok(ExitStatus::Ok)
}

/// The message of that id.
pub(super) async fn find(store: &dyn Store, id: &str) -> Result<MessageView, CliError> {
    let filter = MailFilter {
        id: Some(id.to_owned()),
        limit: 1,
        ..MailFilter::default()
    };
    let row = store.mail(&filter).await?.into_iter().next();
    row.map(MessageView::from).ok_or_else(|| {
        CliError::NotFound(format!(
            "there is no message `{id}`; `weir outbox list` names them"
        ))
    })
}
