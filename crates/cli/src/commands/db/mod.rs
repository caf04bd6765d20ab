//! `weir db`.

pub(crate) mod migrate;
pub(crate) mod status;
