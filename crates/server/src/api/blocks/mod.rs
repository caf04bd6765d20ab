//! Who is denied what.

pub(super) mod list;
