//! Why an invocation fails. Lambda shows it to whoever invoked, and tries asynchronous events again.

use lambda_runtime::Diagnostic;
use weir_engine::EngineError;
use weir_store::StoreError;

/// What an invocation fails with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The event makes no sense: trying again does not help.
    #[error("{0}")]
    BadInput(String),
    /// The database or AWS cannot be reached now.
    #[error("{0}")]
    Unavailable(String),
    /// The time of the invocation is over. What was committed stays.
    #[error("the time of this invocation is over; what was counted stays, and counts once")]
    OutOfTime,
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

impl Failure {
    const fn name(&self) -> &'static str {
        match self {
            Self::BadInput(_) => "BadInput",
            Self::Unavailable(_) => "Unavailable",
            Self::OutOfTime => "OutOfTime",
            Self::Failed(_) => "Failed",
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let text = error.to_string();
        match error {
            EngineError::Refused(_)
            | EngineError::OthersBlock { .. }
            | EngineError::OtherProtection(_)
            | EngineError::NoUser { .. }
            | EngineError::NoPolicy { .. }
            | EngineError::NotThere(_)
            | EngineError::NoOperator(_) => Self::BadInput(text),
            EngineError::Store(
                StoreError::Busy { .. }
                | StoreError::Database(_)
                | StoreError::StaleRules { .. }
                | StoreError::Tls { .. }
                | StoreError::Login(_),
            )
            | EngineError::Effect(_) => Self::Unavailable(text),
            EngineError::Store(_)
            | EngineError::Input { .. }
            | EngineError::Inconsistent(_)
            | EngineError::NoAws { .. } => Self::Failed(text),
        }
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self {
            error_type: failure.name().to_owned(),
            error_message: failure.to_string(),
        }
    }
}
