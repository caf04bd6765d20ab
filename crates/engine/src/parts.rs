//! Who loses or regains one tool or one model (rules Q1), beside those who lose or regain everything.

use std::collections::BTreeSet;

use weir_core::block::{Block, Denies, Force};
use weir_core::ids::UserId;
use weir_core::plan::Plan;
use weir_core::standing::Standing;

/// Blocks of one tool or one model of a user that newly deny something, no longer do, or are held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) blocked: BTreeSet<Denies>,
    pub(crate) released: BTreeSet<Denies>,
    pub(crate) held: BTreeSet<Denies>,
}

impl Parts {
    /// What a plan makes of a user's parts. Whoever is denied everything loses nothing more by a part,
    /// and regains nothing by it alone: `before` and `after` say whether they are.
    pub(crate) fn of(standing: &Standing, plan: &Plan, (before, after): (bool, bool)) -> Self {
        let is_own = |block: &&Block| block.denies.user() == Some(&standing.user) && is_part(block);
        let then: BTreeSet<&Denies> = standing
            .blocks
            .iter()
            .filter(|block| is_own(block) && block.is_in_force())
            .map(|block| &block.denies)
            .collect();
        let force = |block: &Block| {
            let revised = plan.revised.iter().find(|one| one.id == block.id);
            revised.map_or(block.force, |one| one.force)
        };
        let stays = |block: &&Block| plan.lifted.iter().all(|lift| lift.id != block.id);
        let blocks = || {
            let kept = standing.blocks.iter().filter(stays);
            kept.chain(&plan.opened).filter(is_own)
        };
        let now: BTreeSet<&Denies> = blocks()
            .filter(|block| force(block) == Force::InForce)
            .map(|block| &block.denies)
            .collect();
        let held = plan.opened.iter().filter(is_own);
        let held = held.filter(|block| block.is_held() && !now.contains(&block.denies));
        let cloned = |parts: Vec<&&Denies>| parts.into_iter().map(|part| (*part).clone()).collect();
        let mut parts = Self::default();
        if !after {
            parts.blocked = cloned(now.difference(&then).collect());
            parts.held = held.map(|block| block.denies.clone()).collect();
        }
        if !before {
            parts.released = cloned(then.difference(&now).collect());
        }
        parts
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.blocked.extend(other.blocked);
        self.released.extend(other.released);
        self.held.extend(other.held);
    }

    /// The users who lose one.
    pub(crate) fn losers(&self) -> impl Iterator<Item = &UserId> {
        self.blocked.iter().filter_map(Denies::user)
    }
}

fn is_part(block: &Block) -> bool {
    matches!(block.denies, Denies::Tool(..) | Denies::Model(..))
}

/// Each in words: `ana with cline`.
pub(crate) fn in_words(parts: &BTreeSet<Denies>) -> BTreeSet<String> {
    let words = |denies: &Denies| match denies {
        Denies::Tool(user, tool) => Some(format!("{user} with {tool}")),
        Denies::Model(user, model) => Some(format!("{user} with {model}")),
        Denies::User(_) | Denies::Team(_) => None,
    };
    parts.iter().filter_map(words).collect()
}
