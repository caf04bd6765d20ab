//! `weir block USER`

use jiff::SignedDuration;
use weir_config::Needs;
use weir_core::admin::Verb;
use weir_core::block::Until;

use super::super::Outcome;
use crate::app::App;
use crate::args::BlockArgs;

/// How long a block lasts that names no end: exactly 24 hours (rules B2).
const DEFAULT: SignedDuration = SignedDuration::from_hours(24);

pub(crate) async fn run(app: &App, args: &BlockArgs) -> Outcome {
    let (backend, by) = app.deciding(Needs::Decides, &args.by).await?;
    let now = backend.now();
    let (for_, until) = (args.for_.as_deref(), args.until.as_deref());
    let until = super::until(for_, until, args.indefinite, now, &backend.zone().await?)?
        .unwrap_or_else(|| Until::At(now.saturating_add(DEFAULT).unwrap_or(now)));
    let command = super::command(&args.user, by, &args.reason, Verb::Block { until });
    let done = backend.administer(command, args.force).await?;
    super::show(app, &backend, &done).await
}
