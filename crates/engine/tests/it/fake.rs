//! The fake keeps the contract that the real adapters keep.

use weir_testkit::fakes::FakeStage;

weir_testkit::port_contract!(FakeStage::new());
