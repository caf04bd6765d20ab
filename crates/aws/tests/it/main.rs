//! Tests of the adapters. Those under `moto::` need a local AWS, those under
//! `smtp::` a mail server: run them with
//! `scripts/with-services.sh cargo nextest run --profile ci -p weir-aws`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that fails panics"
)]

mod channels;
mod cloudwatch;
mod errors;
mod moto;
mod regions;
mod rights;
mod smtp;
mod webhooks;
