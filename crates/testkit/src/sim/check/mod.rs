//! What must hold: after every operation, and once everything that is due has been done.

mod enforcement;
mod ledger;
mod mail;
mod record;
mod rest;
mod standing;

pub(crate) use record::Witness;
pub(crate) use rest::is_known;

use weir_core::ids::UserId;
use weir_store::{BlockFilter, BlockRow, StoreError};

use super::world::{Broken, World};

/// Fails with a message unless the condition holds.
macro_rules! ensure {
    ($holds:expr, $($message:tt)+) => {
        if !$holds {
            return Err(format!($($message)+));
        }
    };
}
pub(crate) use ensure;

/// What the store said, where that is not part of the story.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
pub(crate) fn broken(error: StoreError) -> Broken {
    format!("the store: {error}")
}

impl World {
    /// The checks after every operation: cheap, and independent of what is still to be done.
    pub(crate) async fn check_step(&mut self) -> Result<(), Broken> {
        self.witness.observe(&self.spy.take_commits())?;
        self.witness.read_audit(&*self.store).await?;
        self.check_record().await?;
        self.check_counts().await?;
        self.check_blocks_apart().await
    }

    /// Everything, once the world is at rest.
    pub(crate) async fn check_all(&mut self) -> Result<(), Broken> {
        self.check_step().await?;
        self.check_ledger().await?;
        self.check_windows().await?;
        let blocks = self.blocks().await?;
        self.check_blocks(&blocks)?;
        self.check_audit_of_blocks().await?;
        self.check_projection(&blocks).await?;
        self.check_enforcement(&blocks).await?;
        self.check_mail().await?;
        self.check_decided().await
    }

    /// Blocks that were not lifted.
    pub(crate) async fn blocks(&self) -> Result<Vec<BlockRow>, Broken> {
        self.store
            .blocks(&BlockFilter::default())
            .await
            .map_err(broken)
    }

    /// Users that exist, sorted.
    pub(crate) fn users(&self) -> Vec<UserId> {
        self.model.users.iter().cloned().collect()
    }
}
