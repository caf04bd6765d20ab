//! Fakes, builders and the simulator that the tests of Weir share.

pub mod fakes;
pub mod file_db;
pub mod proxy;
pub mod records;
pub mod sim;
pub mod wire;
