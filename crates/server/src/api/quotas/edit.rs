//! `PUT` and `DELETE /api/v1/quotas/{scope}/{metric}/{window}`

use std::borrow::Cow;
use std::collections::BTreeSet;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::calendar::WindowKind;
use weir_core::ids::UserId;
use weir_core::money::Usd;
use weir_core::operator::Permission;
use weir_core::quota::{Action, BUILT_IN, DEFAULT_WARN, Limit, Metric, Quota, Scope};
use weir_engine::Preview;
use weir_store::RuleChange;

use super::list::QuotaSet;
use crate::api::access::Access;
use crate::api::body::Body;
use crate::api::etag::IfMatch;
use crate::api::query::Query;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// A quota to be set.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "limit": "350", "action": "block", "warn": [80, 95] }))]
pub struct NewQuota {
    /// Digits; dollars of the metric cost, as decimal; `unlimited`.
    pub limit: String,
    /// block or notify [default: block].
    pub action: Option<String>,
    /// Warning thresholds in percent, 1 to 99 [default: 80 and 95].
    pub warn: Option<Vec<u32>>,
    /// Why, for the record.
    #[serde(default)]
    pub reason: String,
}

/// Whether to do it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whether {
    /// Change nothing: tell who would lose and who would regain access.
    #[serde(default)]
    pub(crate) dry_run: bool,
    /// Do it although somebody would be blocked by it.
    #[serde(default)]
    pub(crate) yes: bool,
}

impl Whether {
    /// Refuses what would block somebody, unless that was agreed to.
    pub(crate) fn agrees(&self, foreseen: &Preview) -> Result<(), Problem> {
        let names = foreseen.blocked.iter().map(UserId::as_str);
        let names = names.chain(foreseen.blocked_in_part.iter().map(String::as_str));
        self.holds_for(&names.collect::<Vec<_>>(), "blocked")
    }

    /// Refuses what somebody would be by it, unless that was agreed to.
    pub(crate) fn allows(&self, users: &BTreeSet<UserId>, what: &str) -> Result<(), Problem> {
        let names: Vec<_> = users.iter().map(UserId::as_str).collect();
        self.holds_for(&names, what)
    }

    fn holds_for(&self, names: &[&str], what: &str) -> Result<(), Problem> {
        if names.is_empty() || self.yes {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!(
                "{} users would be {what} by it ({}): say `yes=true` to do it all the same",
                names.len(),
                names[..names.len().min(10)].join(", ")
            ),
        ))
    }

    /// Refuses what always needs a yes.
    pub(crate) fn insists(&self, what: &str) -> Result<(), Problem> {
        if self.yes {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("{what}: look at it by `dry_run=true`, and say `yes=true` to do it"),
        ))
    }
}

/// What a change of a quota did, or would do.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct QuotaChanged {
    /// The quota as it is now; null if there is none.
    pub quota: Option<QuotaSet>,
    /// It was not done: nobody wanted more than to know.
    pub dry_run: bool,
    /// Users who lose access.
    pub blocked: Vec<String>,
    /// Users who regain it.
    pub released: Vec<String>,
    /// Users who would be blocked, but the breaker holds it.
    pub held: Vec<String>,
    /// Teams whose total is blocked; their members follow.
    pub teams: Vec<String>,
    /// Who loses one tool or one model: `ana with cline`.
    #[serde(default)]
    pub blocked_in_part: Vec<String>,
    /// Who regains one.
    #[serde(default)]
    pub released_in_part: Vec<String>,
    /// Who would lose one, but the breaker holds it.
    #[serde(default)]
    pub held_in_part: Vec<String>,
}

/// Which quota.
pub(crate) struct Which {
    pub(crate) scope: Scope,
    pub(crate) metric: Metric,
    pub(crate) window: WindowKind,
}

fn which((scope, metric, window): (String, String, String)) -> Result<Which, Problem> {
    let wrong = |error: String| Problem::bad_request(format!("the path: {error}"));
    let scope = scope.parse().map_err(wrong)?;
    let metric = self::metric(&metric).map_err(wrong)?;
    let window = window.parse().map_err(wrong)?;
    Ok(Which {
        scope,
        metric,
        window,
    })
}

/// An amount from its text: digits, or dollars of the metric cost.
pub(crate) fn amount(metric: Metric, text: &str) -> Result<i64, String> {
    if metric == Metric::Cost {
        let usd = text.parse::<Usd>();
        return usd.map(Usd::nanos).map_err(|error| error.to_string());
    }
    let count = text.parse();
    count.map_err(|_| format!("`{text}` is not a number"))
}

/// The metric of that name.
pub(crate) fn metric(word: &str) -> Result<Metric, String> {
    let known = Metric::ALL.into_iter().find(|known| known.as_str() == word);
    known.ok_or_else(|| format!("`{word}` is not a metric: requests, tokens, tokens_all or cost"))
}

/// A quota as it was asked for; `place` is where that was.
pub(super) fn quota(
    place: &str,
    which: &Which,
    new: &NewQuota,
    author: String,
) -> Result<Quota, Problem> {
    let wrong = |field: &str, why: String| Problem::bad_request(format!("{place}: {field}: {why}"));
    if which.scope.name().chars().count() > 191 {
        return Err(wrong(
            "scope",
            "a name has at most 191 characters".to_owned(),
        ));
    }
    let limit = new.limit.trim();
    let limit = if limit == "unlimited" {
        Limit::Unlimited
    } else {
        Limit::Of(amount(which.metric, limit).map_err(|why| wrong("limit", why))?)
    };
    if matches!(limit, Limit::Of(amount) if amount < 0) {
        return Err(wrong("limit", "never negative".to_owned()));
    }
    let action = match new.action.as_deref() {
        None | Some("block") => Action::Block,
        Some("notify") => Action::Notify,
        Some(_) => return Err(wrong("action", "block or notify".to_owned())),
    };
    let mut warn = new.warn.clone().unwrap_or_else(|| DEFAULT_WARN.to_vec());
    warn.sort_unstable();
    warn.dedup();
    if warn.iter().any(|percent| !(1..=99).contains(percent)) || warn.len() > 10 {
        return Err(wrong("warn", "at most ten numbers from 1 to 99".to_owned()));
    }
    Ok(Quota {
        scope: which.scope.clone(),
        metric: which.metric,
        window: which.window,
        limit,
        action,
        warn,
        author,
        additions: Vec::new(),
    })
}

/// Set a quota
///
/// In force at once. If anybody would be blocked by it, it is done with `yes=true` only.
#[utoipa::path(
    put,
    path = "/api/v1/quotas/{scope}/{metric}/{window}",
    operation_id = "quotas_set",
    tag = "quotas",
    params(
        ("scope" = String, Path, description = "`user:ana`, `defaults`, `team-defaults:sap`, `team:sap`, `tool:cline`, `model:ID` or `organisation`; a slash in it is written %2F"),
        ("metric" = String, Path, description = "requests, tokens, `tokens_all` or cost"),
        ("window" = String, Path, description = "hour, day or month"),
        ("If-Match" = Option<String>, Header, description = "`etag` of the quota, as it was read"),
        Whether,
    ),
    request_body = NewQuota,
    responses(
        (status = 200, description = "What it did", body = QuotaChanged),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn put(
    State(api): State<Api>,
    who: SignedIn,
    Path(path): Path<(String, String, String)>,
    Query(whether): Query<Whether>,
    believed: IfMatch,
    Body(new): Body<NewQuota>,
) -> Result<Json<QuotaChanged>, Problem> {
    who.may(Permission::ChangeQuotas)?;
    let which = which(path)?;
    let quota = quota("the body", &which, &new, who.caller.name.author())?;
    let reason = if new.reason.trim().is_empty() {
        "set"
    } else {
        new.reason.trim()
    };
    let change = RuleChange::SetQuota(quota);
    changed(&api, &who, &which, change, reason, &whether, &believed).await
}

/// Remove a quota
///
/// What is less specific holds from then on.
#[utoipa::path(
    delete,
    path = "/api/v1/quotas/{scope}/{metric}/{window}",
    operation_id = "quotas_unset",
    tag = "quotas",
    params(
        ("scope" = String, Path, description = "As it was set"),
        ("metric" = String, Path, description = "requests, tokens, `tokens_all` or cost"),
        ("window" = String, Path, description = "hour, day or month"),
        ("If-Match" = Option<String>, Header, description = "`etag` of the quota, as it was read"),
        Whether,
    ),
    responses(
        (status = 200, description = "What it did", body = QuotaChanged),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn delete(
    State(api): State<Api>,
    who: SignedIn,
    Path(path): Path<(String, String, String)>,
    Query(whether): Query<Whether>,
    believed: IfMatch,
) -> Result<Json<QuotaChanged>, Problem> {
    who.may(Permission::ChangeQuotas)?;
    let which = which(path)?;
    let Which {
        scope,
        metric,
        window,
    } = &which;
    if stored(&api, &which).await?.1.is_none() {
        return Err(Problem::not_found(format!(
            "no quota {scope}/{metric}/{window} is set",
            metric = metric.as_str()
        )));
    }
    let change = RuleChange::UnsetQuota(scope.clone(), *metric, *window);
    changed(&api, &who, &which, change, "removed", &whether, &believed).await
}

/// The version of the rules, and the quota as it is set in them.
async fn stored(api: &Api, which: &Which) -> Result<(u64, Option<Quota>), Problem> {
    let rules = api.engine.store().rules().await;
    let rules = rules.map_err(Problem::of_store)?;
    let wanted = |quota: &Quota| {
        (&quota.scope, quota.metric, quota.window) == (&which.scope, which.metric, which.window)
    };
    Ok((rules.version, rules.quotas.into_iter().find(wanted)))
}

/// The quota as it is set, or the one that the team has until one is set, and the version of the rules.
async fn in_force(api: &Api, which: &Which) -> Result<(u64, Option<Quota>), Problem> {
    let (version, set) = stored(api, which).await?;
    let (None, Scope::Team(team)) = (&set, &which.scope) else {
        return Ok((version, set));
    };
    let rules = api.engine.rules().await;
    let rules = rules.map_err(|error| Problem::of_engine(&error))?;
    let mut quotas = rules.quotas.of_team_in_force(team).into_iter();
    let wanted = quotas.find(|quota| {
        quota.author == BUILT_IN && (quota.metric, quota.window) == (which.metric, which.window)
    });
    Ok((version, wanted.map(Cow::into_owned)))
}

/// Changes a quota, or only says what the change would do.
pub(crate) async fn changed(
    api: &Api,
    who: &SignedIn,
    which: &Which,
    change: RuleChange,
    reason: &str,
    whether: &Whether,
    believed: &IfMatch,
) -> Result<Json<QuotaChanged>, Problem> {
    let now = api.engine.now();
    let failed = |error| Problem::of_engine(&error);
    let (version, before) = in_force(api, which).await?;
    let before = before.map(|quota| QuotaSet::of(&quota, now));
    believed.check(before.as_ref().map(QuotaSet::tag))?;
    let changes = RuleChange::bound_to(believed.binds(version), [change]);
    let foreseen = api.engine.preview(&changes).await.map_err(failed)?;
    if whether.dry_run {
        return Ok(Json(QuotaChanged::of(before, true, &foreseen)));
    }
    whether.agrees(&foreseen)?;
    let by = who.caller.actor();
    let effect = api.engine.change_quotas(changes, reason, &by).await;
    let effect = effect.map_err(|error| believed.failed(&error))?;
    let (_, after) = in_force(api, which).await?;
    let after = after.map(|quota| QuotaSet::of(&quota, now));
    Ok(Json(QuotaChanged::of(after, false, &effect)))
}

impl QuotaChanged {
    pub(super) fn of(quota: Option<QuotaSet>, dry_run: bool, effect: &Preview) -> Self {
        let Access {
            blocked,
            released,
            held,
            teams,
            blocked_in_part,
            released_in_part,
            held_in_part,
        } = Access::of(effect);
        Self {
            quota,
            dry_run,
            blocked,
            released,
            held,
            teams,
            blocked_in_part,
            released_in_part,
            held_in_part,
        }
    }
}
