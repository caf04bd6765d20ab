//! `weir import`.

pub(crate) mod legacy;
