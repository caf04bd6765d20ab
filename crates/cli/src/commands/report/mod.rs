//! `weir status`, `usage`, `invocation` and `blocks`.

pub(crate) mod blocks;
pub(crate) mod coverage;
pub(crate) mod invocation;
pub(crate) mod status;
pub(crate) mod usage;
