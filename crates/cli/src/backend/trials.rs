//! Quotas that are not set yet: proposed, tried, and set many at once.

use jiff::SignedDuration;
use weir_core::quota::Quota;
use weir_engine::{Actor, Preview, Suggestion};
use weir_server::forms::{NewQuotas, OneQuota, QuotaChanged, Suggested, Suggestions, Trial};
use weir_store::RuleChange;

use super::Backend;
use super::quotas::{effect, limit};
use crate::exit::CliError;
use crate::remote::Ask;

impl Backend {
    /// Limits that would fit, from what was used in so many days.
    pub(crate) async fn suggest(&self, days: u32) -> Result<Vec<Suggestion>, CliError> {
        match self {
            Self::Database(engine) => Ok(engine.suggest(days).await?),
            Self::Server(server) => {
                let ask = Ask::get(&["quotas", "suggestions"]);
                let ask = ask.with("days", days).long();
                let Suggestions { suggestions } = server.client.answer(ask).await?;
                let read = suggestions.iter().map(Suggested::read);
                read.collect::<Result<_, _>>().map_err(|why| {
                    CliError::Failed(format!("what the server suggests is not understood: {why}"))
                })
            }
        }
    }

    /// What a quota would have done in so many days; `progress` hears how far that has come, where it is done here.
    pub(crate) async fn try_quota(
        &self,
        quota: &Quota,
        days: u32,
        progress: &(dyn Fn(u64, u64) + Send + Sync),
    ) -> Result<Trial, CliError> {
        match self {
            Self::Database(engine) => {
                let last = SignedDuration::from_hours(24 * i64::from(days));
                let tried = Box::pin(engine.try_quota(quota, last, progress)).await?;
                Ok(Trial::of(&tried))
            }
            Self::Server(server) => {
                let warn: Vec<_> = quota.warn.iter().map(ToString::to_string).collect();
                let ask = Ask::get(&["quotas", "trial"])
                    .with("scope", &quota.scope)
                    .with("metric", quota.metric.as_str())
                    .with("window", quota.window.as_str())
                    .with("limit", limit(quota))
                    .with("action", quota.action.as_str())
                    .maybe("warn", (!warn.is_empty()).then(|| warn.join(",")))
                    .with("days", days)
                    .long();
                server.client.answer(ask).await
            }
        }
    }

    /// Who sets a quota, if it is set now.
    pub(crate) fn author(&self, by: &Actor) -> String {
        match self {
            Self::Database(_) => by.claimed.clone().unwrap_or_else(|| by.name.clone()),
            Self::Server(server) => format!("operator:{}", server.me.name),
        }
    }

    /// What setting these would do.
    pub(crate) async fn foresee_import(&self, quotas: &[Quota]) -> Result<Preview, CliError> {
        match self {
            Self::Database(engine) => Ok(engine.preview(&changes(quotas)).await?),
            Self::Server(server) => {
                let ask = import(quotas)?.with("dry_run", true);
                let foreseen: QuotaChanged = server.client.answer(ask).await?;
                Ok(effect(foreseen))
            }
        }
    }

    /// Sets these, once that was agreed to.
    pub(crate) async fn import_quotas(
        &self,
        quotas: &[Quota],
        by: &Actor,
    ) -> Result<Preview, CliError> {
        match self {
            Self::Database(engine) => {
                let done = engine.change_quotas(changes(quotas), "import", by);
                Ok(Box::pin(done).await?)
            }
            Self::Server(server) => {
                let ask = import(quotas)?.with("yes", true);
                Ok(effect(server.client.answer(ask).await?))
            }
        }
    }
}

fn changes(quotas: &[Quota]) -> Vec<RuleChange> {
    quotas.iter().cloned().map(RuleChange::SetQuota).collect()
}

fn import(quotas: &[Quota]) -> Result<Ask, CliError> {
    let quotas = quotas.iter().map(|quota| OneQuota {
        scope: quota.scope.to_string(),
        metric: quota.metric.as_str().to_owned(),
        window: quota.window.as_str().to_owned(),
        limit: limit(quota),
        action: Some(quota.action.as_str().to_owned()),
        warn: Some(quota.warn.clone()),
    });
    let ask = Ask::patch(&["quotas"]).body(&NewQuotas {
        quotas: quotas.collect(),
        reason: String::new(),
    });
    Ok(ask?.long())
}
