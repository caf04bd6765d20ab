//! `weir policy info NAME`

use super::super::{Outcome, hands};
use crate::app::App;
use crate::args::PolicyNameArgs;
use crate::exit::ExitStatus;
use crate::table::{Page, or_dash};
use crate::views::PolicyView;

pub(crate) async fn run(app: &App, args: &PolicyNameArgs) -> Outcome {
    let hands = hands::Hands::of(app).await?;
    let view = PolicyView::of(hands.looking(app).await?.policy(&args.name).await?);
    if app.printer.is_json() {
        app.printer.json(&view)?;
        return Ok(ExitStatus::Ok);
    }
    let mut page = Page::default();
    page.field("policy", &view.name);
    page.field("arn", &view.arn);
    page.field("about", or_dash(view.description.as_deref()));
    page.field("in force", or_dash(view.in_force.as_deref()));
    page.field("versions", &view.versions.join(", "));
    page.field("users", &hands::names(&view.users));
    page.field("groups", or_dash(Some(&view.groups.join(", "))));
    page.field("roles", or_dash(Some(&view.roles.join(", "))));
    page.line("");
    page.line(&format!("{:#}", view.text));
    app.printer.data(page.text())?;
    Ok(ExitStatus::Ok)
}
