//! Quotas as they are set.

pub(super) mod edit;
pub(super) mod import;
pub(super) mod list;
pub(super) mod suggest;
pub(super) mod trial;
