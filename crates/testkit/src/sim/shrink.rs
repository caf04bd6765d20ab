//! From a long story that fails to a short one.

use super::op::{Op, Story};
use super::{Failure, play};

/// So many attempts are made at most.
const ATTEMPTS: u32 = 600;

/// Takes operations out of a failing story, halves first, then one by one, then records out of
/// deliveries, for as long as what is left still fails.
pub fn shrink(story: &Story, failure: Failure) -> (Story, Failure) {
    let mut best = (story.clone(), failure);
    best.0.ops.truncate(best.1.at + 1);
    let mut attempts = 0;
    let mut try_without = |best: &mut (Story, Failure), story: Story| {
        attempts += 1;
        if attempts > ATTEMPTS {
            return false;
        }
        match play(&story) {
            Ok(()) => false,
            Err(failure) => {
                let mut story = story;
                story.ops.truncate(failure.at + 1);
                *best = (story, failure);
                true
            }
        }
    };
    let mut size = best.0.ops.len() / 2;
    while size >= 1 {
        let mut at = best.0.ops.len().saturating_sub(size);
        let mut removed = false;
        loop {
            let mut shorter = best.0.clone();
            let end = (at + size).min(shorter.ops.len());
            shorter.ops.drain(at.min(end)..end);
            removed |= try_without(&mut best, shorter);
            if at == 0 {
                break;
            }
            at = at.saturating_sub(size).min(best.0.ops.len());
        }
        if size > 1 || !removed {
            size /= 2;
        }
    }
    thin(&mut best, &mut try_without);
    best
}

/// Takes single records out of deliveries.
fn thin(
    best: &mut (Story, Failure),
    try_without: &mut dyn FnMut(&mut (Story, Failure), Story) -> bool,
) {
    let mut at = 0;
    while at < best.0.ops.len() {
        let Op::Deliver(records) = &best.0.ops[at] else {
            at += 1;
            continue;
        };
        let mut record = records.len();
        while record > 0 {
            record -= 1;
            let mut shorter = best.0.clone();
            let Some(Op::Deliver(records)) = shorter.ops.get_mut(at) else {
                break;
            };
            if records.len() > 1 && record < records.len() {
                records.remove(record);
                try_without(best, shorter);
            }
        }
        at += 1;
    }
}
