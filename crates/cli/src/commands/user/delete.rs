//! `weir user delete USER`

use super::super::{Outcome, hands};
use crate::app::App;
use crate::args::UserDeleteArgs;

pub(crate) async fn run(app: &App, args: UserDeleteArgs) -> Outcome {
    let hands = hands::Hands::of(app).await?;
    let operator = hands.provisioner(app, &args.plan.by).await?;
    let plan = operator.plan_user_deletion(&args.user).await?;
    let question = Some("Delete the IAM user with all its keys?");
    hands::carry_out(app, &operator, &plan, &args.plan, question, None).await
}
