//! The real binaries under the Runtime API. Where the server behind them is not the point, the database
//! is a `SQLite` file; modules of the names of servers need them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod bad_input;
mod controller;
mod mailer;
mod manual;
mod moto;
mod mysql;
mod reset;
mod smtp;
mod start;
mod world;
