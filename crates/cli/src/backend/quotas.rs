//! Quotas, and what a change of one would do.

use weir_core::calendar::WindowKind;
use weir_core::money::Usd;
use weir_core::quota::{Limit, Metric, Quota, Scope};
use weir_engine::{Actor, Engine, Preview, QuotaRaise};
use weir_server::forms::{Access, NewQuota, NewRaise, QuotaChanged, QuotaSet, Quotas};
use weir_store::RuleChange;

use super::{Backend, Server};
use crate::exit::CliError;
use crate::remote::Ask;

/// A change of one quota.
#[derive(Clone, Debug)]
pub(crate) enum QuotaEdit {
    /// Sets it.
    Set(Quota),
    /// Removes it.
    Unset(Scope, Metric, WindowKind),
    /// Adds to a user's limit for a time.
    Raise(QuotaRaise),
}

/// What a change would do, and to what.
#[derive(Debug)]
pub(crate) struct Foreseen {
    /// Who loses and who regains access.
    pub(crate) effect: Preview,
    /// What stands for the quota that was looked at, where there was one.
    tag: Option<String>,
}

impl QuotaEdit {
    /// Why, for the record.
    fn reason(&self) -> &str {
        match self {
            Self::Set(_) => "set",
            Self::Unset(..) => "unset",
            Self::Raise(raise) => &raise.reason,
        }
    }

    /// What it comes to in the database.
    async fn change(&self, engine: &Engine) -> Result<RuleChange, CliError> {
        match self {
            Self::Set(quota) => Ok(RuleChange::SetQuota(quota.clone())),
            Self::Raise(raise) => Ok(engine.raise(raise).await?),
            Self::Unset(scope, metric, window) => {
                let stored = engine.store().rules().await?.quotas;
                let same = |quota: &Quota| {
                    (&quota.scope, quota.metric, quota.window) == (scope, *metric, *window)
                };
                if !stored.iter().any(same) {
                    return Err(CliError::NotFound(format!(
                        "there is no quota {scope} {metric} {window}; `weir quota list` shows those \
                         there are"
                    )));
                }
                Ok(RuleChange::UnsetQuota(scope.clone(), *metric, *window))
            }
        }
    }

    /// The request that makes it.
    fn ask(&self) -> Result<Ask, CliError> {
        let path = |scope: &Scope, metric: Metric, window: WindowKind| {
            let scope = scope.to_string();
            [
                "quotas".to_owned(),
                scope,
                metric.as_str().to_owned(),
                window.as_str().to_owned(),
            ]
        };
        match self {
            Self::Set(quota) => {
                let parts = path(&quota.scope, quota.metric, quota.window);
                Ask::put(&parts.each_ref().map(String::as_str)).body(&NewQuota {
                    limit: limit(quota),
                    action: Some(quota.action.as_str().to_owned()),
                    warn: Some(quota.warn.clone()),
                    reason: String::new(),
                })
            }
            Self::Unset(scope, metric, window) => {
                let parts = path(scope, *metric, *window);
                Ok(Ask::delete(&parts.each_ref().map(String::as_str)))
            }
            Self::Raise(raise) => {
                Ask::post(&["users", raise.user.as_str(), "raise"]).body(&NewRaise {
                    metric: Some(raise.metric.as_str().to_owned()),
                    window: Some(raise.window.as_str().to_owned()),
                    amount: written(raise.metric, raise.amount),
                    for_: None,
                    until: Some(raise.until.to_string()),
                    reason: raise.reason.clone(),
                })
            }
        }
    }
}

/// A limit as the API takes it.
pub(super) fn limit(quota: &Quota) -> String {
    match quota.limit {
        Limit::Of(limit) => written(quota.metric, limit),
        Limit::Unlimited => "unlimited".to_owned(),
    }
}

/// An amount as the API takes it.
fn written(metric: Metric, amount: i64) -> String {
    match metric {
        Metric::Cost => Usd::from_nanos(amount).to_decimal(),
        _ => amount.to_string(),
    }
}

impl Backend {
    /// All quotas that are set.
    pub(crate) async fn quotas(&self) -> Result<Vec<QuotaSet>, CliError> {
        let Quotas { quotas } = match self {
            Self::Database(engine) => Quotas::read(engine).await?,
            Self::Server(server) => server.client.answer(Ask::get(&["quotas"])).await?,
        };
        Ok(quotas)
    }

    /// Those of a scope; of a user, those that hold for them.
    pub(crate) async fn quotas_of(&self, scope: &Scope) -> Result<Vec<QuotaSet>, CliError> {
        let Quotas { quotas } = match (self, scope) {
            (Self::Database(engine), Scope::User(user)) => {
                Quotas::of_user(engine, &engine.known(user).await?).await?
            }
            (Self::Database(engine), scope) => Quotas::of_scope(engine, scope).await?,
            (Self::Server(server), Scope::User(user)) => {
                let ask = Ask::get(&["quotas"]).with("user", user);
                server.client.answer(ask).await?
            }
            (Self::Server(server), scope) => {
                let ask = Ask::get(&["quotas"]).with("scope", scope);
                server.client.answer(ask).await?
            }
        };
        Ok(quotas)
    }

    /// What a change would do.
    pub(crate) async fn foresee(&self, edit: &QuotaEdit) -> Result<Foreseen, CliError> {
        match self {
            Self::Database(engine) => Ok(Foreseen {
                effect: engine.preview(&[edit.change(engine).await?]).await?,
                tag: None,
            }),
            Self::Server(server) => server.foresee(edit).await,
        }
    }

    /// Makes a change that was foreseen and agreed to; through a server, if the quota is still the one that
    /// was looked at.
    pub(crate) async fn change_quota(
        &self,
        edit: &QuotaEdit,
        foreseen: Foreseen,
        by: &Actor,
    ) -> Result<Preview, CliError> {
        match self {
            Self::Database(engine) => {
                let change = edit.change(engine).await?;
                Ok(engine
                    .change_quotas(vec![change], edit.reason(), by)
                    .await?)
            }
            Self::Server(server) => {
                let ask = edit.ask()?.with("yes", true);
                let ask = ask.if_match(foreseen.tag.as_deref());
                Ok(effect(server.client.answer(ask).await?))
            }
        }
    }
}

impl Server {
    async fn foresee(&self, edit: &QuotaEdit) -> Result<Foreseen, CliError> {
        let ask = edit.ask()?.with("dry_run", true);
        let mut changed: QuotaChanged = self.client.answer(ask).await?;
        let tag = changed.quota.take().map(|quota| quota.etag);
        Ok(Foreseen {
            tag: tag.filter(|_| !matches!(edit, QuotaEdit::Raise(_))),
            effect: effect(changed),
        })
    }
}

pub(super) fn effect(changed: QuotaChanged) -> Preview {
    let QuotaChanged {
        quota: _,
        dry_run: _,
        blocked,
        released,
        held,
        teams,
        blocked_in_part,
        released_in_part,
        held_in_part,
    } = changed;
    let access = Access {
        blocked,
        released,
        held,
        teams,
        blocked_in_part,
        released_in_part,
        held_in_part,
    };
    access.preview()
}
