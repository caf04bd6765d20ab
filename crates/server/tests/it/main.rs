//! The server through its public face: the router in process, and once over a real listener.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod document;
mod events;
mod feeds;
mod health;
mod listener;
mod office;
mod pages;
mod reads;
mod rights;
mod session;
mod world;
