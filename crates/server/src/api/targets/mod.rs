//! Where denials are made real.

pub(super) mod list;
pub(super) mod reconcile;
