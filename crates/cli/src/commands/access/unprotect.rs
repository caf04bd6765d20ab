//! `weir unprotect USER`

use weir_core::admin::Verb;

use super::super::Outcome;
use crate::app::App;
use crate::args::UnprotectArgs;

const NO_REASON: &str = "protection ended by an administrator";

pub(crate) async fn run(app: &App, args: &UnprotectArgs) -> Outcome {
    let (engine, user) = super::engine(app, &args.user).await?;
    let reason = args.reason.as_deref().unwrap_or(NO_REASON);
    let command = super::command(app, user, &args.by, reason, Verb::Unprotect);
    let done = engine.administer(command, false).await?;
    if done.plan.unprotected.is_empty() {
        app.printer.note("there was no protection to end");
    }
    super::show(app, &engine, &done).await
}
