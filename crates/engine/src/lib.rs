//! Workflows of Weir: intake, settle, dispatch, reconcile, admin verbs; the ports; the clock.
//!
//! [`Engine`] is the one way in. Its verbs are grouped by file: [`Engine::ingest`] counts what AWS
//! sent, [`Engine::consume`], [`Follower`] and `Engine::backfill_*` fetch it first, [`Engine::tick`]
//! does what is due, [`Engine::reconcile`] compares AWS with the ledger, [`Engine::administer`]
//! carries out an administrator's command, [`Engine::send_due`] tells people, [`Engine::change_quotas`] and its
//! neighbours change rules, [`Engine::canary`] tries a denial on one user, [`Engine::provisioner`] hands out access with an operator's rights,
//! and the reads ([`Engine::status`], [`Engine::doctor`], …) answer people. Whatever needs neither a
//! database nor a decision is a free function: [`release`], [`check_input`], [`notice()`].
//!
//! Every decision is `weir_core::decide` inside `Store::settle`; nothing here decides.

mod admin;
mod backoff;
mod budget;
mod canary;
pub mod clock;
mod coverage;
mod decision;
mod deliver;
mod directory_sync;
mod dispatch;
mod doctor;
mod engine;
mod error;
mod executor;
mod forget;
mod held;
mod incidents;
mod ingest;
mod intake;
mod jobs;
mod keys;
mod lookups;
pub mod metrics;
mod mode;
pub mod notify;
mod operators;
mod options;
mod parts;
mod policies;
pub mod ports;
mod post;
mod preview;
pub mod provision;
mod quota_try;
mod quotas;
mod reattribute;
mod reconcile;
mod release;
mod replaced;
mod report;
mod reprice;
mod reset;
mod rules;
mod sources;
mod standings;
mod status;
mod succession;
mod suggest;
mod summary;
mod tick;
mod told;
mod users;
mod verify;

pub use admin::{Administered, Meant};
pub use budget::within;
pub use canary::CanaryLine;
pub use coverage::CoverageView;
pub use directory_sync::{DirectorySync, PersonDifference};
pub use engine::{Engine, Parts};
pub use error::EngineError;
pub use forget::{ForgetPlan, ForgetRow, Forgotten};
pub use held::{HeldDone, HeldOf};
pub use intake::{Input, check_input};
pub use mode::{Leaving, ModeDone, ModePreview, ModeView};
pub use operators::{
    Caller, Cause, LogIn, LoggedIn, NewToken, Secret, SignIn, TokenMade, TurnedAway, Via,
};
pub use options::{Actor, Options, ReadBack};
pub use post::Post;
pub use quota_try::{Tried, TriedEvent, TriedWhat};
pub use quotas::QuotaRaise;
pub use reattribute::{Foreseen, Reattribute, Reattributed, TeamMove};
pub use release::{Released, release};
pub use replaced::{
    BadRow, ImportPlan, ImportedCalls, Instead, OldDeny, OldDenyDone, PlannedBlock, Unneeded,
};
pub use report::{
    Amount, Check, DispatchReport, Drift, EnforcementRow, IngestReport, Level, MailReport,
    PolicyDrift, Preview, Progress, ProtectionView, QuotaView, ReconcileReport, StatusReport,
    TickReport,
};
pub use reprice::{Costs, Reprice, Repriced};
pub use reset::{ResetEnd, ResetReport};
pub use sources::{
    BackfillReport, BackfillStep, Choice, Chosen, Consumed, Days, Follower, Notice, ObjectPlace,
    QueueTerms, ReadFrom, ReadRegion, RegionLook, Regions, Skipped, Watch, look, notice,
    regions_of,
};
pub use standings::{Period, Reading, UserStanding, Windows};
pub use succession::{Newcomer, newcomers_in};
pub use suggest::Suggestion;
pub use summary::{Anchor, BlockLine, CoverageLine, DaySummary, UsageLine};
pub use users::LinkEffect;
pub use verify::{TrimmedEntries, Verified, parse_anchor};
