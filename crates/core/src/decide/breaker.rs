//! The circuit breaker: what would newly block many users at once is held (rules Q10).
//!
//! It counts users who lose access, not blocks: whoever is denied already, or was admitted a moment
//! ago in the same plan, loses nothing more.

use std::collections::BTreeSet;

use crate::ids::TeamId;
use crate::rulebook::Rulebook;
use crate::standing::Breaker;

/// How many more users may be blocked now.
pub(super) struct Allowance {
    left: u32,
    /// Teams whose members lose access by this plan.
    teams: BTreeSet<TeamId>,
}

impl Allowance {
    pub(super) fn new(breaker: Breaker, rules: &Rulebook) -> Self {
        let most = rules
            .settings
            .enforcement
            .max_new_blocks
            .unwrap_or_else(|| 5.max(breaker.active.div_ceil(20)));
        Self {
            left: most.saturating_sub(breaker.recent),
            teams: BTreeSet::new(),
        }
    }

    /// Whether one more user may lose access; if so, the user is taken off.
    pub(super) fn admits_user(&mut self) -> bool {
        self.admits(1)
    }

    /// Whether so many members of a team may lose access at once; if so, they are taken off.
    pub(super) fn admits_team(&mut self, team: &TeamId, members: u32) -> bool {
        let admitted = self.admits(members);
        if admitted {
            self.teams.insert(team.clone());
        }
        admitted
    }

    /// Whether the members of the team are taken off already.
    pub(super) fn has_admitted(&self, team: &TeamId) -> bool {
        self.teams.contains(team)
    }

    fn admits(&mut self, users: u32) -> bool {
        let admitted = users <= self.left;
        if admitted {
            self.left -= users;
        }
        admitted
    }
}
