//! Whether everything arrives.

pub(super) mod read;
pub(super) mod show;
