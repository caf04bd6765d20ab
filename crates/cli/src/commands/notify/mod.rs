//! `weir notify`.

pub(crate) mod preview;
