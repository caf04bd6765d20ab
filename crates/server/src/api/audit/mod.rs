//! The record of everything.

pub(super) mod list;
pub(super) mod verify;
