//! How fast somebody may try to log in: the more failures, the longer the pause before the next.

use jiff::{SignedDuration, Timestamp};

/// Failures in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// How many.
    pub failures: u32,
    /// The latest.
    pub last: Timestamp,
}

/// How attempts are slowed down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Failures without a pause.
    free: u32,
    /// The longest pause.
    longest: SignedDuration,
    /// Failures are forgotten after so long without another.
    memory: SignedDuration,
}

impl Pace {
    /// Of one account. The longest pause is short: whoever guesses at a name must not keep its owner
    /// out for long.
    pub const ACCOUNT: Self = Self {
        free: 5,
        longest: SignedDuration::from_secs(60),
        memory: SignedDuration::from_hours(24),
    };

    /// Of one address, whichever names it tries.
    pub const ADDRESS: Self = Self {
        free: 20,
        longest: SignedDuration::from_mins(15),
        memory: SignedDuration::from_hours(24),
    };

    /// When the next attempt is allowed; `None` is now.
    pub fn waits(&self, attempts: Attempts, now: Timestamp) -> Option<Timestamp> {
        let over = attempts.failures.checked_sub(self.free)?;
        // 1 s, 2 s, 4 s, …
        let pause = SignedDuration::from_secs(1_i64 << over.min(30)).min(self.longest);
        let next = attempts
            .last
            .saturating_add(pause)
            .unwrap_or(Timestamp::MAX);
        (next > now).then_some(next)
    }

    /// The failures with one more.
    #[must_use]
    pub fn after(&self, attempts: Option<Attempts>, now: Timestamp) -> Attempts {
        let remembered = attempts
            .filter(|before| now.duration_since(before.last) < self.memory)
            .map_or(0, |before| before.failures);
        Attempts {
            failures: remembered.saturating_add(1),
            last: now,
        }
    }
}
