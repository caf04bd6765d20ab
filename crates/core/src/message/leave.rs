//! Whether what waits in the outbox may leave now: a function of the messages about one subject and
//! of what has become of the denials they tell of (rules N3, N4).
//!
//! `blocked` waits until the denial is read back, `restored` until its removal is, both a quarter of
//! an hour at most. What cannot be denied is told as a limit that is reached. A loss and its end that
//! meet before anything was sent are sent as neither.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Denied, Kind, Message, News};
use crate::access::{Member, Target, TargetState};
use crate::decide::tell::{Lost, covers};
use crate::plan::LiftReason;
use crate::quota::Scope;

/// How long a message waits for what it tells of to be read back.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);
/// When it is looked at again.
const PAUSE: SignedDuration = SignedDuration::from_secs(10);
/// Older messages are not told any more, nobody was there to send them; except about access that is
/// lost, or back.
pub const STALE: SignedDuration = SignedDuration::from_hours(48);

/// What becomes of a message now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leave {
    /// It leaves.
    Now,
    /// This leaves in its place.
    Instead(Box<Message>),
    /// Not yet, and nothing that comes after it either.
    Wait(Timestamp),
    /// Never.
    Never(Unsent),
}

/// Why a message never leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// Access was lost and came back before anybody was told.
    Cancelled,
    /// Access was lost again before its return was told.
    Overtaken,
    /// Nothing is denied any more.
    Over,
    /// The user knows that access was never cut off, and until when the limit was reached.
    NeverCutOff,
    /// It is too old.
    Stale,
}

/// What must be known about a subject.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The targets of the user and its part in each; nothing for other subjects.
    pub access: &'a [(Target, Member)],
    /// The messages about lost or restored access that left, the last one first.
    pub told: &'a [Message],
}

/// What becomes of the messages about one subject that have not left, in the order of their writing.
pub fn leave(waiting: &[&Message], known: Known<'_>, now: Timestamp) -> Vec<Leave> {
    let mut fates: Vec<Option<Leave>> = waiting
        .iter()
        .map(|message| {
            let is_old = now.duration_since(message.at) > STALE;
            // That access is lost, or back, is news as long as it is so.
            let is_stale = is_old && !message.kind().is_about_access();
            is_stale.then_some(Leave::Never(Unsent::Stale))
        })
        .collect();
    let overtaken = cancel(waiting, &mut fates);
    let own = |nth: usize| {
        let fate: Option<Leave> = fates[nth].clone();
        fate.unwrap_or_else(|| of_one(waiting[nth], known, now))
    };
    let mut held_up = None;
    (0..waiting.len())
        .map(|nth| {
            if let Some(fate) = &fates[nth] {
                return fate.clone();
            }
            if let Some(until) = held_up {
                return Leave::Wait(until);
            }
            let fate = match overtaken.get(&nth) {
                // Until the loss leaves, its own end may still take it out, and then this one is news.
                Some(&by) => (nth + 1..=by)
                    .map(own)
                    .find(|fate| matches!(fate, Leave::Wait(_)))
                    .unwrap_or(Leave::Never(Unsent::Overtaken)),
                None => own(nth),
            };
            if let Leave::Wait(until) = fate {
                held_up = Some(until);
            }
            fate
        })
        .collect()
}

/// Takes out what cancels itself; the returns that are overtaken, each with the first loss that has no end yet.
fn cancel(waiting: &[&Message], fates: &mut [Option<Leave>]) -> BTreeMap<usize, usize> {
    let mut overtaken = BTreeMap::new();
    for at in 0..waiting.len() {
        let Some(lost) = fates[at].is_none().then(|| restored(waiting[at])).flatten() else {
            continue;
        };
        let is_about = |nth: &usize| taken(waiting[*nth]).as_ref() == Some(&lost);
        let untold: Vec<usize> = (0..at)
            .filter(|nth| fates[*nth].is_none())
            .filter(is_about)
            .collect();
        let is_loss = |nth: &usize| !is_notice(waiting[*nth]);
        if untold.iter().any(is_loss) {
            fates[at] = Some(Leave::Never(Unsent::Cancelled));
        } else if let Some(by) = (at + 1..waiting.len()).filter(is_about).find(|nth| {
            let ends = |after: &&Message| restored(after).as_ref() == Some(&lost);
            !waiting[nth + 1..].iter().any(ends)
        }) {
            overtaken.insert(at, by);
        }
        for nth in untold {
            fates[nth] = Some(Leave::Never(Unsent::Cancelled));
        }
    }
    overtaken
}

fn of_one(message: &Message, known: Known<'_>, now: Timestamp) -> Leave {
    let deadline = message
        .at
        .saturating_add(PATIENCE)
        .unwrap_or(Timestamp::MAX);
    let again = now.saturating_add(PAUSE).unwrap_or(deadline).min(deadline);
    let is_late = now >= deadline;
    if let Some(lost) = taken(message) {
        return match denial(&lost, known.access) {
            Denial::Nowhere => Leave::Never(Unsent::Over),
            Denial::Everywhere => Leave::Now,
            Denial::Pending if !is_late => Leave::Wait(again),
            Denial::Pending | Denial::Impossible => {
                Leave::Instead(Box::new(limit_reached(message)))
            }
        };
    }
    if let Some(lost) = restored(message) {
        if last_of(known.told, &lost) == Some(Kind::LimitReached) && is_by_clock(message) {
            return Leave::Never(Unsent::NeverCutOff);
        }
        if !is_late && is_being_removed(&lost, known.access) {
            return Leave::Wait(again);
        }
    }
    Leave::Now
}

/// How far a denial has come.
enum Denial {
    Nowhere,
    Pending,
    Everywhere,
    Impossible,
}

fn denial(lost: &Lost, access: &[(Target, Member)]) -> Denial {
    let mut found = Denial::Nowhere;
    let carries = |member: &Member| member.is_denied() && covers(member, lost);
    for (target, _) in access.iter().filter(|(_, member)| carries(member)) {
        match target.state {
            TargetState::Failed | TargetState::Cannot | TargetState::Gone => {
                return Denial::Impossible;
            }
            TargetState::Verified => {
                if matches!(found, Denial::Nowhere) {
                    found = Denial::Everywhere;
                }
            }
            TargetState::Requested
            | TargetState::Applied
            | TargetState::Held
            | TargetState::None
            | TargetState::Off
            | TargetState::DryRun => found = Denial::Pending,
        }
    }
    found
}

fn is_being_removed(lost: &Lost, access: &[(Target, Member)]) -> bool {
    let freed = access
        .iter()
        .filter(|(_, member)| !member.is_denied() && covers(member, lost));
    let open = [
        TargetState::Requested,
        TargetState::Applied,
        TargetState::Failed,
    ];
    freed
        .into_iter()
        .any(|(target, _)| open.contains(&target.state))
}

/// What a message says is lost.
fn taken(message: &Message) -> Option<Lost> {
    match &message.news {
        News::Blocked { denied, .. } => Some(lost(denied)),
        News::BlockedByAdministrator { .. } => Some(Lost::Everything),
        _ => None,
    }
}

/// What a message says is back.
fn restored(message: &Message) -> Option<Lost> {
    match &message.news {
        News::Unblocked { denied, .. } => Some(lost(denied)),
        News::UnblockedByAdministrator { .. } => Some(Lost::Everything),
        _ => None,
    }
}

/// What was told last of the same loss: a limit of one tool says nothing of the rest.
fn last_of(told: &[Message], lost: &Lost) -> Option<Kind> {
    let is_of_it = |message: &&Message| {
        let of = taken(message)
            .or_else(|| restored(message))
            .or_else(|| reached(message));
        of.as_ref() == Some(lost)
    };
    told.iter().find(is_of_it).map(Message::kind)
}

/// What a message says has a limit that is reached.
fn reached(message: &Message) -> Option<Lost> {
    let News::LimitReached { quotas, .. } = &message.news else {
        return None;
    };
    Some(match quotas.first().map(|quota| &quota.scope) {
        Some(Scope::Tool(tool)) => Lost::Tool(tool.clone()),
        Some(Scope::Model(model)) => Lost::Model(model.clone()),
        _ => Lost::Everything,
    })
}

fn lost(denied: &Denied) -> Lost {
    match denied {
        Denied::Everything | Denied::Team(_) => Lost::Everything,
        Denied::Tool(tool) => Lost::Tool(tool.clone()),
        Denied::Model(model) => Lost::Model(model.clone()),
    }
}

/// Whether access was lost before, and only the reason is news.
fn is_notice(message: &Message) -> bool {
    matches!(
        message.news,
        News::BlockedByAdministrator { already: true, .. }
    )
}

fn is_by_clock(message: &Message) -> bool {
    let expired = LiftReason::Expired;
    matches!(message.news, News::Unblocked { why, .. } if why == expired)
}

/// The same loss, as it is told where it could not be made real.
fn limit_reached(message: &Message) -> Message {
    let news = match message.news.clone() {
        News::Blocked {
            block,
            denied: _,
            quotas,
            since,
            until,
        } => News::LimitReached {
            block,
            quotas,
            reason: String::new(),
            since,
            until,
        },
        News::BlockedByAdministrator {
            already: _,
            block,
            by: _,
            reason,
            since,
            until,
        } => News::LimitReached {
            block,
            quotas: Vec::new(),
            reason,
            since,
            until,
        },
        other => other,
    };
    Message {
        news,
        ..message.clone()
    }
}

impl Unsent {
    /// The reason that is kept with the message.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "access was lost and came back before anybody was told",
            Self::Overtaken => "access was lost again before its return was told",
            Self::Over => "nothing is denied any more",
            Self::NeverCutOff => "access was never cut off, and until when was told",
            Self::Stale => "nobody was there to send it for two days",
        }
    }
}

#[cfg(test)]
mod tests;
