//! `weir group info TEAM`

use weir_core::attribution::team_name;

use super::super::{Outcome, hands};
use crate::app::App;
use crate::args::GroupTeamArgs;
use crate::exit::{CliError, ExitStatus};
use crate::table::Page;
use crate::views::GroupView;

pub(crate) async fn run(app: &App, args: &GroupTeamArgs) -> Outcome {
    let hands = hands::Hands::of(app).await?;
    let found = hands.looking(app).await?.group(&args.team).await?;
    let Some(found) = found else {
        let team = &args.team;
        return Err(CliError::NotFound(format!(
            "there is no group of team {team}: `weir group create {team}` makes it"
        )));
    };
    let view = GroupView::of(&team_name(&args.team), &found);
    if app.printer.is_json() {
        app.printer.json(&view)?;
        return Ok(ExitStatus::Ok);
    }
    let list = |all: &[String]| {
        if all.is_empty() {
            "-".to_owned()
        } else {
            all.join(", ")
        }
    };
    let mut page = Page::default();
    page.field("group", &view.group);
    page.field("arn", &view.arn);
    page.field("team", &view.team);
    page.field("members", &hands::names(&view.members));
    match &view.grants {
        Some(grants) => {
            page.field("models", &list(&grants.models));
            page.field("profiles", &list(&grants.profiles));
            page.field("denied", &list(&grants.denied));
            page.field("left open", &list(&grants.open));
        }
        None => page.field(
            "grants",
            "no policy of Weir's: `weir group setup` writes one",
        ),
    }
    page.field("other policies", &list(&view.other_policies));
    app.printer.data(page.text())?;
    Ok(ExitStatus::Ok)
}
