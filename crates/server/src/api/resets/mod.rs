//! Runs of the daily reset.

pub(super) mod list;
pub(super) mod run;
