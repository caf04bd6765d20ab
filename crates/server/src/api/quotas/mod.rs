//! Quotas as they are set.

pub(super) mod list;
