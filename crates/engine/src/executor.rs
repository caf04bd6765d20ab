//! One executor: brings one claimed target to the state the ledger wants, and records what it
//! found for the generation it has read (rules E1, E7).

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::task::JoinSet;
use weir_core::access::{Desired, Member, Target, TargetKey, TargetKind, TargetState};
use weir_core::audit::Entry;
use weir_core::rulebook::Mode;
use weir_store::{ClaimedTarget, Lease, TargetOutcome, TargetRow};

use crate::keys::Switched;
use crate::options::ReadBack;
use crate::ports::{AccessControl, Applied, Comparison, EffectError, EffectErrorKind};
use crate::{Engine, EngineError, backoff, budget};

/// When a failure that waiting does not cure is tried again all the same.
const HOPELESS: SignedDuration = SignedDuration::from_hours(1);
/// After so many attempts the administrators are told; attempts go on.
const TOO_MANY: u32 = 10;
/// No call to AWS with all its pages takes longer; a lease does.
const CALL: Duration = Duration::from_secs(90);

/// How an executor's work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Read back, or nothing had to be done.
    Verified,
    /// The mode, the scope or the breaker keeps it from being written.
    Recorded,
    /// To be tried again soon.
    Retry,
    /// Failed, gone, or no mechanism.
    Failed,
    /// Something newer is wanted by now, or the lease was lost.
    Superseded,
}

/// What AWS made of a target.
pub(crate) type Effect = Result<Applied, EffectError>;

impl Engine {
    /// Executes claimed targets, a few at a time.
    pub(crate) async fn execute_all(
        &self,
        access: &Arc<dyn AccessControl>,
        claimed: Vec<ClaimedTarget>,
        lease: &Lease,
    ) -> Result<Vec<(TargetKey, Outcome)>, EngineError> {
        let mut outcomes = Vec::new();
        let end = budget::end();
        let mut writing: JoinSet<(TargetRow, Effect)> = JoinSet::new();
        let mut claimed = claimed.into_iter();
        loop {
            while writing.len() < self.options.concurrency.max(1) {
                let Some(ClaimedTarget { row }) = claimed.next() else {
                    break;
                };
                let key = row.target.key.clone();
                // Time has passed since the claim: what is wanted now is what counts.
                let Some(row) = self.store.target(&key).await? else {
                    continue;
                };
                if is_idle(&row) {
                    let nothing = Applied {
                        wrote: false,
                        verified: true,
                        mechanism: "nothing",
                    };
                    outcomes.push((key, self.conclude(lease, &row, Ok(nothing)).await?));
                } else if key.kind == TargetKind::ToolKeys {
                    let work = Box::pin(self.switch_keys(&**access, lease, &row));
                    let switched = match budget::until(end, work).await {
                        Ok(switched) => switched?,
                        Err(_) => Switched::only(Err(out_of_time(&key))),
                    };
                    outcomes.push((key, self.conclude_keys(lease, &row, switched).await?));
                } else {
                    let (access, pauses) = (Arc::clone(access), self.options.read_back);
                    writing.spawn(async move {
                        let desired = Desired::of(row.members.iter().cloned());
                        let work = write(&*access, &key, &desired, pauses);
                        // Cut short it is on record, and its lease free: a function that ends says neither.
                        let effect = budget::until(end, work).await;
                        (row, effect.unwrap_or_else(|_| Err(out_of_time(&key))))
                    });
                }
            }
            match writing.join_next().await {
                None => return Ok(outcomes),
                Some(Ok((row, effect))) => {
                    let key = row.target.key.clone();
                    outcomes.push((key, self.conclude(lease, &row, effect).await?));
                }
                // The lease runs out and somebody takes the target up.
                Some(Err(error)) => tracing::error!(%error, "an executor ended without a result"),
            }
        }
    }

    /// Records what AWS made of the generation that was read.
    async fn conclude(
        &self,
        lease: &Lease,
        row: &TargetRow,
        effect: Effect,
    ) -> Result<Outcome, EngineError> {
        let found = self.found(row, effect).await?;
        self.finish(lease, found).await
    }

    async fn conclude_keys(
        &self,
        lease: &Lease,
        row: &TargetRow,
        switched: Switched,
    ) -> Result<Outcome, EngineError> {
        let Switched {
            effect,
            given_back,
            audit,
        } = switched;
        let mut found = self.found(row, effect).await?;
        found.given_back = given_back;
        found.audit.extend(audit);
        self.finish(lease, found).await
    }

    /// What AWS made of a target, as it is recorded.
    async fn found(&self, row: &TargetRow, effect: Effect) -> Result<TargetOutcome, EngineError> {
        let (target, now) = (&row.target, self.effect_time());
        let denied = !Desired::of(row.members.iter().cloned()).is_allowed();
        let (mut found, why) = match effect {
            Ok(applied) if applied.verified => {
                let state = if denied {
                    TargetState::Verified
                } else {
                    self.state_without_deny(row).await?
                };
                let found = TargetOutcome {
                    wrote: applied.wrote,
                    ..outcome(target, state, now)
                };
                (found, applied.mechanism.to_owned())
            }
            Ok(applied) => {
                let error = format!("{}: AWS still shows the old state", applied.mechanism);
                (
                    failed(
                        target,
                        EffectErrorKind::Retry,
                        TargetState::Failed,
                        &error,
                        now,
                    ),
                    error,
                )
            }
            Err(error) => {
                let text = error.to_string();
                let state = state_after(&error, target.attempts);
                (failed(target, error.kind, state, &text, now), text)
            }
        };
        found.audit.extend(self.account(row, &found, denied, &why));
        Ok(found)
    }

    /// The state of a target at which AWS denies nothing: somebody's denial may be on record.
    async fn state_without_deny(&self, row: &TargetRow) -> Result<TargetState, EngineError> {
        if row.members.iter().all(|member| member.denial.is_none()) {
            return Ok(TargetState::None);
        }
        Ok(match self.rules().await?.mode.mode {
            Mode::Off => TargetState::Off,
            Mode::Iam | Mode::DryRun => TargetState::DryRun,
        })
    }

    async fn finish(&self, lease: &Lease, found: TargetOutcome) -> Result<Outcome, EngineError> {
        let (key, state) = (found.key.clone(), found.state);
        let (again, error) = (found.next_attempt_at.is_some(), found.error.clone());
        let newest = self.store.finish_target(lease, found).await?;
        if let Some(error) = error {
            tracing::warn!(target = %key, %state, error, "a denial or its removal failed");
        } else {
            tracing::info!(target = %key, %state, newest, "a target was brought up to date");
        }
        Ok(match state {
            _ if !newest => Outcome::Superseded,
            TargetState::Requested | TargetState::Applied if again => Outcome::Retry,
            TargetState::Failed | TargetState::Gone | TargetState::Cannot => Outcome::Failed,
            state if is_only_recorded(state) => Outcome::Recorded,
            _ => Outcome::Verified,
        })
    }

    /// The audit entry of a result: one when a denial or its removal is read back, one when the
    /// kind of failure changes, none for a repetition.
    fn account(
        &self,
        row: &TargetRow,
        found: &TargetOutcome,
        denied: bool,
        why: &str,
    ) -> Option<Entry> {
        let target = &row.target;
        let operation = match found.state {
            TargetState::Verified if is_news(target) => "enforcement-verified",
            TargetState::None | TargetState::DryRun | TargetState::Off
                if is_news(target) && target.verified_generation.is_some() =>
            {
                "enforcement-removed"
            }
            TargetState::Failed | TargetState::Gone | TargetState::Cannot
                if (target.state, &target.last_error) != (found.state, &found.error) =>
            {
                "enforcement-failed"
            }
            _ => return None,
        };
        let why = match why {
            "nothing" => "nothing of ours is left there",
            other => other,
        };
        let users: Vec<_> = row
            .members
            .iter()
            .filter(|member| member.is_denied())
            .map(|member| member.user.as_str())
            .collect();
        let subject = format!("target:{}", target.key);
        let evidence = json!({ "generation": found.generation, "denies": denied, "users": users });
        Some(Entry {
            before: Some(json!({ "state": target.state.as_str() }).to_string()),
            after: Some(json!({ "state": found.state.as_str() }).to_string()),
            evidence: Some(evidence.to_string()),
            ..self.entry(operation, subject, why.to_owned(), &Self::weir())
        })
    }
}

/// Whether nothing was ever written here and nothing is to be.
fn is_idle(row: &TargetRow) -> bool {
    let Target {
        state,
        verified_generation,
        attempts,
        ..
    } = row.target;
    let written = verified_generation.is_some() || attempts > 0;
    let denies = row.members.iter().any(Member::is_denied);
    !denies && !written && (state == TargetState::None || is_only_recorded(state))
}

fn is_only_recorded(state: TargetState) -> bool {
    matches!(
        state,
        TargetState::DryRun | TargetState::Off | TargetState::Held
    )
}

/// Whether the newest generation was read back already.
pub(crate) fn is_verified(target: &Target) -> bool {
    let at_rest = target.state == TargetState::Verified
        || target.state == TargetState::None
        || is_only_recorded(target.state);
    at_rest && target.is_read_back()
}

/// Whether reading this generation back is worth an entry: it never was before, or it failed since.
fn is_news(target: &Target) -> bool {
    !target.is_read_back() || target.last_error.is_some()
}

/// Writes, and looks again for a while if AWS still shows the old state.
pub(crate) async fn write(
    access: &dyn AccessControl,
    key: &TargetKey,
    desired: &Desired,
    pauses: ReadBack,
) -> Effect {
    let late = |what: &str| {
        let why = format!("no answer within {} s", CALL.as_secs());
        EffectError::new(EffectErrorKind::Retry, format!("{what} {key}"), why)
    };
    let mut applied = tokio::time::timeout(CALL, access.apply(key, desired))
        .await
        .unwrap_or_else(|_| Err(late("apply")))?;
    let mut waited = Duration::ZERO;
    let mut pause = pauses.first;
    while !applied.verified && waited < pauses.total {
        tokio::time::sleep(pause).await;
        waited += pause.max(Duration::from_millis(1));
        pause = (pause * 2).min(pauses.first * 10);
        let found = tokio::time::timeout(CALL, access.compare(key, desired)).await;
        applied.verified = found.unwrap_or_else(|_| Err(late("compare")))? == Comparison::Same;
    }
    Ok(applied)
}

fn out_of_time(key: &TargetKey) -> EffectError {
    let why = "the time of this process was over before AWS answered";
    EffectError::new(EffectErrorKind::Retry, key.to_string(), why)
}

fn outcome(target: &Target, state: TargetState, at: Timestamp) -> TargetOutcome {
    TargetOutcome {
        key: target.key.clone(),
        generation: target.generation,
        state,
        wrote: false,
        at,
        next_attempt_at: None,
        error: None,
        given_back: Vec::new(),
        audit: Vec::new(),
    }
}

fn failed(
    target: &Target,
    kind: EffectErrorKind,
    state: TargetState,
    error: &str,
    now: Timestamp,
) -> TargetOutcome {
    let pause = match kind {
        EffectErrorKind::Retry => Some(backoff::pause(&target.key, target.attempts)),
        EffectErrorKind::Denied | EffectErrorKind::NoRoom | EffectErrorKind::Refused => {
            Some(HOPELESS)
        }
        EffectErrorKind::Gone | EffectErrorKind::Cannot => None,
    };
    TargetOutcome {
        next_attempt_at: pause.map(|pause| now.saturating_add(pause).unwrap_or(Timestamp::MAX)),
        error: Some(error.to_owned()),
        ..outcome(target, state, now)
    }
}

fn state_after(error: &EffectError, attempts: u32) -> TargetState {
    match error.kind {
        EffectErrorKind::Retry if attempts + 1 < TOO_MANY => TargetState::Requested,
        EffectErrorKind::Gone => TargetState::Gone,
        EffectErrorKind::Cannot => TargetState::Cannot,
        _ => TargetState::Failed,
    }
}
