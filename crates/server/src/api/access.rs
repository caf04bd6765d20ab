//! Who loses and who regains access by something.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::ids::{TeamId, UserId};
use weir_engine::Preview;

/// Who loses and who regains access.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct Access {
    /// Users who lose access.
    pub blocked: Vec<String>,
    /// Users who regain it.
    pub released: Vec<String>,
    /// Users who would be blocked, but the breaker holds it.
    pub held: Vec<String>,
    /// Teams whose total is blocked; their members follow.
    pub teams: Vec<String>,
    /// Who loses one tool or one model: `ana with cline`.
    pub blocked_in_part: Vec<String>,
    /// Who regains one.
    pub released_in_part: Vec<String>,
    /// Who would lose one, but the breaker holds it.
    pub held_in_part: Vec<String>,
}

impl Access {
    /// As the engine foresaw or found it.
    pub fn of(effect: &Preview) -> Self {
        let Preview {
            blocked,
            released,
            held,
            teams,
            blocked_in_part,
            released_in_part,
            held_in_part,
        } = effect;
        let names = |users: &BTreeSet<UserId>| users.iter().map(UserId::to_string).collect();
        let texts = |parts: &BTreeSet<String>| parts.iter().cloned().collect();
        Self {
            blocked: names(blocked),
            released: names(released),
            held: names(held),
            teams: teams.iter().map(TeamId::to_string).collect(),
            blocked_in_part: texts(blocked_in_part),
            released_in_part: texts(released_in_part),
            held_in_part: texts(held_in_part),
        }
    }

    /// What it was made of.
    pub fn preview(&self) -> Preview {
        let users = |names: &[String]| names.iter().map(UserId::new).collect();
        let parts = |texts: &[String]| texts.iter().cloned().collect();
        Preview {
            blocked: users(&self.blocked),
            released: users(&self.released),
            held: users(&self.held),
            teams: self.teams.iter().map(TeamId::new).collect(),
            blocked_in_part: parts(&self.blocked_in_part),
            released_in_part: parts(&self.released_in_part),
            held_in_part: parts(&self.held_in_part),
        }
    }
}
