//! Commands that work through a server.

pub(crate) mod alike;
mod login;
mod roles;
mod trouble;
mod upkeep;
