//! Fakes, builders and the simulator that the tests of Weir share.

pub mod cloudwatch;
pub mod fakes;
pub mod file_db;
pub mod proxy;
pub mod records;
pub mod runtime_api;
pub mod sim;
pub mod texts;
pub mod wire;
