//! `weir pricing`.

pub(crate) mod list;
pub(crate) mod reprice;
pub(crate) mod set;
pub(crate) mod show;
pub(crate) mod unset;
