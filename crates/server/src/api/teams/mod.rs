//! Teams.

pub(super) mod list;
pub(super) mod owner;
pub(super) mod show;
