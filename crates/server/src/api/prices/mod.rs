//! Prices.

pub(super) mod list;
pub(super) mod reprice;
pub(super) mod set;
pub(super) mod show;
pub(super) mod state;
pub(super) mod unset;
