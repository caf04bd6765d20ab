//! `weir outbox`.

pub(crate) mod list;
pub(crate) mod retry;
pub(crate) mod show;
