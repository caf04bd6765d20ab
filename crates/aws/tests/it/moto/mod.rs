//! The adapters against moto.

mod channels;
mod engine;
mod provision;
mod recorder;
mod rights;
mod setup;
mod sources;
mod stage;
mod survey;
mod workflow;

use stage::MotoStage;

weir_testkit::port_contract!(MotoStage::new().await);
