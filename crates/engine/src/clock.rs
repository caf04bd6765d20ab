//! The clock: the only place that reads the wall.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct WallClock;

impl Clock for WallClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the wall clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still until it is told to go on, and refuses to run backwards.
#[derive(Debug)]
pub struct FakeClock(Mutex<Timestamp>);

impl FakeClock {
    /// A clock that shows `at`.
    pub fn at(at: Timestamp) -> Self {
        Self(Mutex::new(at))
    }

    /// Goes on.
    ///
    /// # Panics
    /// If the step is negative: time that runs backwards is a bug of the test.
    pub fn advance(&self, step: SignedDuration) {
        assert!(!step.is_negative(), "the clock does not run backwards");
        let mut now = self.lock();
        *now = now.saturating_add(step).unwrap_or(*now);
    }

    /// Goes on to an instant, or stays if that is past.
    pub fn advance_to(&self, at: Timestamp) {
        let mut now = self.lock();
        *now = (*now).max(at);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Timestamp> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *self.lock()
    }
}
