//! Where denials are made real.

pub(super) mod list;
