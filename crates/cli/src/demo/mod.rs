//! Made-up data for `weir demo`: an organisation, what it calls, and what AWS tells of it.

mod catalogue;
pub(crate) mod history;
pub(crate) mod organisation;
mod outside;
pub(crate) mod payload;
pub(crate) mod rng;
mod wire;

pub(crate) use outside::{DemoClock, DemoDirectory};
