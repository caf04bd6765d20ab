//! Who is denied what.

pub(super) mod create;
pub(super) mod held;
pub(super) mod list;
