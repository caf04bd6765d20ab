//! What Weir decides: the vocabulary, the reading of what AWS sends, prices, quotas and plans.
//!
//! Nothing here does IO, reads a clock, draws a random number or touches money with a float: time
//! and ids arrive as arguments, and every decision is a function of data.
#![deny(clippy::float_arithmetic)]

// What fuzz targets and tests share names this crate from outside.
#[cfg(test)]
extern crate self as weir_core;

pub mod access;
pub mod admin;
pub mod attribution;
pub mod audit;
pub mod block;
pub mod calendar;
pub mod counter;
pub mod coverage;
pub mod decide;
pub mod duration;
pub mod evidence;
pub mod forecast;
pub mod forget;
pub mod history;
pub mod ids;
pub mod incident;
pub mod instant;
pub mod intake;
pub mod invocation;
pub mod leak;
pub mod message;
pub mod model;
pub mod money;
pub mod operator;
pub mod outbox;
pub mod people;
pub mod plan;
pub mod policy_doc;
pub mod pricing;
pub mod provision;
pub mod pseudonym;
pub mod quota;
pub mod quota_text;
pub mod record;
pub mod replaced;
pub mod reset;
pub mod rulebook;
pub mod secret;
pub mod standing;
pub mod suggest;
pub mod tokens;
pub mod trust;
pub mod ways;

pub use jiff::Timestamp;
