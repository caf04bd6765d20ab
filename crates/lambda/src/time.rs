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

/// When no effect is to be begun or waited for any more, of an invocation that has so much time: what is
/// under way then has to be put on record, and figures of it are still to be told.
pub(crate) fn effects(time: Duration) -> Duration {
    time.saturating_sub(Duration::from_secs(4).min(time / 4))
}

/// When whatever is not done is given up, so that figures can be told.
pub(crate) fn work(time: Duration) -> Duration {
    time.saturating_sub(Duration::from_secs(2).min(time / 8))
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

    #[test]
    fn effects_end_before_the_work_and_the_work_before_the_figures() {
        for (time, for_effects, for_work) in [
            (0, 0, 0),
            (2_000, 1_500, 1_750),
            (16_000, 12_000, 14_000),
            (59_000, 55_000, 57_000),
        ] {
            let time = Duration::from_millis(time);
            let ends = (effects(time).as_millis(), work(time).as_millis());
            assert_eq!(ends, (for_effects, for_work), "{time:?}");
        }
    }
}
