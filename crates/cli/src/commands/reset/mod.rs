//! `weir reset`

pub(super) mod history;
pub(super) mod run;
