//! `weir policy attach NAME` and `weir policy detach NAME`

use weir_core::provision::Holder;

use super::super::{Outcome, hands};
use crate::app::App;
use crate::args::{HolderArgs, PolicyAttachArgs};
use crate::exit::CliError;

pub(crate) async fn run(app: &App, args: PolicyAttachArgs, attached: bool) -> Outcome {
    let holder = match args.holder {
        HolderArgs {
            user: Some(user), ..
        } => Holder::User(user),
        HolderArgs {
            team: Some(team), ..
        } => Holder::Group(team),
        HolderArgs {
            role: Some(role), ..
        } => Holder::Role(role),
        HolderArgs {
            user: None,
            team: None,
            role: None,
        } => return Err(CliError::Usage("give --user, --team or --role".to_owned())),
    };
    let hands = hands::Hands::of(app).await?;
    let operator = hands.provisioner(app, &args.plan.by).await?;
    let plan = operator
        .plan_attachment(&args.name, holder, attached)
        .await?;
    let question = (!attached).then_some("Detach the policy?");
    hands::carry_out(app, &operator, &plan, &args.plan, question, None).await
}
