//! Whether denials are written to AWS.

pub(super) mod set;
pub(super) mod show;
