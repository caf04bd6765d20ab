//! `weir user`.

pub(crate) mod confirm;
pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod set;
pub(crate) mod show;
pub(crate) mod since;
