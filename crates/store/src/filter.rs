//! What readers ask for: one value per query, not ten arguments.

use jiff::Timestamp;
use jiff::civil::Date;
use weir_core::ids::{ModelId, TeamId, ToolId, UserId};

/// What a usage report is grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// One row per user.
    User,
    /// One row per team at the time of the call.
    Team,
    /// One row per canonical model.
    Model,
    /// One row per tool.
    Tool,
    /// One row per local day.
    Day,
}

/// Which usage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageFilter {
    /// First local day.
    pub from: Option<Date>,
    /// Last local day.
    pub to: Option<Date>,
    /// Only this team.
    pub team: Option<TeamId>,
    /// Only this user.
    pub user: Option<UserId>,
    /// Only this model.
    pub model: Option<ModelId>,
    /// Only this tool.
    pub tool: Option<ToolId>,
}

/// Which end of a list in time comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeOrder {
    /// The newest first.
    #[default]
    NewestFirst,
    /// The oldest first.
    OldestFirst,
}

/// Which blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockFilter {
    /// Lifted ones too.
    pub history: bool,
    /// Only of this user.
    pub user: Option<UserId>,
    /// Only those the breaker holds.
    pub held: bool,
    /// Only manual ones, or only automatic ones.
    pub manual: Option<bool>,
    /// Only what holds this in whom it denies, reason, author or whoever lifted it, in any case (of ASCII letters
    /// on `SQLite`). No index helps: everything that the rest leaves is looked through.
    pub text: Option<String>,
    /// Only those that began at this instant or later.
    pub from: Option<Timestamp>,
    /// Only those that began before this instant.
    pub before: Option<Timestamp>,
    /// In which order they come in pages.
    pub order: TimeOrder,
    /// At most so many; 0 is all.
    pub limit: u32,
}

/// Which audit entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// After this seq.
    pub after: u64,
    /// Before this seq; with `last` only.
    pub before: Option<u64>,
    /// Only this subject.
    pub subject: Option<String>,
    /// Only this operation.
    pub operation: Option<String>,
    /// Only what holds this in subject, reason or names of who did it, in any case (of ASCII letters on
    /// `SQLite`). No index helps: everything that the rest leaves is looked through.
    pub text: Option<String>,
    /// Only the last so many (ascending all the same).
    pub last: Option<u32>,
    /// At most so many from the start; 0 is all.
    pub limit: u32,
}
