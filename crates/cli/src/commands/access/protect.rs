//! `weir protect USER`

use weir_config::Needs;
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
    let (backend, by) = app.deciding(Needs::Decides, &args.by).await?;
    let (now, zone) = (backend.now(), backend.zone().await?);
    let (for_, until) = (args.for_.as_deref(), args.until.as_deref());
    let until = super::until(for_, until, args.indefinite, now, &zone)?
        .unwrap_or_else(|| Until::At(end_of_day(now, &zone)));
    let verb = Verb::Protect {
        until,
        up_to_percent: args.up_to,
    };
    let command = super::command(&args.user, by, &args.reason, verb);
    let done = backend.administer(command, false).await?;
    super::show(app, &backend, &done).await
}
