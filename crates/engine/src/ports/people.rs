//! The directory behind Identity Center.

use async_trait::async_trait;
use weir_core::people::DirectoryPerson;

use super::EffectError;

/// Reads people.
#[async_trait]
pub trait People: Send + Sync {
    /// Everybody in the directory, with their groups. All of them, or an error.
    async fn people(&self) -> Result<Vec<DirectoryPerson>, EffectError>;
}
