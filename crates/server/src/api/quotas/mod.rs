//! Quotas as they are set.

pub(super) mod edit;
pub(super) mod list;
