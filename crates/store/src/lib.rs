//! The one storage interface of Weir: `SQLite` and `MySQL` behind it, and all SQL.
//!
//! SQL stores and sums; Rust decides. Every write goes through one transaction with one lock order
//! (`docs/architecture.md`), and [`Store::settle`] is the only way to count.
#![deny(clippy::float_arithmetic)]

mod backend;
mod dialect;
mod entrance;
mod error;
mod filter;
mod forget;
#[doc(hidden)]
pub mod inspect;
mod login;
mod mail;
mod mysql;
mod open;
mod operators;
mod replaced;
mod reports;
mod reset;
mod row;
mod rows;
mod settle;
mod sql;
mod sqlite;
mod store;
mod value;
mod watch;
mod work;

pub use error::StoreError;
pub use filter::{AuditFilter, BlockFilter, GroupBy, TimeOrder, UsageFilter};
pub use forget::{End, ForgetStore, Kept, Obstacle, Place, Replacing, Traces};
pub use login::{Credentials, Entry, Login, NoCredentials};
pub use mail::{
    ClaimedDelivery, ClaimedMessages, DeliveryEnd, DeliveryRow, MailFilter, MailRow, MessageEnd,
    NewDelivery, TeamOwner, WaitingMessage,
};
pub use open::{Server, open, open_server, open_with};
pub use operators::{
    Claim, ClaimedRequest, Counted, NewSession, OperatorChange, OperatorRow, OperatorStore, Proof,
    SessionRow, TokenRow,
};
pub use replaced::{OperationRow, ReplacedCounts, ReplacedDatabase};
pub use reports::{
    AccessPart, AgentFilter, AgentRow, BlockPlace, CallFilter, CallPlace, CallRow, CallState,
    CrossRow, LetterPlace, Newest, ProtectionEver, Ranked, ReportStore, Stands, TeamLine, UserLine,
    Whose,
};
pub use reset::{ResetClaim, ResetOutcome, ResetRow, Retained};
pub use rows::{
    AuditHead, BlockRow, ClaimedJob, ClaimedTarget, CoverageRow, Cursor, DeadLetter, DeadLetterRow,
    Health, InvocationRow, MigrationStatus, ProtectionRow, SessionRoleRow, TargetKeyRow, TargetRow,
    UsageRow, UserRow,
};
pub use settle::{Anew, Batch, Decide, Settled};
pub use store::{Lease, MailClaim, RuleChange, Store, TargetOutcome};
pub use watch::{Duty, DutyRow, Pulse};
