//! `weir audit`.

pub(crate) mod export;
pub(crate) mod list;
pub(crate) mod verify;
