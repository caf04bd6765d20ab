//! Whether everything arrives.

pub(super) mod show;
