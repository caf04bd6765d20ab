//! `weir login`, `logout` and `whoami`: who we are at a server.

pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod whoami;
