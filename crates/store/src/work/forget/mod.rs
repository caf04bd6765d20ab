//! Forgetting a user: what there is of it, what moves to a pseudonym, and what leaves.

pub(crate) mod leave;
pub(crate) mod texts;
pub(crate) mod totals;
pub(crate) mod traces;

/// What messages, warnings and incidents about a user are filed under.
fn subject(names: &weir_core::forget::Names) -> String {
    format!("user:{}", names.user())
}
