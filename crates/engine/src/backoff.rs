//! When to try again: a function of what is tried and how often, so that a test can tell.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::SignedDuration;
use weir_core::access::TargetKey;

const FIRST: SignedDuration = SignedDuration::from_secs(1);
const LONGEST: SignedDuration = SignedDuration::from_mins(5);

/// The pause after that many attempts: it doubles from a second to five minutes, and between half
/// of it and all of it is taken, so that targets that failed together do not come back together.
pub(crate) fn pause(target: &TargetKey, attempts: u32) -> SignedDuration {
    let doubled = FIRST.checked_mul(1 << attempts.min(16)).unwrap_or(LONGEST);
    let whole = doubled.min(LONGEST).as_millis();
    let mut hasher = DefaultHasher::new();
    (target, attempts).hash(&mut hasher);
    let share = i128::from(hasher.finish() % 1_001);
    let millis = whole / 2 + whole / 2 * share / 1_000;
    SignedDuration::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}
