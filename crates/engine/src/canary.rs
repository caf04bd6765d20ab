//! A trial of denying somebody, in whatever mode: the Deny is written, read back, removed, read back.
//!
//! A note in the database says what is being tried, from before the Deny is written until its removal
//! is read back. Whoever finds an old note, a tick or the next trial, removes the Deny: so nothing is left
//! behind, whenever a trial was stopped.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use tokio::sync::Notify;
use weir_core::access::{Denial, Desired, Reach, TargetKey, TargetKind};
use weir_core::attribution::PrincipalKind;
use weir_core::block::Until;
use weir_core::ids::{AccountId, UserId};
use weir_core::rulebook::UserClass;
use weir_store::Cursor;

use crate::executor::write;
use crate::options::Actor;
use crate::ports::{AccessControl, EffectError, EffectErrorKind};
use crate::{Engine, EngineError};

/// Where the note is kept: one trial at a time.
const NOTE: &str = "enforce check";
/// A trial that is older was stopped. A Deny whose text we write ends by itself then.
const LONGEST: SignedDuration = SignedDuration::from_mins(10);

/// What a trial did with one IAM user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CanaryLine {
    /// The target.
    pub target: String,
    /// `attached-policy` or `inline-policy`.
    pub mechanism: Option<&'static str>,
    /// The Deny was read back.
    pub verified: bool,
    /// After so many milliseconds.
    pub verified_ms: u64,
    /// Its removal was read back.
    pub removed: bool,
    /// After so many milliseconds.
    pub removed_ms: u64,
    /// What went wrong.
    pub error: Option<String>,
}

impl CanaryLine {
    /// Denied and allowed again, both read back.
    pub fn is_ok(&self) -> bool {
        self.verified && self.removed && self.error.is_none()
    }
}

impl Engine {
    /// Which targets a trial would deny for a moment, or why there is none.
    pub async fn canary_targets(&self, user: &UserId) -> Result<Vec<TargetKey>, EngineError> {
        let refused = |why: String| Err(EngineError::Refused(format!("`{user}` {why}")));
        let row = self.known(user).await?;
        let status = self.status(user).await?;
        if row.is_blocked || !status.reasons.is_empty() {
            return refused("is blocked already: try it on somebody who is not".to_owned());
        }
        let rules = self.reload_rules().await?;
        let (users, teams) = (std::slice::from_ref(user), std::slice::from_ref(&row.team));
        let situation = self
            .store
            .situation(users, teams, self.now(), &rules)
            .await?;
        let mut standings = situation.users.iter();
        let standing = standings.find(|standing| standing.user == *user);
        if standing.is_none_or(|standing| standing.is_exempt(&rules)) {
            return refused("is on enforcement.never, or tagged WeirExempt".to_owned());
        }
        if row.class != UserClass::Human {
            return refused(
                "is no person, and its calls would fail meanwhile: try it on a person".to_owned(),
            );
        }
        let principals = row.principals.iter().map(|(principal, ..)| principal);
        let targets: Vec<_> = principals
            .filter(|principal| principal.kind == PrincipalKind::IamUser)
            .map(|principal| TargetKey {
                account: principal.account.clone(),
                kind: TargetKind::IamUser,
                id: principal.name.clone(),
            })
            .collect();
        if targets.is_empty() {
            return refused(
                "has no IAM user that has called or that Weir was told of: `weir sync` reads them"
                    .to_owned(),
            );
        }
        Ok(targets)
    }

    /// Denies a user for a moment and allows it again. `hold` is how long the Deny stays, so that
    /// somebody can see a call fail; `stop` ends that early. People are told nothing.
    pub async fn canary(
        &self,
        user: &UserId,
        (hold, stop): (Duration, &Notify),
        by: &Actor,
    ) -> Result<Vec<CanaryLine>, EngineError> {
        let access = self.access.clone().filter(|_| self.reaches_aws());
        let access = access.ok_or(EngineError::NoAws {
            what: "the trial",
            why: "none were found when this process started, or --as-of was given without --effects",
        })?;
        let targets = self.canary_targets(user).await?;
        self.take_note(&access, &targets).await?;
        let mut lines = Vec::new();
        for target in targets {
            let line = self.try_one(&access, &target, (hold, stop)).await?;
            let entry = self.entry(
                "enforcement-check",
                format!("user:{user}"),
                "denied for a moment, to see that it works".to_owned(),
                by,
            );
            let evidence = json!(line).to_string();
            self.store
                .append_audit(vec![weir_core::audit::Entry {
                    evidence: Some(evidence),
                    ..entry
                }])
                .await?;
            let ok = line.is_ok();
            lines.push(line);
            if !ok {
                break;
            }
        }
        Ok(lines)
    }

    async fn try_one(
        &self,
        access: &Arc<dyn AccessControl>,
        target: &TargetKey,
        (hold, stop): (Duration, &Notify),
    ) -> Result<CanaryLine, EngineError> {
        let begun = self.wall();
        self.note(target, begun).await?;
        let denied = write(&**access, target, &denial(begun), self.options.read_back).await;
        let verified_ms = millis(begun, self.wall());
        let verified = matches!(&denied, Ok(applied) if applied.verified);
        if verified && !hold.is_zero() {
            let sleep = tokio::time::sleep(hold);
            tokio::select! { () = sleep => {} () = stop.notified() => {} }
        }
        let released = self.wall();
        let removed = self.lift(access, target).await;
        let removed_ms = millis(released, self.wall());
        let mechanism = denied.as_ref().ok().map(|applied| applied.mechanism);
        let error = match (denied, &removed) {
            (_, Err(error)) => Some(error.to_string()),
            (Err(error), _) => Some(error.to_string()),
            (Ok(_), Ok(_)) => None,
        };
        Ok(CanaryLine {
            target: target.to_string(),
            mechanism,
            verified,
            verified_ms,
            removed: matches!(removed, Ok(true)),
            removed_ms,
            error,
        })
    }

    /// Removes what a trial wrote, and forgets the trial once that is read back. Whoever was blocked
    /// meanwhile is denied again at once.
    async fn lift(
        &self,
        access: &Arc<dyn AccessControl>,
        target: &TargetKey,
    ) -> Result<bool, EngineError> {
        let nothing = Desired::default();
        let removed = write(&**access, target, &nothing, self.options.read_back).await;
        let removed = match removed {
            Ok(applied) => applied.verified,
            // Nobody is left to be denied.
            Err(EffectError {
                kind: EffectErrorKind::Gone,
                ..
            }) => true,
            Err(error) => return Err(error.into()),
        };
        let keys = std::slice::from_ref(target);
        if self.store.target(target).await?.is_some() {
            self.store.request_targets(keys, self.effect_time()).await?;
            self.dispatch(Some(keys)).await?;
        }
        if removed {
            self.store.drop_cursor(NOTE).await?;
        }
        Ok(removed)
    }

    /// Makes way for a trial: what an earlier one left is removed, and one that goes on is respected.
    async fn take_note(
        &self,
        access: &Arc<dyn AccessControl>,
        targets: &[TargetKey],
    ) -> Result<(), EngineError> {
        let Some((left, since)) = self.noted().await? else {
            return Ok(());
        };
        if !targets.contains(&left) && self.wall().duration_since(since) < LONGEST {
            return Err(EngineError::Refused(format!(
                "another trial began at {since}, on {left}: wait for it, or run it again if it was \
                 stopped, which removes what it left"
            )));
        }
        self.lift(access, &left).await?;
        Ok(())
    }

    /// Removes what a trial left that was stopped; every tick looks.
    pub(crate) async fn end_stopped_canary(&self) -> Result<(), EngineError> {
        let Some(access) = self.access.clone().filter(|_| self.reaches_aws()) else {
            return Ok(());
        };
        if let Some((left, since)) = self.noted().await?
            && self.wall().duration_since(since) >= LONGEST
        {
            tracing::warn!(target = %left, "a trial was stopped: its Deny is removed");
            self.lift(&access, &left).await?;
        }
        Ok(())
    }

    /// What a trial is about that goes on, or was stopped.
    pub(crate) async fn noted(&self) -> Result<Option<(TargetKey, Timestamp)>, EngineError> {
        let Some(Cursor { position, at }) = self.store.cursor(NOTE).await? else {
            return Ok(None);
        };
        let broken = || EngineError::Inconsistent(format!("`{position}` is no target of a trial"));
        let (account, rest) = position.split_once('/').ok_or_else(broken)?;
        let (kind, id) = rest.split_once('/').ok_or_else(broken)?;
        let key = TargetKey {
            account: AccountId::new(account),
            kind: kind.parse().map_err(|_| broken())?,
            id: id.to_owned(),
        };
        Ok(Some((key, at)))
    }

    async fn note(&self, target: &TargetKey, at: Timestamp) -> Result<(), EngineError> {
        let position = target.to_string();
        Ok(self
            .store
            .set_cursor(NOTE, &Cursor { position, at })
            .await?)
    }
}

fn denial(begun: Timestamp) -> Desired {
    let end = begun.saturating_add(LONGEST).unwrap_or(Timestamp::MAX);
    let everything = Denial {
        everything: Some(Until::At(end)),
        ..Denial::default()
    };
    Desired {
        denied: vec![(Reach::Whole, everything)],
    }
}

fn millis(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_millis()).unwrap_or(0)
}
