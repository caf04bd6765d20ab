//! What an operator of one team may see.

use std::collections::BTreeSet;

use weir_core::attribution::team_name;
use weir_core::ids::{TeamId, UserId};
use weir_core::operator::Within;

use super::Api;
use crate::problem::Problem;

const PAGE: u32 = 500;

/// The team to ask about: the one that was asked for, within reach; else the only one within reach.
pub(super) fn asked(within: &Within, asked: Option<&str>) -> Result<Option<TeamId>, Problem> {
    let Some(asked) = asked.map(team_name) else {
        return Ok(within.team().cloned());
    };
    if within.holds(&asked) {
        return Ok(Some(asked));
    }
    Err(Problem::new(
        axum::http::StatusCode::FORBIDDEN,
        "the role team sees its own team alone: leave `team` out",
    ))
}

/// Who is in a team now.
pub(super) async fn members(api: &Api, team: &TeamId) -> Result<BTreeSet<UserId>, Problem> {
    let mut members = BTreeSet::new();
    let mut after = None;
    loop {
        let page = api.engine.store().users(Some(team), after.as_ref(), PAGE);
        let page = page.await.map_err(Problem::of_store)?;
        let full = page.len() >= PAGE as usize;
        after = page.last().map(|row| row.user.clone());
        members.extend(page.into_iter().map(|row| row.user));
        if !full {
            return Ok(members);
        }
    }
}
