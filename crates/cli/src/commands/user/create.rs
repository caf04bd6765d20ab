//! `weir user create USER PERSON TEAM`

use weir_engine::provision::NewUser;

use super::super::{Outcome, hands};
use crate::app::App;
use crate::args::UserCreateArgs;

pub(crate) async fn run(app: &App, args: UserCreateArgs) -> Outcome {
    let new = NewUser {
        name: args.user,
        person: args.person,
        team: args.team,
        email: args.email,
        language: args.language,
        login: args.login,
    };
    let hands = hands::Hands::of(app).await?;
    let operator = hands.provisioner(app, &args.plan.by).await?;
    let plan = operator.plan_user(&new).await?;
    hands::carry_out(app, &operator, &plan, &args.plan, None, Some(&args.secret)).await
}
