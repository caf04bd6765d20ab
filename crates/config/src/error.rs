//! Why Weir cannot start.

use weir_engine::EngineError;
use weir_store::StoreError;

use crate::sections::FileError;

/// Settings make no sense, or what they name cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration file.
    #[error(transparent)]
    File(#[from] FileError),
    /// A setting makes no sense.
    #[error("{0}")]
    Wrong(String),
    /// Something failed.
    #[error("{0}")]
    Failed(String),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
}
