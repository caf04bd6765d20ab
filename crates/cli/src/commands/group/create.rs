//! `weir group create TEAM` and `weir group setup TEAM`

use weir_engine::provision::Wish;

use super::super::{Outcome, hands};
use crate::app::App;
use crate::args::GroupCreateArgs;

/// With `replace`, a group that is there is changed.
pub(crate) async fn run(app: &App, args: GroupCreateArgs, replace: bool) -> Outcome {
    let wish = Wish {
        models: args.grant.allow_models,
        profiles: args.grant.profiles,
        open: args.open.open,
    };
    let hands = hands::Hands::of(app).await?;
    let operator = hands.provisioner(app, &args.plan.by).await?;
    let grant = if wish.is_empty() {
        None
    } else {
        Some(operator.grant(&wish, &*hands.aws.directory).await?)
    };
    let plan = operator.plan_group(&args.team, grant, replace).await?;
    let question = replace.then_some("Change what the team may call?");
    hands::carry_out(app, &operator, &plan, &args.plan, question, None).await
}
