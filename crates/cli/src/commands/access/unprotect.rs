//! `weir unprotect USER`

use weir_config::Needs;
use weir_core::admin::Verb;

use super::super::Outcome;
use crate::app::App;
use crate::args::UnprotectArgs;

const NO_REASON: &str = "protection ended by an administrator";

pub(crate) async fn run(app: &App, args: &UnprotectArgs) -> Outcome {
    let (backend, by) = app.deciding(Needs::Decides, &args.by).await?;
    let reason = args.reason.as_deref().unwrap_or(NO_REASON);
    let command = super::command(&args.user, by, reason, Verb::Unprotect);
    let done = backend.administer(command, false).await?;
    if done.protections_ended == 0 {
        app.printer.note("there was no protection to end");
    }
    super::show(app, &backend, &done).await
}
