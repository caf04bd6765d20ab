//! `weir import`.

mod denies;
pub(crate) mod legacy;
