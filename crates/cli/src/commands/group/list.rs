//! `weir group list`

use super::super::{Outcome, hands};
use crate::app::App;
use crate::exit::ExitStatus;
use crate::table::Table;
use crate::views::GroupView;

pub(crate) async fn run(app: &App) -> Outcome {
    let hands = hands::Hands::of(app).await?;
    let found = hands.looking(app).await?.groups().await?;
    let views: Vec<_> = (found.iter())
        .map(|(team, group)| GroupView::of(team, group))
        .collect();
    app.printer.rows(
        &views,
        "no groups of teams: `weir group create TEAM` makes one",
        table,
    )?;
    Ok(ExitStatus::Ok)
}

fn table(groups: &[GroupView]) -> Table {
    let mut table = Table::new(&[
        "team",
        "group",
        ">members",
        ">models",
        ">profiles",
        "left open",
    ]);
    for group in groups {
        let count = |of: Option<usize>| of.map_or("-".to_owned(), |count| count.to_string());
        let grants = group.grants.as_ref();
        let open = grants.map_or(String::new(), |grants| grants.open.join(", "));
        table.row([
            group.team.as_str(),
            &group.group,
            &group.members.len().to_string(),
            &count(grants.map(|grants| grants.models.len())),
            &count(grants.map(|grants| grants.profiles.len())),
            if open.is_empty() { "-" } else { &open },
        ]);
    }
    table
}
