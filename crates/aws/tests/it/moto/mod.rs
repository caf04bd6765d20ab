//! The adapters against moto.

mod channels;
mod engine;
mod people;
mod provision;
mod recorder;
mod rights;
mod setup;
mod sources;
pub(crate) mod stage;
mod survey;
mod workflow;

use stage::MotoStage;

weir_testkit::port_contract!(MotoStage::new().await);
