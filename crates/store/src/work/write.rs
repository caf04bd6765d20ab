//! From a plan to the documents that are written.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use weir_core::access::{TargetKey, TargetState};
use weir_core::ids::{BlockId, TeamId};
use weir_core::message::{About, Message};
use weir_core::outbox::{Job, OutboxRow};
use weir_core::plan::{
    AccessChange, Lift, Observation, Plan, Projection, ProtectionEnd, Revision, Warning,
};

use crate::error::StoreError;
use crate::row::{access, block};
use crate::rows::DeadLetter;
use crate::settle::Batch;
use crate::value::{Arg, Doc, args};
use crate::work::docs::PlanDocs;

/// The documents of a plan and of the batch it was made for.
pub(crate) fn docs<'a>(plan: &'a Plan, batch: &'a Batch<'_>) -> Result<PlanDocs<'a>, StoreError> {
    let Plan {
        opened,
        revised,
        lifted,
        protected,
        unprotected,
        warned,
        rearmed,
        access: changes,
        observed,
        projections,
        outbox,
        told,
        audit: _,
        ask_young: _,
        ask_young_teams: _,
        recheck,
    } = plan;
    let mut docs = PlanDocs {
        now: batch.now.as_microsecond(),
        ..PlanDocs::default()
    };
    docs.blocks = opened.iter().map(block::write).collect::<Result<_, _>>()?;
    docs.revisions = revised.iter().map(revision).collect::<Result<_, _>>()?;
    docs.lifts = lifted.iter().map(lift).collect();
    docs.protections = protected.iter().map(block::write_protection).collect();
    docs.unprotections = unprotected
        .iter()
        .map(|ProtectionEnd { id, by }| args![id.as_str(), by])
        .collect();
    docs.forgotten = rearmed.iter().map(block::write_warning).collect();
    docs.warnings = warned.iter().map(warning).collect();
    docs.members = changes
        .iter()
        .map(|change| access::write_member(&change.member))
        .collect::<Result<_, _>>()?;
    docs.targets = targets(changes, docs.now);
    observations(observed, &mut docs);
    docs.projections = projections.iter().map(projection).collect();
    docs.outbox = outbox.iter().map(|row| job(&row.id, row)).collect();
    for (user, at) in recheck {
        let subject = format!("user:{user}");
        docs.outbox.push(args![
            format!("evaluate:{user}:{}", at.as_microsecond()),
            subject,
            *at,
            "evaluate",
            user.as_str(),
            None::<&str>,
            None::<&str>,
        ]);
    }
    docs.outbox.extend(told.iter().map(message));
    docs.dead_letters = dead_letters(&batch.dead_letters);
    docs.done = batch.done.iter().map(|id| args![id]).collect();
    Ok(docs)
}

/// What calls have shown: one row for each block and each target, whatever the number of calls.
fn observations<'a>(observed: &'a [Observation], docs: &mut PlanDocs<'a>) {
    let mut followed: BTreeMap<&BlockId, Followed> = BTreeMap::new();
    let mut denied: BTreeMap<&TargetKey, Timestamp> = BTreeMap::new();
    for observation in observed {
        match observation {
            Observation::Requested { block, in_place } => {
                let known = followed.entry(block).or_default();
                (known.requested, known.in_place) = (true, *in_place);
            }
            Observation::Withdrawn { block } => {
                followed.entry(block).or_default().withdrawn = true;
            }
            Observation::Explained { block, at } => {
                let first = &mut followed.entry(block).or_default().denied_at;
                *first = Some(first.map_or(*at, |first| first.min(*at)));
            }
            Observation::Denied { target, at } => {
                let first = denied.entry(target).or_insert(*at);
                *first = (*first).min(*at);
            }
            Observation::Leak { target } => docs.leaked.push(access::key(target).into()),
        }
    }
    let now = docs.now;
    docs.followed
        .extend(followed.into_iter().map(|(id, now_known)| {
            let Followed {
                requested,
                in_place,
                withdrawn,
                denied_at,
            } = now_known;
            args![
                id.as_str(),
                withdrawn,
                requested.then_some(now),
                in_place.then_some(now),
                denied_at,
            ]
        }));
    docs.denied.extend(denied.into_iter().map(|(target, at)| {
        let mut cells = Vec::from(access::key(target));
        cells.push(at.into());
        cells
    }));
}

/// What is new about the Deny of a block.
#[derive(Default)]
struct Followed {
    requested: bool,
    in_place: bool,
    withdrawn: bool,
    denied_at: Option<Timestamp>,
}

fn revision(revision: &Revision) -> Result<Vec<Arg<'_>>, StoreError> {
    let Revision {
        id,
        reason,
        author,
        evidence,
        until,
        force,
    } = revision;
    Ok(args![
        id.as_str(),
        reason,
        author,
        block::violations(evidence)?,
        until.instant(),
        block::write_force(*force)
    ])
}

fn lift(lift: &Lift) -> Vec<Arg<'_>> {
    let Lift { id, by, why, note } = lift;
    args![id.as_str(), by, why.as_str(), note.as_deref()]
}

fn warning(warning: &Warning) -> Vec<Arg<'_>> {
    let Warning { key, told, used } = warning;
    let mut cells = block::write_warning(key);
    cells.extend(args![*used, *told]);
    cells
}

fn projection(projection: &Projection) -> Vec<Arg<'_>> {
    let Projection {
        user,
        is_blocked,
        blocked_reason,
        blocked_until,
        protection_by,
    } = projection;
    args![
        user.as_str(),
        *is_blocked,
        blocked_reason.as_deref(),
        *blocked_until,
        protection_by.as_deref()
    ]
}

fn job<'a>(id: &'a str, row: &'a OutboxRow) -> Vec<Arg<'a>> {
    let OutboxRow {
        id: _,
        subject,
        not_before,
        job,
    } = row;
    let (about, after) = Job::parts(job);
    let no_message = None::<&str>;
    args![
        id,
        subject,
        *not_before,
        job.kind(),
        about,
        after,
        no_message
    ]
}

/// A message as a row: due when it happened.
fn message<'a>(message: &Message) -> Vec<Arg<'a>> {
    args![
        message.id(),
        message.about.subject(),
        message.at,
        message.kind().as_str(),
        about(message).to_owned(),
        None::<&str>,
        message.to_json().to_string(),
    ]
}

/// The user it is about, or the team.
pub(crate) fn about(message: &Message) -> &str {
    let About::User { user, .. } = &message.about else {
        return message.about.team().map_or("", TeamId::as_str);
    };
    user.as_str()
}

/// Each target once, however many of its members change. Where they disagree, the state that
/// something is done in wins.
fn targets(changes: &[AccessChange], now: i64) -> Doc<'_> {
    let mut states: BTreeMap<&TargetKey, (TargetState, Option<&str>)> = BTreeMap::new();
    for AccessChange {
        member,
        state,
        note,
    } in changes
    {
        let slot = states
            .entry(&member.target)
            .or_insert((*state, note.as_deref()));
        let rank = |state: TargetState| (state == TargetState::Requested, state);
        if rank(*state) > rank(slot.0) {
            *slot = (*state, note.as_deref());
        }
    }
    states
        .into_iter()
        .map(|(key, (state, note))| {
            let mut cells = Vec::from(access::key(key));
            let due = (state == TargetState::Requested).then_some(now);
            cells.extend(args![state.as_str(), due, note]);
            cells
        })
        .collect()
}

fn dead_letters(letters: &[DeadLetter]) -> Doc<'_> {
    let mut counted: BTreeMap<&DeadLetter, i64> = BTreeMap::new();
    for letter in letters {
        *counted.entry(letter).or_default() += 1;
    }
    counted
        .into_iter()
        .map(|(letter, count)| {
            let DeadLetter {
                source,
                reason,
                shape,
            } = letter;
            let mut sha = Sha256::new();
            for field in [source, reason, shape] {
                sha.update((field.len() as u64).to_be_bytes());
                sha.update(field.as_bytes());
            }
            let mut digest = String::with_capacity(64);
            for byte in sha.finalize() {
                let _ = write!(digest, "{byte:02x}");
            }
            args![digest, source, reason, shape, count]
        })
        .collect()
}
