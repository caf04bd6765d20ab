//! `weir protect USER`

use weir_core::admin::{Verb, end_of_day};
use weir_core::block::Until;

use super::super::Outcome;
use crate::app::App;
use crate::args::ProtectArgs;
use crate::exit::CliError;

pub(crate) async fn run(app: &App, args: &ProtectArgs) -> Outcome {
    if args.up_to.is_some_and(|percent| percent <= 100) {
        return Err(CliError::Usage(
            "--up-to: a protection ends beyond more than 100 percent of a limit, e.g. 150"
                .to_owned(),
        ));
    }
    let (engine, user) = super::engine(app, &args.user).await?;
    let rules = engine.rules().await?;
    let now = engine.now();
    let (for_, until) = (args.for_.as_deref(), args.until.as_deref());
    let until = super::until(for_, until, args.indefinite, now, &rules.zone)?
        .unwrap_or_else(|| Until::At(end_of_day(now, &rules.zone)));
    let verb = Verb::Protect {
        until,
        up_to_percent: args.up_to,
    };
    let command = super::command(app, user, &args.by, &args.reason, verb);
    let done = engine.administer(command, false).await?;
    super::show(app, &engine, &done).await
}
