//! `weir enforce`.

pub(crate) mod check;
pub(crate) mod held;
pub(crate) mod mode;
pub(crate) mod release_all;
pub(crate) mod setup;
pub(crate) mod status;
