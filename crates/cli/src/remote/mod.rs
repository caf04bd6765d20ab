//! A server that commands may work through instead of a database: where it is, who we are there, and how
//! it is asked (`docs/decisions/0025-the-command-line-over-the-api.md`).

mod address;
mod ask;
mod client;
mod logins;
mod place;
mod refusal;

pub(crate) use address::Address;
pub(crate) use ask::Ask;
pub(crate) use client::{Client, Credential};
pub(crate) use logins::{Login, Logins};
pub(crate) use place::{Named, Place};
