//! `weir config`.

pub(crate) mod check;
pub(crate) mod show;
