//! Work that leaves the transaction that decided it: claimed by lease, repeatable, in any order.

use jiff::Timestamp;

use crate::ids::{TeamId, UserId};

/// A row of the outbox. The id is deterministic, so deciding twice enqueues once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Kind, subject and occasion; unique.
    pub id: String,
    /// Whom it is about; one subject's rows leave in order.
    pub subject: String,
    /// Not before this instant.
    pub not_before: Timestamp,
    /// What to do.
    pub job: Job,
}

/// What an outbox row asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// Evaluate one user again: provisional counts have settled, or a key changed.
    Evaluate(UserId),
    /// Evaluate every member of a team, in chunks: a team block began or ended.
    EvaluateTeam {
        /// The team.
        team: TeamId,
        /// Go on after this user.
        after: Option<UserId>,
    },
    /// Evaluate everybody, in chunks: a default quota changed.
    EvaluateAll {
        /// Go on after this user.
        after: Option<UserId>,
    },
}

impl Job {
    /// The word stored for the kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Evaluate(_) => "evaluate",
            Self::EvaluateTeam { .. } => "evaluate-team",
            Self::EvaluateAll { .. } => "evaluate-all",
        }
    }

    /// What the kind needs to know, as two nullable columns: subject and where to go on.
    pub fn parts(&self) -> (&str, Option<&str>) {
        match self {
            Self::Evaluate(user) => (user.as_str(), None),
            Self::EvaluateTeam { team, after } => {
                (team.as_str(), after.as_ref().map(UserId::as_str))
            }
            Self::EvaluateAll { after } => ("", after.as_ref().map(UserId::as_str)),
        }
    }

    /// The job of a stored row.
    pub fn of(kind: &str, subject: &str, after: Option<&str>) -> Option<Self> {
        let after = after.map(UserId::new);
        match kind {
            "evaluate" => Some(Self::Evaluate(UserId::new(subject))),
            "evaluate-team" => Some(Self::EvaluateTeam {
                team: TeamId::new(subject),
                after,
            }),
            "evaluate-all" => Some(Self::EvaluateAll { after }),
            _ => None,
        }
    }
}
