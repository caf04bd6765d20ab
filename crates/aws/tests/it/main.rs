//! Tests of the adapters. Those under `moto::` need a local AWS: run them with
//! `scripts/with-services.sh cargo nextest run --profile ci -p weir-aws`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that fails panics"
)]

mod errors;
mod moto;
mod rights;
