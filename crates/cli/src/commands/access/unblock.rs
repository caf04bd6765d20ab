//! `weir unblock USER`

use weir_core::admin::{Verb, end_of_day};
use weir_core::block::Until;

use super::super::Outcome;
use crate::app::App;
use crate::args::UnblockArgs;

const NO_REASON: &str = "unblocked by an administrator";

pub(crate) async fn run(app: &App, args: &UnblockArgs) -> Outcome {
    let (engine, user) = super::engine(app, &args.user).await?;
    let rules = engine.rules().await?;
    let now = engine.now();
    let until = super::until(None, args.protect_until.as_deref(), false, now, &rules.zone)?;
    let protect_until = match (until, args.no_protect) {
        (_, true) => None,
        (Some(until), false) => Some(until),
        (None, false) => Some(Until::At(end_of_day(now, &rules.zone))),
    };
    let reason = args.reason.as_deref().unwrap_or(NO_REASON);
    let verb = Verb::Unblock { protect_until };
    let done = engine
        .administer(super::command(app, user, &args.by, reason, verb), false)
        .await?;
    if done.plan.lifted.is_empty() {
        app.printer.note("there was no block to lift");
    }
    if args.no_protect {
        app.printer
            .note("without protection the next counted call may block again");
    }
    super::show(app, &engine, &done).await
}
