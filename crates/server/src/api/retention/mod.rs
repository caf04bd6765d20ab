//! How long what is kept.

pub(super) mod run;
pub(super) mod show;
