//! `weir user update USER`

use weir_core::provision::{Change, Step};
use weir_engine::provision::UserUpdate;

use super::super::{Outcome, hands};
use crate::app::App;
use crate::args::UserUpdateArgs;

pub(crate) async fn run(app: &App, args: UserUpdateArgs) -> Outcome {
    let update = UserUpdate {
        person: args.person,
        team: args.team,
        email: args.email,
        login: match (args.login, args.no_login) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        },
    };
    let hands = hands::Hands::of(app).await?;
    let operator = hands.provisioner(app, &args.plan.by).await?;
    let plan = operator.plan_user_update(&args.user, &update).await?;
    let loses = |step: &Step| {
        matches!(
            step,
            Step::Aws(Change::RemoveFromGroup { .. } | Change::DeleteLogin { .. })
        )
    };
    let question = plan.steps.iter().any(loses).then_some(
        "Take away what is named here: a team's group with what it grants, or the password for the console?",
    );
    hands::carry_out(
        app,
        &operator,
        &plan,
        &args.plan,
        question,
        Some(&args.secret),
    )
    .await
}
