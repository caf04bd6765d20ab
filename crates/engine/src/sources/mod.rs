//! Ways in besides files and HTTP: objects in S3, queues, log groups, CloudTrail's event history.
//! Followed live, or read back for a range of days; both count by the same rules, so that what comes
//! twice counts once, and history never blocks today (rules Q8).
//!
//! [`Engine::consume`] and [`Follower`] are the live half, called again and again by a server.
//! [`Engine::backfill_objects`], [`Engine::backfill_logs`] and [`Engine::backfill_history`] read a
//! range once; stopped half-way, they go on where they were.
//!
//! [`Engine::consume`]: crate::Engine::consume
//! [`Engine::backfill_objects`]: crate::Engine::backfill_objects
//! [`Engine::backfill_logs`]: crate::Engine::backfill_logs
//! [`Engine::backfill_history`]: crate::Engine::backfill_history

mod backfill;
mod choose;
mod days;
mod history;
mod logs;
mod look;
mod notice;
mod object_name;
mod objects;
mod queue;

pub use backfill::{BackfillReport, BackfillStep, Watch};
pub use choose::{Choice, Chosen, ReadFrom, ReadRegion};
pub use days::Days;
pub use logs::Follower;
pub use look::{RegionLook, Regions, look, regions_of};
pub use notice::{Notice, notice};
pub use object_name::Skipped;
pub use objects::ObjectPlace;
pub use queue::{Consumed, QueueTerms};
