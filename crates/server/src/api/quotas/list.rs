//! `GET /api/v1/quotas`

use std::borrow::Cow;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::ids::UserId;
use weir_core::operator::{Permission, Within};
use weir_core::quota::{Limit, Quota, QuotaBook, Scope};
use weir_engine::{Engine, EngineError, Windows};
use weir_store::UserRow;

use crate::api::query::Query;
use crate::api::used::amount;
use crate::api::{Api, SignedIn, etag, team, users};
use crate::problem::Problem;

/// Which quotas.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Only those of this scope: `user:ana`, `team:sap`, `defaults`, …
    scope: Option<String>,
    /// Only those that hold for this user, those of the team's total after them.
    user: Option<String>,
}

/// Quotas.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Quotas {
    /// By scope, window and metric.
    pub quotas: Vec<QuotaSet>,
}

/// A quota as it is set.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct QuotaSet {
    /// `user:ana`, `defaults`, `team-defaults:sap`, `team:sap`, `tool:cline`, `model:ID` or
    /// `organisation`.
    pub scope: String,
    /// requests, tokens, `tokens_all` or cost.
    pub metric: String,
    /// hour, day or month.
    pub window: String,
    /// What was set; null is unlimited. Dollars of the metric cost, as exact decimal.
    pub limit: Option<String>,
    /// What holds now, with temporary additions.
    pub limit_now: Option<String>,
    /// block or notify.
    pub action: String,
    /// Warning thresholds in percent.
    pub warn: Vec<u32>,
    /// Who set it; `built-in` for those that Weir starts with.
    pub author: String,
    /// Temporary additions that have not ended.
    pub additions: Vec<Addition>,
    /// What `If-Match` takes, to change exactly this.
    pub etag: String,
}

/// A temporary addition.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Addition {
    /// How much more, as the limit.
    pub amount: String,
    /// When it ends, RFC 3339.
    pub until: String,
}

impl QuotaSet {
    /// As stored.
    pub fn of(quota: &Quota, now: jiff::Timestamp) -> Self {
        let Quota {
            scope,
            metric,
            window,
            limit,
            action,
            warn,
            author,
            additions,
        } = quota;
        let set = match limit {
            Limit::Of(limit) => Some(amount(*metric, *limit)),
            Limit::Unlimited => None,
        };
        let additions = additions.iter().filter(|addition| addition.until > now);
        let additions = additions.map(|addition| Addition {
            amount: amount(*metric, addition.amount),
            until: addition.until.to_string(),
        });
        Self {
            scope: scope.to_string(),
            metric: metric.as_str().to_owned(),
            window: window.as_str().to_owned(),
            limit: set,
            limit_now: quota.limit_at(now).map(|limit| amount(*metric, limit)),
            action: action.as_str().to_owned(),
            warn: warn.clone(),
            author: author.clone(),
            additions: additions.collect(),
            etag: tag(quota),
        }
    }

    /// What stands for it.
    pub(super) fn tag(&self) -> &str {
        &self.etag
    }
}

fn tag(quota: &Quota) -> String {
    let limit = match quota.limit {
        Limit::Of(limit) => Some(limit),
        Limit::Unlimited => None,
    };
    let additions = quota.additions.iter();
    let additions: Vec<_> = additions
        .map(|addition| {
            let until = addition.until.as_microsecond();
            (addition.amount, until, addition.inherited)
        })
        .collect();
    etag::of(&(
        limit,
        quota.action.as_str(),
        &quota.warn,
        &quota.author,
        additions,
    ))
}

/// List quotas
///
/// As they are set, and those that Weir starts with. The role team sees its own, its members' and those that hold for everybody.
#[utoipa::path(
    get,
    path = "/api/v1/quotas",
    operation_id = "quotas_list",
    tag = "quotas",
    params(Asked),
    responses(
        (status = 200, description = "Quotas", body = Quotas),
        crate::api::answers::Shows,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Quotas>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let wanted: Option<Scope> = asked
        .scope
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|error: String| Problem::bad_request(format!("the query: scope: {error}")))?;
    let members = match &within {
        Within::Everything => None,
        Within::Team(own) => Some((own, team::members(&api, own).await?)),
    };
    let seen = |scope: &Scope| {
        let Some((own, members)) = &members else {
            return true;
        };
        match scope {
            Scope::User(user) => members.contains(user),
            Scope::Team(team) | Scope::TeamDefaults(team) => team == *own,
            Scope::Defaults | Scope::Tool(_) | Scope::Model(_) => true,
            Scope::Organisation => false,
        }
    };
    let quotas = match (&wanted, &asked.user) {
        (None, None) => Quotas::read(&api.engine).await,
        (Some(scope), None) => Quotas::of_scope(&api.engine, scope).await,
        (None, Some(user)) => {
            let row = users::within_reach(&api, &within, &UserId::new(user)).await?;
            Quotas::of_user(&api.engine, &row).await
        }
        (Some(_), Some(_)) => {
            return Err(Problem::bad_request(
                "the query: give one of `scope` and `user`",
            ));
        }
    };
    let Quotas { mut quotas } = quotas.map_err(|error| Problem::of_engine(&error))?;
    quotas.retain(|quota| quota.scope.parse().is_ok_and(|scope| seen(&scope)));
    Ok(Json(Quotas { quotas }))
}

impl Quotas {
    /// All that are set, and those that teams have until one is set.
    pub async fn read(engine: &Engine) -> Result<Self, EngineError> {
        Self::which(engine, |_| true).await
    }

    /// Those of one scope.
    pub async fn of_scope(engine: &Engine, scope: &Scope) -> Result<Self, EngineError> {
        Self::which(engine, |quota| quota.scope == *scope).await
    }

    /// Those that hold for a user, those of the team's total after them.
    pub async fn of_user(engine: &Engine, row: &UserRow) -> Result<Self, EngineError> {
        let rules = engine.rules().await?;
        let own = rules.quotas.of_user(&row.user, &row.team);
        let of_team = rules.quotas.of_team_in_force(&row.team);
        let all = own.chain(of_team.iter().map(Cow::as_ref));
        let now = engine.now();
        let quotas = all.map(|quota| QuotaSet::of(quota, now)).collect();
        Ok(Self { quotas })
    }

    async fn which(engine: &Engine, which: impl Fn(&Quota) -> bool) -> Result<Self, EngineError> {
        let mut quotas = engine.store().rules().await?.quotas;
        let book = QuotaBook::new(quotas.iter().cloned());
        let windows = Windows::at(engine.now(), &engine.rules().await?.zone);
        let teams = engine.store().reports();
        let teams = teams.team_lines(None, &windows.day, &windows.month).await?;
        for line in &teams {
            let in_force = book.of_team_in_force(&line.team).into_iter();
            quotas.extend(in_force.filter_map(|quota| match quota {
                Cow::Owned(unset) => Some(unset),
                Cow::Borrowed(_) => None,
            }));
        }
        quotas.retain(|quota| which(quota) && quota.holds_at(engine.now()));
        quotas.sort_by(|a, b| (&a.scope, a.window, a.metric).cmp(&(&b.scope, b.window, b.metric)));
        let now = engine.now();
        let quotas = quotas.iter().map(|quota| QuotaSet::of(quota, now));
        Ok(Self {
            quotas: quotas.collect(),
        })
    }
}
