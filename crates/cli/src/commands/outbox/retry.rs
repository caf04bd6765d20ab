//! `weir outbox retry ID|--failed`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::args::{Author, OutboxRetryArgs};
use crate::exit::{CliError, ExitStatus};

pub(crate) async fn run(app: &App, args: &OutboxRetryArgs) -> Outcome {
    let (backend, by) = app.deciding(Needs::Decides, &Author { by: None }).await?;
    let done = backend.retry_mail(args.id.as_deref(), &by).await?;
    let done = done.ok_or_else(|| {
        let id = args.id.as_deref().unwrap_or_default();
        CliError::NotFound(format!(
            "there is no message `{id}`; `weir outbox list` names them"
        ))
    })?;
    if app.printer.is_json() {
        app.printer.json(&done)?;
    }
    if done.again == 0 {
        app.printer.note("there is nothing to send again");
        return Ok(ExitStatus::Ok);
    }
    app.printer.note(&format!(
        "{} letters are sent again: {} went out, {} are tried again later, {} were given up",
        done.again, done.sent, done.retried, done.failed
    ));
    if done.sent + done.retried + done.failed == 0 {
        app.printer
            .note("there are no channels here: `weir serve` sends them");
    }
    Ok(ExitStatus::Ok)
}
