//! Who is denied what.

pub(super) mod create;
pub(super) mod end;
pub(super) mod list;
