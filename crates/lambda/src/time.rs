//! How much time an invocation has.

use std::time::Duration;

use jiff::Timestamp;
use lambda_runtime::Context;

/// What is left for the answer, at most.
const MARGIN: Duration = Duration::from_secs(1);
/// The longest that Lambda lets a function run.
const LONGEST: Duration = Duration::from_mins(15);

/// The time until the deadline, less what the answer needs.
pub(crate) fn left(context: &Context, now: Timestamp) -> Duration {
    let deadline = i64::try_from(context.deadline).unwrap_or(i64::MAX);
    let left = deadline.saturating_sub(now.as_millisecond());
    let left = Duration::from_millis(u64::try_from(left).unwrap_or(0)).min(LONGEST);
    left.saturating_sub(MARGIN.min(left / 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_of_the_time_and_at_most_a_second_is_for_the_answer() {
        let now = Timestamp::from_millisecond(1_000_000).unwrap();
        for (deadline, want) in [
            (1_003_000, 2_700),
            (1_060_000, 59_000),
            (1_000_000, 0),
            (0, 0),
            (u64::MAX, 899_000),
        ] {
            let mut context = Context::default();
            context.deadline = deadline;
            assert_eq!(
                left(&context, now),
                Duration::from_millis(want),
                "{deadline}"
            );
        }
    }
}
