//! `weir retention`

pub(super) mod run;
pub(super) mod show;
