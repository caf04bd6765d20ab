//! What it costs.

mod models;
pub(super) mod show;
