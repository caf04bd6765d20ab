//! `weir notify`.

pub(crate) mod preview;
pub(crate) mod test;
