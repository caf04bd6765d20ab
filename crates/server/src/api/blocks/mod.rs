//! Who is denied what.

pub(super) mod create;
pub(super) mod end;
pub(super) mod held;
pub(super) mod list;
