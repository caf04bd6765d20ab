//! Stand-ins for AWS, and the contract that both they and the real adapters keep.
//!
//! [`FakeAws`] is an account in memory, at the level of the engine's ports: IAM users and roles with
//! policies of ours and of others, keys, tags and groups, limits, and faults on demand. [`contract`]
//! runs against it and against `weir-aws` over a local AWS, so that the fake cannot lie.

mod access;
mod account;
pub mod contract;
mod directory;
mod mailbox;
mod metering;
mod people;
mod stage;

pub use account::{FakeAws, FakeRole, FakeUser, Fault, Op};
pub use mailbox::{Delivered, Mailbox};
pub use metering::FakeMetering;
pub use stage::FakeStage;

/// A fresh database in memory, migrated, with the business zone of the documents.
///
/// # Panics
/// If it cannot be made: then no test makes sense.
#[expect(clippy::expect_used, reason = "a test without a database is no test")]
pub async fn memory_store() -> std::sync::Arc<dyn weir_store::Store> {
    let store = weir_store::open("sqlite::memory:")
        .await
        .expect("a database in memory");
    store.migrate().await.expect("the schema");
    store.set_zone("Europe/Madrid").await.expect("the zone");
    store
}
