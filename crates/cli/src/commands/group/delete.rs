//! `weir group delete TEAM`

use super::super::{Outcome, hands};
use crate::app::App;
use crate::args::GroupDeleteArgs;

pub(crate) async fn run(app: &App, args: GroupDeleteArgs) -> Outcome {
    let hands = hands::Hands::of(app).await?;
    let operator = hands.provisioner(app, &args.plan.by).await?;
    let plan = operator.plan_group_deletion(&args.team).await?;
    let question = Some("Delete the group, so that its members lose what it grants?");
    hands::carry_out(app, &operator, &plan, &args.plan, question, None).await
}
