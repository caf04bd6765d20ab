//! The real binary on `SQLite` files of its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod config;
mod demo;
mod forget;
mod help;
mod ingest;
mod init;
mod mariadb;
mod moto;
mod notify;
mod operators;
mod people;
mod quota;
mod remote;
mod report;
mod reset;
mod serve;
mod served;
mod sso;
mod tls;
mod tools;
mod traces;
mod world;
