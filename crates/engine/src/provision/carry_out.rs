//! Plans become true: step by step, each recorded, until one fails. What was done stays; planning
//! again gives the rest.

use std::future::Future;

use jiff::Timestamp;
use serde_json::json;
use weir_core::ids::{KeyId, ToolId};
use weir_core::provision::{Change, KeyKind, NewKey, Plan, Said, Step};
use weir_core::rulebook::{KeyOwner, KeyState};
use weir_core::secret::Secret;

use super::{PAUSES, Provisioner, refused};
use crate::EngineError;
use crate::ports::{EffectError, EffectErrorKind, MadeKey, Performed};

/// What became of a plan.
#[derive(Debug, Default)]
pub struct Carried {
    /// What was there, and every step, in order.
    pub lines: Vec<Line>,
    /// Secrets that are seen this once.
    pub secrets: Vec<Shown>,
    /// Why it stopped, if it did.
    pub stopped: Option<EngineError>,
}

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is about.
    pub what: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was there before.
    Exists,
    /// It would be done.
    Would,
    /// It was done.
    Done,
    /// It failed; those after it were not tried.
    Failed,
    /// Not reached.
    Left,
}

/// A secret that is seen once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A key.
    Key {
        /// Its id.
        id: KeyId,
        /// What kind of key.
        kind: KeyKind,
        /// The tool it is for.
        tool: ToolId,
        /// The IAM user that holds it.
        holder: String,
        /// The secret.
        secret: Secret,
        /// When it ends by itself.
        expires: Option<Timestamp>,
    },
    /// A password for the console.
    Login {
        /// The IAM user.
        user: String,
        /// The password, to be changed at the first login.
        password: Secret,
    },
}

impl Outcome {
    /// The word shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exists => "exists",
            Self::Would => "would",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Left => "left",
        }
    }
}

impl Carried {
    /// What a plan would do.
    pub fn foreseen(plan: &Plan) -> Self {
        let mut all = Self::default();
        all.exists(plan);
        for step in &plan.steps {
            all.line(step.to_string(), Outcome::Would);
        }
        all
    }

    /// There was no plan.
    pub fn failed(error: EngineError) -> Self {
        Self {
            stopped: Some(error),
            ..Self::default()
        }
    }

    fn exists(&mut self, plan: &Plan) {
        for what in &plan.exists {
            self.line(what.clone(), Outcome::Exists);
        }
    }

    fn line(&mut self, what: String, outcome: Outcome) {
        self.lines.push(Line { what, outcome });
    }
}

impl Provisioner<'_> {
    /// Carries a plan out. Each secret is handed over as soon as it is made, before the next step.
    pub async fn carry_out(&self, plan: &Plan, mut hand_over: impl FnMut(&Shown)) -> Carried {
        let mut all = Carried::default();
        all.exists(plan);
        for step in &plan.steps {
            if all.stopped.is_some() {
                all.line(step.to_string(), Outcome::Left);
                continue;
            }
            let made = all.secrets.len();
            let taken = self.take(step, &mut all.secrets).await;
            all.secrets[made..].iter().for_each(&mut hand_over);
            match taken {
                Ok(Performed::Changed) => all.line(step.to_string(), Outcome::Done),
                Ok(Performed::AlreadySo) => all.line(step.to_string(), Outcome::Exists),
                Err(error) => {
                    all.line(step.to_string(), Outcome::Failed);
                    all.stopped = Some(error);
                }
            }
        }
        all
    }

    async fn take(&self, step: &Step, secrets: &mut Vec<Shown>) -> Result<Performed, EngineError> {
        match step {
            Step::Aws(change) => {
                let difference = self.difference(change).await?;
                let done = until_it_is_seen(true, || self.iam.perform(change)).await?;
                if done == Performed::Changed {
                    let (subject, reason) = (change.subject(), change.to_string());
                    self.append(change.operation(), subject, reason, difference.cells())
                        .await?;
                }
                Ok(done)
            }
            Step::Weir(said) => self.say(said).await,
            Step::Key(new) => {
                self.make_key(new, secrets).await?;
                Ok(Performed::Changed)
            }
            Step::Login { user } => {
                let made = until_it_is_seen(false, || self.iam.make_login(user)).await?;
                let Some(password) = made else {
                    return Ok(Performed::AlreadySo);
                };
                secrets.push(Shown::Login {
                    user: user.clone(),
                    password,
                });
                let subject = format!("iam-user:{user}");
                let difference = (None, Some(json!({ "login": true }).to_string()));
                self.append("iam-login-create", subject, step.to_string(), difference)
                    .await?;
                Ok(Performed::Changed)
            }
        }
    }

    async fn say(&self, said: &Said) -> Result<Performed, EngineError> {
        let engine = self.engine;
        match said {
            Said::Person { user, person } => {
                engine.set_person(user, person.clone(), &self.by).await?;
            }
            Said::Introduce { principal, user } => {
                engine.introduce(principal, user, &self.by).await?;
            }
            Said::Link { principal, user } => engine.link(principal, user, &self.by).await?,
            Said::Key { key, owner } => engine.set_key(key, owner.clone(), &self.by).await?,
            Said::Quota(quota) => {
                let change = weir_store::RuleChange::SetQuota(quota.clone());
                engine
                    .change_quotas(vec![change], "provisioned", &self.by)
                    .await?;
            }
        }
        Ok(Performed::Changed)
    }

    /// Makes a key and binds it to its tool; if that is blocked, the key is deactivated. A key of which either
    /// failed is deleted: nobody has seen its secret, and its calls would be of an unknown tool, or get around
    /// the block. Of any other the secret is handed over, whatever goes wrong then.
    async fn make_key(&self, new: &NewKey, secrets: &mut Vec<Shown>) -> Result<(), EngineError> {
        let NewKey {
            holder,
            user,
            tool,
            kind,
            days,
        } = new;
        let make = || self.iam.make_key(holder, *kind, *days);
        let new_key: MadeKey = until_it_is_seen(false, make).await?;
        let MadeKey {
            id,
            secret,
            created,
            expires,
        } = new_key;
        let owner = KeyOwner {
            iam_user: Some(holder.clone()),
            created_at: created.or_else(|| Some(self.engine.wall())),
            expires_at: expires,
            ..KeyOwner::new(user.clone(), tool.clone(), *kind == KeyKind::Bedrock, true)
        };
        let mut revoked = owner.clone();
        revoked.state = KeyState::Revoked;
        let bound = self.engine.set_key(&id, owner, &self.by).await;
        let is_bound = bound.is_ok();
        let settled = match bound {
            Ok(()) => self.deactivate_if_blocked(new, &id).await,
            Err(error) => Err(error),
        };
        if let Err(error) = settled {
            let undo = Change::DeleteKey {
                user: holder.clone(),
                key: id.clone(),
                kind: *kind,
            };
            let undone = self.iam.perform(&undo).await.is_ok();
            let left = if undone {
                "deleted again"
            } else {
                "left without a tool"
            };
            tracing::error!(
                key = id.as_str(),
                "a key that could not be recorded was {left}"
            );
            if undone && is_bound {
                self.engine.set_key(&id, revoked, &self.by).await?;
            }
            return Err(error);
        }
        let subject = format!("key:{id}");
        secrets.push(Shown::Key {
            id,
            kind: *kind,
            tool: tool.clone(),
            holder: holder.clone(),
            secret,
            expires,
        });
        let reason = format!("made for {user} and {tool} on the IAM user {holder}");
        let ends = expires.map(|at| at.to_string());
        let after = json!({ "iam_user": holder, "kind": kind.as_str(), "ends": ends });
        let difference = (None, Some(after.to_string()));
        self.append("key-create", subject, reason, difference).await
    }

    /// Puts on record what was done in AWS. It is done: no later plan will come back to it, so this is
    /// tried more than once.
    async fn append(
        &self,
        operation: &str,
        subject: String,
        reason: String,
        (before, after): (Option<String>, Option<String>),
    ) -> Result<(), EngineError> {
        let mut entry = self
            .engine
            .entry(operation, subject.clone(), reason, &self.by);
        entry.evidence = Some(json!({ "aws": self.home.arn }).to_string());
        (entry.before, entry.after) = (before, after);
        let write = || self.engine.store.append_audit(vec![entry.clone()]);
        for pause in PAUSES {
            match write().await {
                Ok(()) => return Ok(()),
                Err(error) => tracing::warn!(%error, operation, subject, "not on record yet"),
            }
            tokio::time::sleep(pause).await;
        }
        write().await.map_err(|error| {
            refused(format!(
                "{subject}: {operation} is done in AWS, but could not be put on record: {error}"
            ))
        })
    }
}

/// IAM is eventually consistent: what was made a moment ago may not be there yet for the next call.
/// What may be repeated is also tried again where AWS asks for it; a key may have been made although
/// the answer was lost, so that is left to whoever sees the list of keys.
async fn until_it_is_seen<T, F>(repeatable: bool, take: impl Fn() -> F) -> Result<T, EffectError>
where
    F: Future<Output = Result<T, EffectError>>,
{
    for pause in PAUSES {
        match take().await {
            Err(error)
                if error.kind == EffectErrorKind::Gone
                    || (repeatable && error.kind == EffectErrorKind::Retry) =>
            {
                tracing::info!(%error, "trying again");
                tokio::time::sleep(pause).await;
            }
            answer => return answer,
        }
    }
    take().await
}
