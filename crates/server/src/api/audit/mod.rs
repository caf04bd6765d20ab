//! The record of everything.

pub(super) mod list;
