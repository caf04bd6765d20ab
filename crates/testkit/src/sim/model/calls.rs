//! What one call comes to, from the set of its records (rules C1-C5, M1-M5).

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, ToSpan};
use weir_core::ids::{ModelId, TeamId, ToolId, UserId};
use weir_core::tokens::Tokens;

use super::Model;
use super::holders::Sight;
use crate::records::{Draft, call};
use crate::sim::cast::{self, Model as Called, Tool, Who};
use crate::sim::op::{Call, End, Part, Rec};

/// A call of which at least one record has arrived.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) call: Call,
    /// When it was made.
    pub(crate) at: Timestamp,
    /// What has arrived; a data-event copy is the API call.
    pub(crate) parts: BTreeSet<Part>,
    /// When the last record arrived that said something new.
    pub(crate) changed: Timestamp,
    /// What it comes to.
    pub(crate) counted: Counted,
    /// Whether AWS told of the caller when the call was first seen.
    told: bool,
    /// The records it was counted by.
    counted_by: BTreeSet<Part>,
}

impl Known {
    /// Dated after it arrived: clocks differ. It may count in a window that had not begun when it was
    /// evaluated, and nobody evaluates when a window begins.
    pub(crate) fn is_ahead(&self) -> bool {
        self.counted.at > self.changed
    }
}

/// What a call comes to, with the attribution and the price of its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) user: UserId,
    pub(crate) team: TeamId,
    pub(crate) tool: ToolId,
    pub(crate) model: ModelId,
    pub(crate) at: Timestamp,
    pub(crate) failed: bool,
    pub(crate) tokens: Option<Tokens>,
    pub(crate) cost: Option<i64>,
    /// The counts may still change.
    pub(crate) provisional: bool,
    /// Whose it is may still change: it blocks nobody yet.
    pub(crate) tentative: bool,
}

impl Counted {
    pub(crate) fn is_unpriced(&self) -> bool {
        !self.failed && self.tokens.is_some() && self.cost.is_none()
    }
}

/// How long invocations are kept: what is older is not counted.
const RETENTION: SignedDuration = SignedDuration::from_hours(400 * 24);

/// The draft of a call: what its records on the wire are made from.
pub(crate) fn draft(made: Call, at: Timestamp, id: Option<String>) -> Draft {
    let draft = call(&request(made.id))
        .at_time(at)
        .model(&made.model.sent())
        .agent(made.tool.agent())
        .all_tokens(split(made));
    let draft = made.by.calls(draft);
    let draft = match id {
        Some(id) => draft.under_id(&id),
        None => draft,
    };
    // Whoever is made again has other keys.
    let has_key = made.by == Who::Ana && made.tool == Tool::Cline && id_is_first(&draft);
    let draft = if has_key {
        draft.key(cast::anas_cline_key().as_str())
    } else {
        draft
    };
    match made.end {
        End::Answered => draft,
        End::Streamed => draft.streamed(),
        End::Denied => draft.denied(),
        End::Throttled => draft.throttled(),
    }
}

/// The request id of a call.
pub(crate) fn request(id: u32) -> String {
    format!("0b7c9d1e-2f3a-4b5c-8d6e-{id:012}")
}

/// Half of a long input comes from the cache, a little is written to it.
fn split(call: Call) -> Tokens {
    let (cache_read, short, long) = match call.input {
        n if n >= 100 => (n / 2, n / 10, n / 20),
        _ => (0, 0, 0),
    };
    Tokens {
        input: call.input - cache_read - short - long,
        cache_read,
        cache_write_5m: short,
        cache_write_1h: long,
        output: call.output,
    }
}

impl Model {
    /// One record arrives; returns whether it says something new. The same record again does not,
    /// whatever rules have changed since (rules C1, A12).
    pub(super) fn arrive(&mut self, record: Rec, now: Timestamp) -> bool {
        let Rec { part, call } = record;
        let part = if part == Part::DataCopy {
            Part::Api
        } else {
            part
        };
        let at = self.time_of(call, now);
        if now.duration_since(record_time(part, at)) > RETENTION {
            return false;
        }
        let nothing = || Counted {
            user: call.by.user(),
            team: TeamId::unassigned(),
            tool: ToolId::unknown(),
            model: ModelId::unknown(),
            at,
            failed: false,
            tokens: None,
            cost: None,
            provisional: false,
            tentative: false,
        };
        let known = self.calls.entry(call.id).or_insert_with(|| Known {
            call,
            at,
            parts: BTreeSet::new(),
            changed: now,
            counted: nothing(),
            told: true,
            counted_by: BTreeSet::new(),
        });
        known.parts.insert(part)
    }

    /// Calls that are counted for the first time: who bears a name by then, AWS tells of; of others,
    /// what was told before is what is known.
    pub(super) fn look_up(&mut self, ids: &BTreeSet<u32>) {
        for id in ids {
            let Some(sight) = self.sight(*id) else {
                continue;
            };
            let told = !self.is_past(&sight) || self.told.contains(&self.owner_of(&sight));
            if let Some(known) = self
                .calls
                .get_mut(id)
                .filter(|known| known.counted_by.is_empty())
            {
                known.told = told;
            }
        }
    }

    /// How a call tells of its caller's name.
    pub(super) fn sight(&self, id: u32) -> Option<Sight> {
        let known = self.calls.get(&id)?;
        Some(self.sight_by(known, &known.parts))
    }

    fn sight_by(&self, known: &Known, parts: &BTreeSet<Part>) -> Sight {
        let who = known.call.by;
        let by_cloudtrail = *parts != BTreeSet::from([Part::Log]);
        Sight {
            principal: if by_cloudtrail {
                who.principal()
            } else {
                who.principal_in_log()
            },
            who,
            id: self.id_of(known.call, known.at).filter(|_| by_cloudtrail),
            at: counted_at(known.at, parts),
        }
    }

    /// Whether what was counted stays (rules A12): the records since then do not tell of another caller.
    fn stays(&self, known: &Known) -> bool {
        if known.counted_by.is_empty() {
            return false;
        }
        let before = self.sight_by(known, &known.counted_by);
        let now = self.sight_by(known, &known.parts);
        let same_id = before.id == now.id || !self.is_shared(&now.principal);
        before.principal == now.principal
            && same_id
            && self.owner_of(&before) == self.owner_of(&now)
    }

    /// A call is derived anew from everything known about it (rules C3).
    pub(super) fn recount(&mut self, id: u32, now: Timestamp) {
        let Some(mut known) = self.calls.get(&id).cloned() else {
            return;
        };
        known.changed = now;
        let before = self.stays(&known).then(|| known.counted.clone());
        known.counted = self.count(id, &known);
        if let Some(before) = before {
            (known.counted.user, known.counted.team) = (before.user, before.team);
        }
        known.counted_by.clone_from(&known.parts);
        self.users.insert(known.counted.user.clone());
        if !known.counted.tentative {
            self.confirmed.insert(known.counted.user.clone());
        }
        if known.told {
            self.told.insert(known.counted.user.clone());
        }
        if !known.counted.failed {
            self.reprieved.remove(&known.counted.user);
        }
        let by_cloudtrail = known.parts != BTreeSet::from([Part::Log]);
        let who = known.call.by;
        let principal = if by_cloudtrail {
            who.principal()
        } else {
            who.principal_in_log()
        };
        self.principals.entry(principal).or_insert(who);
        self.calls.insert(id, known);
    }

    /// Records are on their way: from now on it is fixed when their calls were made.
    pub(crate) fn fix(&mut self, records: &[Rec], now: Timestamp) {
        for Rec { call, .. } in records {
            let at = self.time_of(*call, now);
            self.times.insert(call.id, (call.by, at));
        }
    }

    /// When a call was made.
    pub(crate) fn time_of(&self, call: Call, now: Timestamp) -> Timestamp {
        // Whole seconds, as AWS writes them.
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let made = now.saturating_sub(call.ago.minutes()).unwrap_or(now);
        self.times.get(&call.id).map_or(made, |(_, at)| *at)
    }

    fn count(&self, id: u32, known: &Known) -> Counted {
        let Known { call, parts, .. } = known;
        let only_log = *parts == BTreeSet::from([Part::Log]);
        let cloudtrail = !only_log;
        let user = match self.sight(id) {
            Some(sight) => self.owner_of(&sight),
            None => call.by.user(),
        };
        let team = self.teams.get(&user).cloned();
        let failed = matches!(call.end, End::Denied | End::Throttled);
        let (tokens, provisional) = tokens(*call, parts);
        let looked_up = || {
            if known.told {
                call.by.home_team()
            } else {
                TeamId::unassigned()
            }
        };
        let counted = Counted {
            team: team.unwrap_or_else(looked_up),
            user,
            tool: if cloudtrail {
                call.tool.id()
            } else {
                ToolId::unknown()
            },
            model: call.model.id(),
            at: counted_at(known.at, &known.parts),
            failed,
            tokens,
            cost: None,
            provisional,
            tentative: only_log && call.by.is_plain_session(),
        };
        let with = Known {
            counted,
            ..known.clone()
        };
        Counted {
            cost: self.cost(&with),
            ..with.counted
        }
    }

    /// The cost in nano-dollars, if counts and prices are known.
    pub(super) fn cost(&self, known: &Known) -> Option<i64> {
        if known.counted.failed {
            return Some(0);
        }
        let tokens = known.counted.tokens?;
        // Only the API call and the log name the profile that was called.
        let named = known.parts.contains(&Part::Api) || known.parts.contains(&Part::Log);
        let global = named && known.call.model == Called::GlobalHaiku;
        let set = self
            .prices
            .iter()
            .filter(|(model, _, since)| *model == known.counted.model && *since <= known.counted.at)
            .max_by_key(|(_, _, since)| *since)
            .map(|(_, nanos, _)| [*nanos; 5]);
        let prices = set.or_else(|| bundled(known.call.model, global))?;
        let counts = [
            tokens.input,
            tokens.cache_read,
            tokens.cache_write_5m,
            tokens.cache_write_1h,
            tokens.output,
        ];
        let line = |(count, nanos): (u64, i64)| {
            let product = i128::from(count) * i128::from(nanos);
            i64::try_from((product + 500_000) / 1_000_000).unwrap_or(i64::MAX)
        };
        Some(counts.into_iter().zip(prices).map(line).sum())
    }
}

fn bundled(model: Called, global: bool) -> Option<[i64; 5]> {
    let dollars = |thousandths: [i64; 5]| thousandths.map(|n| n * 1_000_000);
    match (model, global) {
        (Called::Acme, _) => None,
        (_, true) => Some(dollars([1_000, 100, 1_250, 2_000, 5_000])),
        (_, false) => Some(dollars([1_100, 110, 1_375, 2_200, 5_500])),
    }
}

/// When a record says the call was: a completion knows its end only.
fn record_time(part: Part, at: Timestamp) -> Timestamp {
    match part {
        Part::Completion => at.saturating_add(39.seconds()).unwrap_or(at),
        Part::Api | Part::DataCopy | Part::Log => at,
    }
}

/// When a call was, as the best of its records says.
fn counted_at(at: Timestamp, parts: &BTreeSet<Part>) -> Timestamp {
    let only_completion = *parts == BTreeSet::from([Part::Completion]);
    record_time(
        if only_completion {
            Part::Completion
        } else {
            Part::Api
        },
        at,
    )
}

/// Whether nobody was made again: the id has no number.
fn id_is_first(draft: &Draft) -> bool {
    !draft
        .stable_id()
        .is_some_and(|id| id.ends_with(|last: char| last.is_ascii_digit()))
}

/// The counts of the best source, and whether they may still change.
fn tokens(call: Call, parts: &BTreeSet<Part>) -> (Option<Tokens>, bool) {
    let whole = split(call);
    let undivided = Tokens {
        input: whole.whole_input(),
        output: whole.output,
        ..Tokens::default()
    };
    match call.end {
        End::Denied | End::Throttled => (None, false),
        _ if parts.contains(&Part::Log) => (Some(whole), false),
        End::Streamed if parts.contains(&Part::Completion) => (Some(undivided), true),
        End::Answered if parts.contains(&Part::Api) => (Some(undivided), true),
        End::Answered | End::Streamed => (None, false),
    }
}
