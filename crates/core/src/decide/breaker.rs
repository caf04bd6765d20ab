//! The circuit breaker: what would newly block many users at once is held (rules Q10).

use crate::rulebook::Rulebook;
use crate::standing::Breaker;

/// How many more users may be blocked now.
pub(super) struct Allowance {
    left: u32,
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
        }
    }

    /// Whether so many users may lose access at once; if so, they are taken off.
    pub(super) fn admits(&mut self, members: u32) -> bool {
        let admitted = members <= self.left;
        if admitted {
            self.left -= members;
        }
        admitted
    }
}
