//! What can happen, one thing after the other.
//!
//! Everything is a small enum or a number, so that a failing list prints as Rust that can be pasted
//! into `reproduction.rs`. Times are relative to the moment an operation happens: a list stays
//! meaningful when operations are taken out of it.

use weir_core::calendar::WindowKind;
use weir_core::quota::{Action, Metric};

use super::cast::{Model, Team, Tool, Who};

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// AWS delivers records, in this order, in one batch.
    Deliver(Vec<Rec>),
    /// A whole batch is delivered again: the nth last.
    Replay(usize),
    /// Time goes on by so many minutes. Nothing runs meanwhile.
    Advance(i64),
    /// Time goes on to a minute before the next such instant.
    JumpBefore(Moment),
    /// An administrator blocks a user for so many hours, or for ever.
    BlockUser(Who, Option<i64>),
    /// An administrator unblocks a user and protects for so many hours, or does not protect.
    UnblockUser(Who, Option<i64>),
    /// An administrator protects a user for so many hours, up to that percentage of a limit.
    Protect(Who, i64, Option<u32>),
    /// An administrator ends a protection.
    Unprotect(Who),
    /// What the breaker holds of a user is applied.
    ApplyHeld(Who),
    /// What the breaker holds of a user is dropped, with protection for an hour.
    DiscardHeld(Who),
    /// What the breaker holds of a team is applied to its members.
    ApplyHeldTeam(Team),
    /// What the breaker holds of a team is dropped for the rest of the day.
    DiscardHeldTeam(Team),
    /// A quota is set.
    SetQuota(Scope, Metric, WindowKind, i64, Action),
    /// A user gets no limit at all for that metric and window.
    SetUnlimited(Who, Metric, WindowKind),
    /// A quota is removed.
    UnsetQuota(Scope, Metric, WindowKind),
    /// A user's quota is raised by so much for so many minutes.
    Raise(Who, Metric, WindowKind, i64, i64),
    /// A price, in dollars per million tokens of every class, that holds since so many hours ago.
    SetPrice(Model, i64, i64),
    /// An administrator says which team a user is in.
    SetTeam(Who, Team),
    /// The same, for calls of the past so many days too.
    SetTeamSince(Who, Team, i64),
    /// A principal becomes part of another user.
    Link(Who, Who),
    /// A user or a role is deleted and made again under the same name.
    MakeAgain(Who),
    /// An administrator says that whoever bears a name now is the one before.
    Confirm(Who),
    /// An engine does what is due.
    Tick(Nth),
    /// Both engines do what is due at the same time; the second starts so many steps later.
    TickTogether(u32),
    /// The next operation of an engine dies before its nth step outside, and is started again.
    CrashAt(u32),
    /// The next write to AWS goes wrong.
    Fault(Fault),
    /// Writes that were delayed on their way land now.
    Land,
    /// Somebody takes a Deny of ours away.
    DriftMissing(Who),
    /// A Deny of ours appears that nobody wants.
    DriftLeft(Who),
    /// Somebody writes a statement of their own into the document that denies people; it goes at the next rest.
    TheirStatement,
    /// What is older than its term is removed, out of turn.
    Retain,
    /// An engine ends and another one takes its place.
    Restart(Nth),
    /// The faults end, everything that is due is done, and everything is checked.
    Rest,
}

/// One of the two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nth {
    /// The one that also takes records and commands.
    First,
    /// The other.
    Second,
}

/// An instant that clocks find difficult.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A full local hour.
    FullHour,
    /// Local midnight.
    Midnight,
    /// The first of a month, local time.
    MonthEnd,
    /// A night in which the clock is changed.
    ClockChange,
}

/// How a call to AWS goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Refused for too many calls; nothing is written.
    SlowDown,
    /// Refused for a missing right; nothing is written.
    NoRight,
    /// Written, and the answer is lost.
    AnswerLost,
    /// Written, and the old state is still read for a while.
    Stale,
    /// The answer is an error, and the write lands later.
    Delayed,
}

/// Whom a quota is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// One user.
    User(Who),
    /// Everybody.
    Defaults,
    /// Every member of a team.
    TeamDefaults(Team),
    /// A team's total.
    Team(Team),
    /// Each user's use of a tool.
    Tool(Tool),
    /// Each user's use of a model.
    Model(Model),
}

/// A record: which part of which call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rec {
    /// What kind of record.
    pub part: Part,
    /// Of which call.
    pub call: Call,
}

/// The kinds of records about one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// CloudTrail's API call.
    Api,
    /// Its data-event copy.
    DataCopy,
    /// CloudTrail's stream completion.
    Completion,
    /// The invocation log.
    Log,
}

/// A call. What is delivered about it first fixes when it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its number: the request id.
    pub id: u32,
    /// By whom.
    pub by: Who,
    /// So many minutes before its first record arrives.
    pub ago: i64,
    /// Of which model.
    pub model: Model,
    /// With which tool.
    pub tool: Tool,
    /// Input tokens; a part of them is cached.
    pub input: u64,
    /// Output tokens.
    pub output: u64,
    /// How it ended.
    pub end: End,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Answered whole.
    Answered,
    /// Answered in a stream: counts come with the completion or the log.
    Streamed,
    /// Denied by a policy.
    Denied,
    /// Refused for too many calls.
    Throttled,
}

/// How people of Identity Center are denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum People {
    /// Not at all.
    Nobody,
    /// All of them by one managed policy that permission sets refer to.
    Policy,
    /// All of them by one service control policy.
    Scp,
}

/// What a story starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// When it starts, in RFC 3339.
    pub start: &'static str,
    /// How many users may newly be blocked within ten minutes.
    pub max_new_blocks: u32,
    /// How many minutes provisional counts do not block.
    pub settle_after: i64,
    /// Records of one transaction, at most.
    pub batch: usize,
    /// How people of Identity Center are denied.
    pub people: People,
}

/// A setup and what happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// What it starts with.
    pub setup: Setup,
    /// What happens.
    pub ops: Vec<Op>,
}

impl std::fmt::Display for Story {
    /// As Rust, to be pasted into `reproduction.rs`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "story({:?}, vec![", self.setup)?;
        for op in &self.ops {
            let text = format!("{op:?}").replace("Deliver([", "Deliver(vec![");
            writeln!(f, "    {text},")?;
        }
        write!(f, "])")
    }
}
