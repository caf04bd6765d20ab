//! What can go wrong in a workflow.

use weir_core::ids::UserId;
use weir_core::operator::OperatorName;
use weir_store::StoreError;

use crate::ports::EffectError;

/// An error of a workflow, as facts.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// AWS.
    #[error(transparent)]
    Effect(#[from] EffectError),
    /// No such user.
    #[error("no user `{user}`{}", did_you_mean(.similar))]
    NoUser {
        /// What was asked for.
        user: UserId,
        /// Users with a name like it.
        similar: Vec<UserId>,
    },
    /// No such operator.
    #[error("no operator `{0}`: `weir operator list` shows them")]
    NoOperator(OperatorName),
    /// No such policy.
    #[error("there is no policy {arn}: `weir policy list` shows them")]
    NoPolicy {
        /// What was looked for.
        arn: String,
    },
    /// No such IAM user, group or key.
    #[error("{0}")]
    NotThere(String),
    /// A command against what somebody else decided, by whoever may undo their own alone.
    #[error("`{user}` is blocked by {author}, whose block only an admin lifts or replaces")]
    OthersBlock {
        /// Who is blocked.
        user: UserId,
        /// By whom.
        author: String,
    },
    /// A command about a protection, which is no longer the one that was meant.
    #[error("the protection of `{0}` was changed since it was read")]
    OtherProtection(UserId),
    /// A command that a rule refuses.
    #[error("{0}")]
    Refused(String),
    /// The input failed, not its contents.
    #[error("cannot read {source_name}: {why}")]
    Input {
        /// The file, `stdin`, `http`.
        source_name: String,
        /// What the reader said.
        why: String,
    },
    /// What is stored cannot be used.
    #[error("{0}")]
    Inconsistent(String),
    /// Something needs AWS and no credentials are there.
    #[error("{what} needs AWS credentials: {why}")]
    NoAws {
        /// What was asked for.
        what: &'static str,
        /// What is missing.
        why: &'static str,
    },
}

fn did_you_mean(similar: &[UserId]) -> String {
    let names: Vec<_> = similar.iter().map(|user| format!("`{user}`")).collect();
    match names.as_slice() {
        [] => String::new(),
        names => format!("; did you mean {}?", names.join(" or ")),
    }
}
