//! Runs of the daily reset.

pub(super) mod list;
