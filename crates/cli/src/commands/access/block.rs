//! `weir block USER`

use jiff::SignedDuration;
use weir_core::admin::Verb;
use weir_core::block::Until;

use super::super::Outcome;
use crate::app::App;
use crate::args::BlockArgs;

/// How long a block lasts that names no end: exactly 24 hours (rules B2).
const DEFAULT: SignedDuration = SignedDuration::from_hours(24);

pub(crate) async fn run(app: &App, args: &BlockArgs) -> Outcome {
    let (engine, user) = super::engine(app, &args.user).await?;
    let rules = engine.rules().await?;
    let now = engine.now();
    let (for_, until) = (args.for_.as_deref(), args.until.as_deref());
    let until = super::until(for_, until, args.indefinite, now, &rules.zone)?
        .unwrap_or_else(|| Until::At(now.saturating_add(DEFAULT).unwrap_or(now)));
    let command = super::command(app, user, &args.by, &args.reason, Verb::Block { until });
    let done = engine.administer(command, args.force).await?;
    super::show(app, &engine, &done).await
}
