//! In and out, and who is in.

pub(super) mod login;
pub(super) mod logout;
pub(super) mod me;
pub(super) mod password;
