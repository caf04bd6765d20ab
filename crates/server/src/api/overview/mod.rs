//! How it is right now.

mod alerts;
pub(super) mod show;
