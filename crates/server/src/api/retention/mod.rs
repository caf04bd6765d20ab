//! How long what is kept.

pub(crate) mod run;
pub(super) mod show;
