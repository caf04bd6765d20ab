//! What was used.

pub(super) mod list;
