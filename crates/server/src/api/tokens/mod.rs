//! What scripts present.

pub(super) mod list;
