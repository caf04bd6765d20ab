//! `weir outbox retry ID|--failed`

use super::super::Outcome;
use crate::app::App;
use crate::args::OutboxRetryArgs;
use crate::exit::{CliError, ExitStatus};
use weir_config::Needs;
use weir_store::{MailFilter, Store};

pub(crate) async fn run(app: &App, args: &OutboxRetryArgs) -> Outcome {
    let engine = app.engine(Needs::Decides).await?;
    let store = engine.store();
    let message = match &args.id {
        Some(id) => Some(seq(&**store, id).await?),
        None => None,
    };
    let again = store.retry_deliveries(message, engine.wall()).await?;
    if again == 0 {
        app.printer.note("there is nothing to send again");
        return Ok(ExitStatus::Ok);
    }
    let sent = engine.send_due().await?;
    if app.printer.is_json() {
        app.printer.json(&sent)?;
    }
    app.printer.note(&format!(
        "{again} letters are sent again: {} went out, {} are tried again later, {} were given up",
        sent.sent, sent.retried, sent.failed
    ));
    if sent.sent + sent.retried + sent.failed == 0 {
        app.printer
            .note("there are no channels here: `weir serve` sends them");
    }
    Ok(ExitStatus::Ok)
}

/// The number of the message of that id.
async fn seq(store: &dyn Store, id: &str) -> Result<u64, CliError> {
    let filter = MailFilter {
        id: Some(id.to_owned()),
        limit: 1,
        ..MailFilter::default()
    };
    let row = store.mail(&filter).await?.into_iter().next();
    row.map(|row| row.seq).ok_or_else(|| {
        CliError::NotFound(format!(
            "there is no message `{id}`; `weir outbox list` names them"
        ))
    })
}
