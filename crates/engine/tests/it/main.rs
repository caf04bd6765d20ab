//! Tests of the engine through its public face.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that fails panics"
)]

mod blocking;
mod canary;
mod chromium;
mod counting;
mod coverage;
mod doctor;
mod effects;
mod fake;
mod forget;
mod history;
mod in_time;
mod keys;
mod letters;
mod metrics;
mod modes;
mod owners;
mod policies;
mod quota_try;
mod repricing;
mod reset;
mod rules;
mod succession;
mod telling;
mod world;
