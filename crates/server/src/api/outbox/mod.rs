//! What people were told.

pub(super) mod list;
pub(super) mod retry;
pub(super) mod show;
