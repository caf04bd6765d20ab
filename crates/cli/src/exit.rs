//! How a command ends.

use std::process::ExitCode;

use weir_config::{FileError, StartError};
use weir_engine::EngineError;
use weir_engine::ports::EffectErrorKind;
use weir_store::StoreError;

/// What the caller of the process learns; `weir --help` lists the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// Done.
    Ok = 0,
    /// Failed, or a check found something wrong.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// Done, but some records could not be read.
    DeadLetters = 3,
    /// No such user, group, policy, key, invocation, model, quota or block.
    NotFound = 4,
    /// Not done: it needs a yes.
    Unconfirmed = 5,
    /// The server does not let us in, or the role may not.
    NotAllowed = 6,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}

/// Why a command could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The configuration file.
    #[error(transparent)]
    Config(#[from] FileError),
    /// What was typed, or a setting, makes no sense.
    #[error("{0}")]
    Usage(String),
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// Somebody has to say yes first.
    #[error("{0}")]
    Unconfirmed(String),
    /// The server does not let us in, or the role may not.
    #[error("{0}")]
    NotAllowed(String),
    /// Something failed.
    #[error("{0}")]
    Failed(String),
    /// The engine.
    #[error("{0}{rights}", rights = rights_for(.0))]
    Engine(#[from] EngineError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file, or the terminal.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Where the rights are to be found, if one is missing.
fn rights_for(error: &EngineError) -> &'static str {
    match error {
        EngineError::Effect(error) if error.kind == EffectErrorKind::Denied => {
            "; `weir aws-policy --feature read|enforce|identity-center|provision` prints the rights that each needs"
        }
        _ => "",
    }
}

impl CliError {
    /// A failed operation on a file.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// The exit status that tells this error.
    pub(crate) fn status(&self) -> ExitStatus {
        match self {
            Self::Config(_) | Self::Usage(_) | Self::Store(StoreError::BadUrl { .. }) => {
                ExitStatus::Usage
            }
            Self::NotFound(_)
            | Self::Engine(
                EngineError::NoUser { .. }
                | EngineError::NoPolicy { .. }
                | EngineError::NotThere(_)
                | EngineError::NoOperator(_),
            ) => ExitStatus::NotFound,
            Self::Unconfirmed(_) => ExitStatus::Unconfirmed,
            Self::NotAllowed(_) => ExitStatus::NotAllowed,
            Self::Failed(_) | Self::Engine(_) | Self::Store(_) | Self::Io { .. } => {
                ExitStatus::Failed
            }
        }
    }
}

impl From<StartError> for CliError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::File(error) => Self::Config(error),
            StartError::Wrong(text) => Self::Usage(text),
            StartError::Failed(text) => Self::Failed(text),
            StartError::Engine(error) => Self::Engine(error),
            StartError::Store(error) => Self::Store(error),
            StartError::Io { what, source } => Self::Io { what, source },
        }
    }
}
