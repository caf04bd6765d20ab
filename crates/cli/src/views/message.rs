//! What became of a message.

use std::collections::BTreeMap;

use weir_server::forms::Message;

/// `2 sent, 1 skipped`, or why there are no letters.
pub(crate) fn outcome(message: &Message) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for letter in &message.letters {
        *counts.entry(&letter.state).or_default() += 1;
    }
    if counts.is_empty() {
        return message.reason.clone().unwrap_or_default();
    }
    let counts = counts
        .iter()
        .map(|(state, count)| format!("{count} {state}"));
    counts.collect::<Vec<_>>().join(", ")
}
