//! `weir token`: what scripts present.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;
