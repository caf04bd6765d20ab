//! `weir policy delete NAME`

use super::super::{Outcome, hands};
use crate::app::App;
use crate::args::PolicyDeleteArgs;

pub(crate) async fn run(app: &App, args: PolicyDeleteArgs) -> Outcome {
    let hands = hands::Hands::of(app).await?;
    let operator = hands.provisioner(app, &args.plan.by).await?;
    let plan = operator.plan_policy_deletion(&args.name).await?;
    let question = Some("Delete the policy, so that whoever holds it loses what it grants?");
    hands::carry_out(app, &operator, &plan, &args.plan, question, None).await
}
