//! Changes of quotas and prices: recorded, in force at once, evaluated to the end (rules Q9, M2).

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use weir_core::audit::Entry;
use weir_core::calendar::WindowKind;
use weir_core::ids::{TeamId, UserId};
use weir_core::outbox::{Job, OutboxRow};
use weir_core::plan::Plan;
use weir_core::pricing::{PriceEnd, PriceRow};
use weir_core::quota::{Addition, Limit, Metric, Quota, Scope};
use weir_core::rulebook::Rulebook;
use weir_store::RuleChange;

use crate::decision::Shift;
use crate::jobs::CHUNK;
use crate::options::Actor;
use crate::preview::Concerned;
use crate::report::{Amount, DispatchReport, Preview};
use crate::{Engine, EngineError};

/// If we do not come to evaluate after a change, somebody does after that long.
const SAFETY: SignedDuration = SignedDuration::from_mins(1);

/// A temporary addition to a user's limit (rules Q11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaRaise {
    /// Whose.
    pub user: UserId,
    /// Of what.
    pub metric: Metric,
    /// Over which window.
    pub window: WindowKind,
    /// How much more: a count, or nano-dollars.
    pub amount: i64,
    /// When it ends.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
}

impl Engine {
    /// Sets and removes quotas, all in one transaction, and evaluates everybody they concern.
    /// Returns who lost and who regained access.
    pub async fn change_quotas(
        &self,
        changes: Vec<RuleChange>,
        reason: &str,
        by: &Actor,
    ) -> Result<Preview, EngineError> {
        if changes.is_empty() {
            return Ok(Preview::default());
        }
        let rules = self.reload_rules().await?;
        let entries = changes
            .iter()
            .filter_map(|change| self.quota_entry(change, &rules, reason, by));
        let entries: Vec<Entry> = entries.collect();
        let concerned = Concerned::by(&changes);
        // Noted first, for the case that this process ends between the change and its evaluation.
        let jobs = self.note_evaluations(&concerned, &changes).await?;
        self.store.change_rules(changes, entries).await?;
        self.reload_rules().await?;
        let mut shift = self.evaluate_concerned(&concerned, jobs).await?;
        shift.extend(self.drain_telling(DispatchReport::default()).await?.1);
        Ok(shift.into())
    }

    /// What a raise comes to: a quota of the user's with the addition in it. It adds to the one that is in force
    /// for the user; where that is inherited it stays so, and whatever is inherited by then is raised.
    pub async fn raise(&self, raise: &QuotaRaise) -> Result<RuleChange, EngineError> {
        if raise.amount <= 0 {
            return Err(EngineError::Refused(
                "a raise is more than nothing".to_owned(),
            ));
        }
        if raise.until <= self.now() {
            let end = self.rules().await?.zone.display(raise.until);
            return Err(EngineError::Refused(format!(
                "the end {end} is in the past"
            )));
        }
        let row = self.known(&raise.user).await?;
        let rules = self.reload_rules().await?;
        let (metric, window) = (raise.metric, raise.window);
        let in_force = rules
            .quotas
            .of_user(&raise.user, &row.team)
            .find(|quota| (quota.metric, quota.window) == (metric, window))
            .filter(|quota| quota.limit != Limit::Unlimited);
        let Some(quota) = in_force else {
            let limited = rules.quotas.of_user(&raise.user, &row.team);
            let limited = limited.filter(|quota| quota.limit != Limit::Unlimited);
            let limits: Vec<_> = limited
                .map(|quota| format!("{} per {}", quota.metric, quota.window))
                .collect();
            let limits = if limits.is_empty() {
                "none at all".to_owned()
            } else {
                limits.join(", ")
            };
            return Err(EngineError::Refused(format!(
                "`{}` has no limit of {metric} per {window} that could be raised; there are: {limits}",
                raise.user
            )));
        };
        let inherited = !quota.is_own();
        let mut quota = Quota {
            scope: Scope::User(raise.user.clone()),
            ..quota.clone()
        };
        quota
            .additions
            .retain(|addition| addition.until > self.now());
        quota.additions.push(Addition {
            amount: raise.amount,
            until: raise.until,
            inherited,
        });
        Ok(RuleChange::SetQuota(quota))
    }

    /// Sets prices, and costs the invocations that had none. Costs of the past stay as they are.
    /// Returns how many invocations have a cost now that had none.
    pub async fn set_prices(
        &self,
        rows: Vec<PriceRow>,
        reason: &str,
        by: &Actor,
    ) -> Result<u64, EngineError> {
        self.set_prices_as_of(rows, None, reason, by).await
    }

    /// The same, bound to a version of the rules, if one is given: after another change of any of them nothing,
    /// and [`weir_store::StoreError::StaleRules`].
    pub async fn set_prices_as_of(
        &self,
        rows: Vec<PriceRow>,
        version: Option<u64>,
        reason: &str,
        by: &Actor,
    ) -> Result<u64, EngineError> {
        let models: BTreeSet<_> = rows.iter().map(|row| row.model.clone()).collect();
        let entries = rows.iter().map(|row| {
            let mut entry = self.entry(
                "price-set",
                format!("price:{}", row.model),
                reason.to_owned(),
                by,
            );
            entry.after = Some(price_json(row));
            entry
        });
        let entries = entries.collect();
        let set = rows.into_iter().map(RuleChange::SetPrice);
        let set = RuleChange::bound_to(version, set);
        self.store.change_rules(set, entries).await?;
        self.reload_rules().await?;
        let mut changed = 0;
        for model in models {
            changed += self.reprice(&model).await?;
        }
        self.drain().await?;
        Ok(changed)
    }

    /// Takes prices of an administrator back from an instant on. Costs of the past stay, and so do the prices
    /// they were costed by. Returns those that end. Bound to a version of the rules, if one is given: after another
    /// change of any of them nothing, and [`weir_store::StoreError::StaleRules`].
    pub async fn end_prices(
        &self,
        end: &PriceEnd,
        version: Option<u64>,
        reason: &str,
        by: &Actor,
    ) -> Result<Vec<PriceRow>, EngineError> {
        let rows = self.store.rules().await?.prices;
        let ended: Vec<_> = rows.into_iter().filter(|row| end.ends(row)).collect();
        let entries = ended.iter().map(|row| {
            let subject = format!("price:{}", row.model);
            let mut entry = self.entry("price-unset", subject, reason.to_owned(), by);
            entry.before = Some(price_json(row));
            entry.after = Some(json!({ "effective_until": end.from.to_string() }).to_string());
            entry
        });
        let entries: Vec<_> = entries.collect();
        if !entries.is_empty() {
            let change = RuleChange::EndPrices(end.clone());
            let changes = RuleChange::bound_to(version, [change]);
            self.store.change_rules(changes, entries).await?;
            self.reload_rules().await?;
        }
        Ok(ended)
    }

    /// Returns the ids of those that an evaluation right after the change makes superfluous.
    pub(crate) async fn note_evaluations(
        &self,
        concerned: &Concerned,
        changes: &[RuleChange],
    ) -> Result<Vec<String>, EngineError> {
        let not_before = self.now().saturating_add(SAFETY).unwrap_or(Timestamp::MAX);
        let occasion = self.fresh_id("rules");
        let row = |job: Job| OutboxRow {
            id: format!("{}:{}:{occasion}", job.kind(), job.parts().0),
            subject: "rules".to_owned(),
            not_before,
            job,
        };
        let of_team = |team: &TeamId| {
            row(Job::EvaluateTeam {
                team: team.clone(),
                after: None,
            })
        };
        let rows: Vec<_> = if concerned.everybody {
            vec![row(Job::EvaluateAll { after: None })]
        } else {
            let users = concerned
                .users
                .iter()
                .map(|user| row(Job::Evaluate(user.clone())));
            users
                .chain(concerned.members_of.iter().map(of_team))
                .collect()
        };
        let rows: Vec<_> = rows
            .into_iter()
            .chain(concerned.teams.iter().map(of_team))
            .collect();
        let ids = rows.iter().map(|row| row.id.clone()).collect();
        // A temporary addition ends by itself (rules Q11).
        let ends = ends_of_additions(changes).map(|(user, until)| OutboxRow {
            id: format!("evaluate:{user}:{occasion}:{}", until.as_microsecond()),
            subject: "rules".to_owned(),
            not_before: until,
            job: Job::Evaluate(user.clone()),
        });
        let rows: Vec<_> = rows.into_iter().chain(ends).collect();
        self.settle_deciding(
            |rules| self.batch("rules", rules),
            |_, _| Plan {
                outbox: rows.clone(),
                ..Plan::default()
            },
        )
        .await?;
        Ok(ids)
    }

    /// Evaluates everybody concerned, in chunks; the last one completes the jobs that would have.
    pub(crate) async fn evaluate_concerned(
        &self,
        concerned: &Concerned,
        jobs: Vec<String>,
    ) -> Result<Shift, EngineError> {
        let mut shift = Shift::default();
        let teams: Vec<_> = concerned.teams.iter().cloned().collect();
        if !teams.is_empty() {
            shift.extend(self.evaluate(Vec::new(), teams, Vec::new()).await?);
        }
        if concerned.everybody {
            shift.extend(self.evaluate_pages(None).await?);
        } else {
            for team in concerned.members_of.union(&concerned.teams) {
                shift.extend(self.evaluate_pages(Some(team)).await?);
            }
            let users: Vec<_> = concerned.users.iter().cloned().collect();
            for chunk in users.chunks(CHUNK as usize) {
                shift.extend(
                    self.evaluate(chunk.to_vec(), Vec::new(), Vec::new())
                        .await?,
                );
            }
        }
        shift.extend(self.evaluate(Vec::new(), Vec::new(), jobs).await?);
        Ok(shift)
    }

    async fn evaluate_pages(&self, team: Option<&TeamId>) -> Result<Shift, EngineError> {
        let mut shift = Shift::default();
        let mut after: Option<UserId> = None;
        loop {
            let page = self.store.users(team, after.as_ref(), CHUNK).await?;
            let users: Vec<_> = page.into_iter().map(|row| row.user).collect();
            let more = users.len() >= CHUNK as usize;
            after = users.last().cloned();
            if !users.is_empty() {
                shift.extend(self.evaluate(users, Vec::new(), Vec::new()).await?);
            }
            if !more {
                return Ok(shift);
            }
        }
    }

    fn quota_entry(
        &self,
        change: &RuleChange,
        rules: &Rulebook,
        reason: &str,
        by: &Actor,
    ) -> Option<Entry> {
        let (operation, scope, metric, window, after) = match change {
            RuleChange::SetQuota(quota) => (
                "quota-set",
                &quota.scope,
                quota.metric,
                quota.window,
                Some(quota),
            ),
            RuleChange::UnsetQuota(scope, metric, window) => {
                ("quota-unset", scope, *metric, *window, None)
            }
            _ => return None,
        };
        let before = find(rules, scope, metric, window);
        let subject = format!("quota:{scope}/{metric}/{window}");
        let mut entry = self.entry(operation, subject, reason.to_owned(), by);
        entry.before = before.map(quota_json);
        entry.after = after.map(quota_json);
        entry.expires_at =
            after.and_then(|quota| quota.additions.iter().map(|addition| addition.until).max());
        Some(entry)
    }
}

/// Whose limit falls again, and when.
fn ends_of_additions(changes: &[RuleChange]) -> impl Iterator<Item = (&UserId, Timestamp)> {
    let raised = changes.iter().filter_map(|change| match change {
        RuleChange::SetQuota(quota) => match &quota.scope {
            Scope::User(user) => Some((user, &quota.additions)),
            _ => None,
        },
        _ => None,
    });
    raised.flat_map(|(user, additions)| additions.iter().map(move |more| (user, more.until)))
}

/// The quota that is set for exactly that scope.
fn find<'a>(
    rules: &'a Rulebook,
    scope: &Scope,
    metric: Metric,
    window: WindowKind,
) -> Option<&'a Quota> {
    let nobody = UserId::new("");
    let quotas = &rules.quotas;
    let found: Vec<&Quota> = match scope {
        Scope::User(user) => {
            let own = quotas.of_user(user, &TeamId::new(""));
            own.chain(quotas.raises_of(user)).collect()
        }
        Scope::TeamDefaults(team) => quotas.of_user(&nobody, team).collect(),
        Scope::Defaults => quotas.of_user(&nobody, &TeamId::new("")).collect(),
        Scope::Team(team) => quotas.of_team(team).iter().collect(),
        Scope::Tool(tool) => quotas.of_tool(tool).iter().collect(),
        Scope::Model(model) => quotas.of_model(model).iter().collect(),
        Scope::Organisation => quotas.of_organisation().iter().collect(),
    };
    found
        .into_iter()
        .find(|quota| (&quota.scope, quota.metric, quota.window) == (scope, metric, window))
}

fn quota_json(quota: &Quota) -> String {
    let amount = |amount| match Amount::of(quota.metric, amount) {
        Amount::Count(count) => json!(count),
        Amount::Usd(usd) => json!(usd),
    };
    let additions: Vec<_> = quota
        .additions
        .iter()
        .map(|addition| {
            json!({
                "amount": amount(addition.amount),
                "until": addition.until.to_string(),
                "inherited": addition.inherited,
            })
        })
        .collect();
    let limit = match quota.limit {
        Limit::Of(limit) => amount(limit),
        Limit::Unlimited => json!("unlimited"),
    };
    json!({
        "limit": limit,
        "action": quota.action.as_str(),
        "warn": quota.warn,
        "author": quota.author,
        "additions": additions,
    })
    .to_string()
}

/// A price for the record.
fn price_json(row: &PriceRow) -> String {
    json!({
        "class": row.class.as_str(),
        "region": row.region.to_string(),
        "token_class": format!("{:?}", row.token_class),
        "tier": format!("{:?}", row.tier),
        "band_from": row.band_from,
        "effective_from": row.effective_from.to_string(),
        "usd_per_mtok": row.price.map(weir_core::money::Price::to_decimal),
    })
    .to_string()
}
