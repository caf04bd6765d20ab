//! `weir user create-key`, `keys`, `bind-key`, `revoke-key`, `rotate-key`, `enable-key`, `disable-key`

use jiff::Timestamp;
use weir_core::calendar::Zone;
use weir_core::ids::KeyId;

use super::super::{Outcome, hands};
use crate::app::App;
use crate::args::{BindKeyArgs, CreateKeyArgs, KeyArgs, RotateKeyArgs, UserInfoArgs};
use crate::exit::ExitStatus;
use crate::table::{Table, or_dash};
use crate::views::KeyView;

pub(crate) async fn create(app: &App, args: CreateKeyArgs) -> Outcome {
    let hands = hands::Hands::of(app).await?;
    let operator = hands.provisioner(app, &args.plan.by).await?;
    let plan = operator
        .plan_key(&args.user, &args.tool, args.kind, args.expires)
        .await?;
    hands::carry_out(app, &operator, &plan, &args.plan, None, Some(&args.secret)).await
}

pub(crate) async fn list(app: &App, args: &UserInfoArgs) -> Outcome {
    let hands = hands::Hands::of(app).await?;
    let keys = hands.looking(app).await?.keys(&args.user).await?;
    let zone = &hands.engine().rules().await?.zone;
    let views: Vec<_> = keys.iter().map(KeyView::of).collect();
    app.printer.rows(
        &views,
        "no keys: `weir user create-key USER TOOL` makes one",
        |keys| table(keys, zone),
    )?;
    Ok(ExitStatus::Ok)
}

pub(crate) fn table(keys: &[KeyView], zone: &Zone) -> Table {
    let shown = |at: Option<Timestamp>| at.map(|at| zone.display(at));
    let mut table = Table::new(&["key", "kind", "tool", "status", "iam user", "made", "ends"]);
    for key in keys {
        table.row([
            key.key.as_str(),
            key.kind,
            or_dash(key.tool.as_deref()),
            key.status,
            &key.iam_user,
            or_dash(shown(key.created).as_deref()),
            or_dash(shown(key.expires).as_deref()),
        ]);
    }
    table
}

pub(crate) async fn bind(app: &App, args: BindKeyArgs) -> Outcome {
    let hands = hands::Hands::of(app).await?;
    let operator = hands.provisioner(app, &args.plan.by).await?;
    let key = KeyId::new(args.key.trim());
    let plan = operator.plan_binding(&args.user, &key, &args.tool).await?;
    hands::carry_out(app, &operator, &plan, &args.plan, None, None).await
}

pub(crate) async fn revoke(app: &App, args: KeyArgs) -> Outcome {
    let hands = hands::Hands::of(app).await?;
    let operator = hands.provisioner(app, &args.plan.by).await?;
    let key = KeyId::new(args.key.trim());
    let plan = operator.plan_revocation(&args.user, &key).await?;
    let question = Some("Delete the key? Whoever uses it is cut off");
    hands::carry_out(app, &operator, &plan, &args.plan, question, None).await
}

pub(crate) async fn switch(app: &App, args: KeyArgs, active: bool) -> Outcome {
    let hands = hands::Hands::of(app).await?;
    let operator = hands.provisioner(app, &args.plan.by).await?;
    let key = KeyId::new(args.key.trim());
    let plan = operator.plan_key_state(&args.user, &key, active).await?;
    hands::carry_out(app, &operator, &plan, &args.plan, None, None).await
}

pub(crate) async fn rotate(app: &App, args: RotateKeyArgs) -> Outcome {
    let hands = hands::Hands::of(app).await?;
    let operator = hands.provisioner(app, &args.plan.by).await?;
    let key = KeyId::new(args.key.trim());
    let plan = operator
        .plan_rotation(&args.user, &key, args.expires, args.at_once)
        .await?;
    let question = args.at_once.then_some("Delete the old key now?");
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
