//! Weir as three Lambda functions. Each binary is one call of [`main`] with its [`Role`]: the start is
//! shared, and so is what a function does with an event that it cannot take.
//!
//! - [`Role::Controller`], `bedrock-realtime-usage-controller`: whatever AWS sends about calls is
//!   counted, decided and made real; administrators' operations (rules 11); the tick of every minute.
//! - [`Role::Reset`], `bedrock-daily-reset`: rules 9.
//! - [`Role::Mailer`], `bedrock-email-service`: renders messages and sends them by mail.
//!
//! No function migrates the database, and none logs a payload.

mod controller;
mod failure;
mod mailer;
mod reset;
mod start;
mod time;

pub use start::{Role, main};
