//! From records to differences: which invocations there are, and what they add to which total.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use weir_core::calendar::Window;
use weir_core::counter::{CounterKey, HourlyKey, Sums, Tally};
use weir_core::evidence::Evidence;
use weir_core::history;
use weir_core::ids::{RequestId, TeamId, UserId};
use weir_core::invocation::{self, Invocation};
use weir_core::rulebook::Rulebook;
use weir_core::standing::CallSeen;

use crate::error::StoreError;
use crate::row::evidence::{Gone, without_gone};
use crate::row::invocation::Known;
use crate::row::sums;
use crate::settle::{Anew, Batch, Settled};
use crate::value::{Arg, args, json};
use crate::work::callers::Callers;
use crate::work::docs::{CountDocs, LookDocs};

/// An invocation with what it was derived from.
#[derive(Clone, Debug)]
pub(crate) struct Derived {
    pub(crate) evidence: Evidence,
    pub(crate) invocation: Invocation,
}

/// Derives every invocation of the batch as if it were new, sorted by request id.
pub(crate) fn derive(batch: &Batch<'_>) -> Vec<Derived> {
    let mut grouped: BTreeMap<RequestId, Evidence> = BTreeMap::new();
    for evidence in &batch.evidence {
        let Some(request) = evidence
            .records()
            .next()
            .map(|record| record.request.clone())
        else {
            continue;
        };
        let whole = exact(evidence.clone());
        match grouped.entry(request) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(whole);
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => slot.get_mut().merge(whole),
        }
    }
    grouped
        .into_values()
        .filter_map(|evidence| derived(evidence, batch.rules))
        .collect()
}

fn derived(evidence: Evidence, rules: &Rulebook) -> Option<Derived> {
    let invocation = fit(invocation::derive(&evidence, rules)?);
    Some(Derived {
        evidence,
        invocation,
    })
}

/// Instants as the database keeps them, in microseconds.
fn exact(mut evidence: Evidence) -> Evidence {
    let Evidence {
        api_call,
        log,
        completion,
        sighting: _,
    } = &mut evidence;
    for record in [api_call, log, completion].into_iter().flatten() {
        if let Ok(at) = Timestamp::from_microsecond(record.at.as_microsecond()) {
            record.at = at;
        }
    }
    evidence
}

/// Cuts what a column cannot hold, so that no hostile text stops its neighbours and both dialects
/// keep the same.
fn fit(mut invocation: Invocation) -> Invocation {
    fn id<T: Borrow<str> + for<'t> From<&'t str>>(id: &mut T, most: usize) {
        let whole: &str = (*id).borrow();
        let fitting = cut(whole, most);
        if fitting.len() != whole.len() {
            *id = T::from(fitting);
        }
    }
    fn text(text: &mut Option<String>, most: usize) {
        if let Some(text) = text {
            let length = cut(text, most).len();
            text.truncate(length);
        }
    }
    id(&mut invocation.request, 128);
    id(&mut invocation.account, 20);
    id(&mut invocation.user, 191);
    id(&mut invocation.team, 128);
    id(&mut invocation.tool, 100);
    id(&mut invocation.model, 160);
    id(&mut invocation.region, 32);
    if let Some(region) = &mut invocation.inference_region {
        id(region, 32);
    }
    text(&mut invocation.profile, 512);
    text(&mut invocation.model_sent, 2048);
    let length = cut(&invocation.operation, 128).len();
    invocation.operation.truncate(length);
    text(&mut invocation.client.source_ip, 128);
    text(&mut invocation.client.user_agent, 512);
    if let Some(key) = &mut invocation.client.access_key {
        id(key, 128);
    }
    if let Some(failure) = &mut invocation.failure {
        let length = cut(&failure.code, 255).len();
        failure.code.truncate(length);
        text(&mut failure.message, 4096);
    }
    if let Some(reference) = &invocation.price_reference {
        let fitting = cut(reference, 512);
        if fitting.len() != reference.len() {
            invocation.price_reference = Some(fitting.into());
        }
    }
    let caller = &mut invocation.caller;
    caller.user = invocation.user.clone();
    caller.team = invocation.team.clone();
    caller.principal.account = invocation.account.clone();
    let length = cut(&caller.principal.name, 128).len();
    caller.principal.name.truncate(length);
    // Together at most what `access_members.reach` holds; IAM's own limits are far below.
    text(&mut caller.principal.session, 171);
    text(&mut caller.stable_id, 128);
    text(&mut caller.person, 255);
    text(&mut caller.email, 255);
    invocation
}

/// The text without its end: at most so many characters, and no spaces last (`MySQL` compares
/// `ana` and `ana ` as equal).
fn cut(text: &str, most: usize) -> &str {
    let end = if text.len() <= most {
        text.len()
    } else {
        text.char_indices()
            .nth(most)
            .map_or(text.len(), |(at, _)| at)
    };
    text[..end].trim_end_matches(' ')
}

/// What a batch comes to once it is known which invocations are on file.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    pub(crate) tally: Tally,
    /// On file and different now.
    pub(crate) changed: Vec<Changed>,
    pub(crate) new: u64,
    pub(crate) duplicates: u64,
    pub(crate) failed_calls: u64,
    pub(crate) unpriced: u64,
    pub(crate) unpriced_models: BTreeSet<String>,
    pub(crate) callers: Callers,
    pub(crate) calls: BTreeMap<UserId, Vec<CallSeen>>,
    pub(crate) users: BTreeSet<UserId>,
    pub(crate) teams: BTreeSet<TeamId>,
    pub(crate) organisation: bool,
    all_teams: BTreeSet<TeamId>,
}

/// An invocation that a record changed.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) now: Derived,
    pub(crate) gone: Gone,
    pub(crate) settle_id: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl Counted {
    /// Compares the batch with what is on file; `known` by request id.
    pub(crate) fn of(
        fresh: &[Derived],
        mut known: BTreeMap<RequestId, Known>,
        batch: &Batch<'_>,
    ) -> Self {
        let rules = batch.rules;
        let mut counted = Self::default();
        for one in fresh {
            match (known.remove(&one.invocation.request), &batch.anew) {
                (None, _) => counted.add_new(one, rules),
                (Some(before), None) => counted.add_known(one, before, rules),
                (Some(before), Some(Anew::Attributed(anew))) => {
                    let now = Derived {
                        invocation: fit(anew.apply(&before.invocation)),
                        evidence: before.evidence.clone(),
                    };
                    counted.replace(before, now, rules);
                }
                (Some(before), Some(Anew::Priced(anew))) => {
                    let (old, evidence) = (&before.invocation, before.evidence.clone());
                    let now = Derived {
                        invocation: fit(anew.apply(old, &evidence, rules)),
                        evidence,
                    };
                    counted.replace(before, now, rules);
                }
                (Some(mut before), Some(Anew::Forgotten(names))) => {
                    let (invocation, evidence) = names.erase(&before.invocation, &before.evidence);
                    before.gone = Gone::Caller;
                    let now = Derived {
                        evidence,
                        invocation: fit(invocation),
                    };
                    counted.replace(before, now, rules);
                }
            }
        }
        counted.tally.prune();
        counted
    }

    fn add_new(&mut self, one: &Derived, rules: &Rulebook) {
        let invocation = &one.invocation;
        self.new += 1;
        self.failed_calls += u64::from(invocation.failed);
        self.tally.add(invocation, &rules.quotas);
        self.touch(invocation);
        self.note_price(invocation);
        self.callers.observe(one);
        // Whose a tentative call is, is not certain: it proves nothing yet.
        if !invocation.tentative {
            self.note_call(invocation);
        }
    }

    fn add_known(&mut self, one: &Derived, before: Known, rules: &Rulebook) {
        let old = &before.invocation;
        let mut evidence = before.evidence.clone();
        evidence.merge(without_gone(
            one.evidence.clone(),
            &before.evidence,
            before.gone,
        ));
        // History keeps the attribution and the price of its time (rules A12, M2): without a new
        // record only what is still open is derived again.
        let is_same = evidence == before.evidence;
        let is_open = old.is_unpriced() || old.unresolved;
        let today = (!is_same || is_open).then(|| invocation::derive(&evidence, rules));
        let Some(today) = today.flatten() else {
            self.duplicates += 1;
            return;
        };
        if is_same && !old.unresolved {
            // A price that comes late says nothing new about who called.
            let priced = Invocation {
                cost: today.cost,
                price_reference: today.price_reference,
                ..old.clone()
            };
            let invocation = fit(priced);
            let now = Derived {
                evidence,
                invocation,
            };
            self.replace(before, now, rules);
            return;
        }
        // What is known of the caller goes by today's rules, what was counted by those of its time.
        let kept = history::keep(today.clone(), old, &before.evidence, rules);
        if before.gone != Gone::Caller {
            let invocation = fit(today);
            // Whoever is known otherwise now may be in another team, and is decided about, though the
            // call stays with whom it was counted for.
            self.touch(&invocation);
            self.callers.observe(&Derived {
                invocation,
                evidence: evidence.clone(),
            });
        }
        let invocation = fit(kept);
        if says_more(old, &invocation) {
            self.note_call(&invocation);
        }
        let now = Derived {
            evidence,
            invocation,
        };
        self.replace(before, now, rules);
    }

    /// The old contribution leaves every total it touches, and the new one enters.
    fn replace(&mut self, before: Known, now: Derived, rules: &Rulebook) {
        let Known {
            invocation: old,
            evidence: on_file,
            gone,
            settle_id,
            created_at,
            updated_at,
        } = before;
        if now.invocation == old && now.evidence == on_file {
            self.duplicates += 1;
            return;
        }
        self.tally.remove(&old, &rules.quotas);
        self.tally.add(&now.invocation, &rules.quotas);
        self.touch(&old);
        self.touch(&now.invocation);
        self.note_price(&now.invocation);
        self.changed.push(Changed {
            now,
            gone,
            settle_id,
            created_at,
            updated_at,
        });
    }

    /// What the call says about a Deny is for the decision.
    fn note_call(&mut self, invocation: &Invocation) {
        let calls = self.calls.entry(invocation.user.clone()).or_default();
        calls.push(call(invocation));
    }

    /// Whose totals move.
    fn touch(&mut self, invocation: &Invocation) {
        self.all_teams.insert(invocation.team.clone());
        // Who a tentative call belongs to may still change: it blocks nobody yet.
        if !invocation.tentative {
            self.users.insert(invocation.user.clone());
            self.teams.insert(invocation.team.clone());
            self.organisation = true;
        }
    }

    fn note_price(&mut self, invocation: &Invocation) {
        if invocation.is_unpriced() {
            self.unpriced += 1;
            self.unpriced_models.insert(invocation.model.to_string());
        }
    }

    /// Everything to be written, and whose standing to read.
    pub(crate) fn docs<'a>(&'a self, batch: &'a Batch<'_>) -> Result<CountDocs<'a>, StoreError> {
        let mut users = self.callers.successors(batch.rules);
        users.extend(self.users.iter().chain(&batch.users).cloned());
        let teams: BTreeSet<_> = self.teams.iter().chain(&batch.teams).cloned().collect();
        Ok(CountDocs {
            settle_id: &batch.id,
            now: batch.now.as_microsecond(),
            version: i64::try_from(batch.rules.version).unwrap_or(i64::MAX),
            users: self.callers.users(),
            principals: self.callers.principals(batch.rules),
            teams: self
                .all_teams
                .iter()
                .map(|team| args![team.as_str()])
                .collect(),
            counters: self
                .tally
                .counters
                .iter()
                .map(|(key, sums)| counter_cells(key, sums))
                .collect(),
            hourly: self
                .tally
                .hourly
                .iter()
                .map(|(key, sums)| hourly_cells(key, sums))
                .collect(),
            emptied: self
                .tally
                .hourly
                .iter()
                .filter(|(_, sums)| sums.requests + sums.failed < 0)
                .map(|(key, _)| hourly_key(key))
                .collect(),
            look: look(&users, &teams, self.organisation, batch.now, batch.rules)?,
        })
    }

    /// Whether nothing is left to do for these records.
    pub(crate) fn is_empty(&self) -> bool {
        self.new == 0 && self.changed.is_empty()
    }

    /// The counts of the answer.
    pub(crate) fn settled(&self) -> Settled {
        Settled {
            new: self.new,
            completed: u64::try_from(self.changed.len()).unwrap_or(u64::MAX),
            duplicates: self.duplicates,
            failed_calls: self.failed_calls,
            unpriced: self.unpriced,
            unpriced_models: self.unpriced_models.iter().cloned().collect(),
            ..Settled::default()
        }
    }
}

/// How long after its end a block still explains calls that come in: CloudTrail takes minutes, seldom
/// hours.
const LATELY: i64 = 24 * 3_600 * 1_000_000;

/// Whose standing to read, at which instant.
pub(crate) fn look(
    users: &BTreeSet<UserId>,
    teams: &BTreeSet<TeamId>,
    organisation: bool,
    now: Timestamp,
    rules: &Rulebook,
) -> Result<LookDocs, StoreError> {
    let mut kinds = vec!["user"];
    kinds.extend(rules.quotas.tools().next().map(|_| "tool"));
    kinds.extend(rules.quotas.models().next().map(|_| "model"));
    let mut scopes: Vec<(&str, &str)> = Vec::new();
    let mut subjects = Vec::new();
    for user in users {
        scopes.extend(kinds.iter().map(|kind| (*kind, user.as_str())));
        subjects.push(format!("user:{user}"));
    }
    for team in teams {
        scopes.push(("team", team.as_str()));
        subjects.push(format!("team:{team}"));
    }
    if organisation {
        scopes.push(("organisation", ""));
        subjects.push("organisation".to_owned());
    }
    let windows: Vec<_> = Window::all_containing(now, &rules.zone)
        .iter()
        .map(|window| (window.kind().as_str(), window.to_string()))
        .collect();
    Ok(LookDocs {
        users: json(&users.iter().map(UserId::as_str).collect::<Vec<_>>())?,
        teams: json(&teams.iter().map(TeamId::as_str).collect::<Vec<_>>())?,
        scopes: json(&scopes)?,
        subjects: json(&subjects)?,
        windows: json(&windows)?,
        ended_since: now.as_microsecond() - LATELY,
    })
}

fn counter_cells<'a>(key: &'a CounterKey, total: &Sums) -> Vec<Arg<'a>> {
    let CounterKey { scope, window } = key;
    let (kind, id, part) = scope.parts();
    let mut cells = args![kind, id, window.kind().as_str(), window.to_string(), part];
    cells.extend(sums::cells(total));
    cells
}

fn hourly_cells<'a>(key: &'a HourlyKey, total: &Sums) -> Vec<Arg<'a>> {
    let mut cells = hourly_key(key);
    cells.extend(sums::cells(total));
    cells
}

fn hourly_key(key: &HourlyKey) -> Vec<Arg<'_>> {
    let HourlyKey {
        hour,
        account,
        region,
        user,
        team,
        tool,
        model,
    } = key;
    args![
        hour.to_string(),
        account.as_str(),
        region.as_str(),
        user.as_str(),
        team.as_str(),
        tool.as_str(),
        model.as_str(),
    ]
}

/// Whether a record told something new about who called, or whether the call went through: what the
/// call says about a Deny was not noted with the first record, or was another thing (rules E13).
fn says_more(old: &Invocation, now: &Invocation) -> bool {
    let (before, after) = (call(old), call(now));
    !now.tentative
        && (old.tentative
            || old.user != now.user
            || before.principal.folded() != after.principal.folded()
            || (before.denied, before.failed) != (after.denied, after.failed))
}

fn call(invocation: &Invocation) -> CallSeen {
    CallSeen {
        request: invocation.request.clone(),
        at: invocation.at,
        principal: invocation.caller.principal.clone(),
        model: invocation.model.clone(),
        operation: invocation.operation.clone(),
        key: invocation.client.access_key.clone(),
        denied: invocation
            .failure
            .as_ref()
            .is_some_and(weir_core::record::Failure::is_denial),
        failed: invocation.failed,
    }
}
