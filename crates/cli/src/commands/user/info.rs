//! `weir user info USER`

use serde::Serialize;
use weir_core::calendar::Zone;
use weir_core::rulebook::UserClass;
use weir_engine::provision::UserInfo;

use super::super::{Outcome, hands};
use super::keys;
use crate::app::App;
use crate::args::UserInfoArgs;
use crate::exit::ExitStatus;
use crate::table::{Page, or_dash};
use crate::views::{IamUserView, KeyView};

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct View {
    user_id: String,
    team: Option<String>,
    person: Option<String>,
    email: Option<String>,
    language: Option<String>,
    class: Option<&'static str>,
    iam_users: Vec<IamUserView>,
    keys: Vec<KeyView>,
}

pub(crate) async fn run(app: &App, args: &UserInfoArgs) -> Outcome {
    let hands = hands::Hands::of(app).await?;
    let info = hands.looking(app).await?.user(&args.user).await?;
    let zone = &hands.engine().rules().await?.zone;
    let UserInfo {
        user,
        said,
        found,
        others,
        keys,
    } = info;
    let iam_users = found.iter().chain(&others);
    let view = View {
        user_id: user.to_string(),
        team: said.team.map(|team| team.to_string()),
        person: said.person,
        email: said.email,
        language: said.language,
        class: said.class.map(UserClass::as_str),
        iam_users: iam_users.map(IamUserView::of).collect(),
        keys: keys.iter().map(KeyView::of).collect(),
    };
    if app.printer.is_json() {
        app.printer.json(&view)?;
        return Ok(ExitStatus::Ok);
    }
    app.printer.data(page(&view, zone).text())?;
    Ok(ExitStatus::Ok)
}

fn page(view: &View, zone: &Zone) -> Page {
    let mut page = Page::default();
    page.field("user", &view.user_id);
    page.field("person", or_dash(view.person.as_deref()));
    page.field("team", or_dash(view.team.as_deref()));
    page.field("e-mail", or_dash(view.email.as_deref()));
    page.field("class", or_dash(view.class));
    for one in &view.iam_users {
        page.line("");
        page.field("iam user", &one.name);
        page.field("arn", &one.arn);
        page.field("id", &one.id);
        page.field(
            "made",
            or_dash(one.created.map(|at| zone.display(at)).as_deref()),
        );
        page.field(
            "console",
            if one.login {
                "has a password"
            } else {
                "no password"
            },
        );
        page.field("mfa devices", &one.mfa_devices.to_string());
        page.field("groups", or_dash(Some(&one.groups.join(", "))));
        page.field("policies", or_dash(Some(&one.policies.join(", "))));
    }
    if view.iam_users.is_empty() {
        page.field("iam user", "none");
    }
    if !view.keys.is_empty() {
        page.table(&keys::table(&view.keys, zone));
    }
    page
}
