//! `GET /api/v1/users/{user}`

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::block::Protection as Stored;
use weir_core::counter::{CounterScope, Sums};
use weir_core::ids::{KeyId, UserId};
use weir_core::operator::Permission;
use weir_core::rulebook::KeyOwner;
use weir_engine::{
    Amount, EngineError, ProtectionView, QuotaView, StatusReport, Windows, newcomers_in,
};
use weir_store::{BlockFilter, GroupBy, ProtectionEver, UsageFilter, UserRow};

use super::User;
use crate::api::blocks::list::Block;
use crate::api::query::PathPart;
use crate::api::used::Used;
use crate::api::{Api, SignedIn, etag, page as pages};
use crate::problem::Problem;

/// Blocks and protections that are shown.
const LATEST: u32 = 50;

/// A user, and how they stand now.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct UserPage {
    /// Who it is.
    pub user: User,
    /// The e-mail address of whoever owns the team: whom its members ask. Null if nobody does.
    pub team_owner: Option<String>,
    /// `ACTIVE`, `ACTIVE_ADM`, `BLOCKED` or `BLOCKED_ADM`.
    pub state: String,
    /// The worst state of the user's targets in AWS.
    pub enforcement: String,
    /// The latest end of the active blocks, RFC 3339.
    pub blocked_until: Option<String>,
    /// One line per active block, held ones and those of the team included.
    pub reasons: Vec<String>,
    /// The protection that holds.
    pub protection: Option<Protection>,
    /// What `If-Match` takes, to change exactly this protection, or that there is none.
    pub protection_etag: String,
    /// Every quota that applies, with what was used of it.
    pub quotas: Vec<Quota>,
    /// Today.
    pub day: Used,
    /// This month.
    pub month: Used,
    /// This month by model, the dearest first.
    pub models: Vec<PartUsed>,
    /// This month by tool, the dearest first.
    pub tools: Vec<PartUsed>,
    /// Keys that belong to the user, as far as Weir knows. Never a secret.
    pub keys: Vec<Key>,
    /// The latest 50 blocks, lifted ones too, the newest first.
    pub blocks: Vec<Block>,
    /// There are older ones: `GET /api/v1/blocks?history=true&user=…` has all.
    pub more_blocks: bool,
    /// The latest 50 protections, ended ones too, the newest first.
    pub protections: Vec<Protected>,
    /// There are older ones: the record, `GET /api/v1/audit?subject=user:…`, has all.
    pub more_protections: bool,
}

/// A part of what was used.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PartUsed {
    /// The model or tool.
    pub key: String,
    /// How much of it.
    pub used: Used,
}

/// A key of a user.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Key {
    /// The access key, or service-specific credential.
    pub key_id: String,
    /// bedrock-api-key or access-key.
    pub kind: String,
    /// The one tool it was made for.
    pub tool: String,
    /// active, inactive or revoked.
    pub status: String,
    /// The IAM user that holds it, where that is known.
    pub iam_user: Option<String>,
    /// Weir made it, and may deactivate it.
    pub made_by_weir: bool,
    /// RFC 3339, where that is known.
    pub created_at: Option<String>,
    /// RFC 3339; null if never, or not known.
    pub expires_at: Option<String>,
}

impl Key {
    fn of(key: &KeyId, owner: &KeyOwner) -> Self {
        let KeyOwner {
            user: _,
            tool,
            bedrock,
            made_by_weir,
            iam_user,
            state,
            created_at,
            expires_at,
        } = owner;
        let kind = if *bedrock {
            "bedrock-api-key"
        } else {
            "access-key"
        };
        Self {
            key_id: key.to_string(),
            kind: kind.to_owned(),
            tool: tool.to_string(),
            status: state.as_str().to_owned(),
            iam_user: iam_user.clone(),
            made_by_weir: *made_by_weir,
            created_at: created_at.map(|at| at.to_string()),
            expires_at: expires_at.map(|at| at.to_string()),
        }
    }
}

/// A protection, and how it ended.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Protected {
    /// Unique for ever.
    pub id: String,
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
    /// RFC 3339.
    pub since: String,
    /// RFC 3339; null is indefinite.
    pub until: Option<String>,
    /// Percent of a limit beyond which blocks apply again.
    pub up_to_percent: Option<u32>,
    /// When it was ended, RFC 3339; null while it holds.
    pub ended_at: Option<String>,
    /// Who ended it.
    pub ended_by: Option<String>,
}

impl Protected {
    fn of(row: ProtectionEver) -> Self {
        let ProtectionEver { protection, ended } = row;
        let Stored {
            id,
            user: _,
            author,
            reason,
            since,
            until,
            up_to_percent,
        } = protection;
        let (ended_at, ended_by) = match ended {
            Some((at, by)) => (Some(at.to_string()), Some(by)),
            None => (None, None),
        };
        Self {
            id: id.to_string(),
            by: author,
            reason,
            since: since.to_string(),
            until: until.instant().map(|at| at.to_string()),
            up_to_percent,
            ended_at,
            ended_by,
        }
    }
}

/// A protection.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Protection {
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
    /// RFC 3339; null is indefinite.
    pub until: Option<String>,
    /// Percent of a limit beyond which blocks apply again.
    pub up_to_percent: Option<u32>,
}

/// A protection as it is answered.
pub(crate) fn protection(view: ProtectionView) -> Protection {
    let ProtectionView {
        by,
        reason,
        until,
        up_to_percent,
    } = view;
    Protection {
        by,
        reason,
        until,
        up_to_percent,
    }
}

/// A quota held against what was used.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Quota {
    /// Where it was set.
    pub scope: String,
    /// requests, tokens, `tokens_all` or cost.
    pub metric: String,
    /// hour, day or month.
    pub window: String,
    /// The limit now; null is unlimited. Dollars of the metric cost, as exact decimal.
    pub limit: Option<String>,
    /// Used in the window that contains now, alike.
    pub used: String,
    /// Whole percent of the limit.
    pub percent: Option<u32>,
    /// When the window ends, RFC 3339.
    pub resets_at: String,
    /// block or notify.
    pub action: String,
}

fn amount(amount: Amount) -> String {
    match amount {
        Amount::Count(count) => count.to_string(),
        Amount::Usd(usd) => usd,
    }
}

impl Quota {
    pub(super) fn of(view: QuotaView) -> Self {
        let QuotaView {
            scope,
            metric,
            window,
            limit,
            used,
            percent,
            resets_at,
            action,
        } = view;
        Self {
            scope,
            metric: metric.to_owned(),
            window: window.to_owned(),
            limit: limit.map(amount),
            used: amount(used),
            percent,
            resets_at,
            action: action.to_owned(),
        }
    }
}

/// Show a user
///
/// State, quotas, blocks and protection now; what was used by model and tool; keys and identities.
#[utoipa::path(
    get,
    path = "/api/v1/users/{user}",
    operation_id = "users_show",
    tag = "users",
    params(("user" = String, Path, description = "The id; a slash in it is written %2F")),
    responses(
        (status = 200, description = "The user", body = UserPage, headers(("etag" = String))),
        crate::api::answers::Shows,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(user): PathPart,
) -> Result<([(header::HeaderName, HeaderValue); 1], Json<UserPage>), Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let user = UserId::new(user);
    let row = super::within_reach(&api, &within, &user).await?;
    let tag = etag::header(&super::edit::tag(&row));
    Ok((tag, Json(page(&api, row).await?)))
}

/// The page of a user.
pub(crate) async fn page(api: &Api, row: UserRow) -> Result<UserPage, Problem> {
    let user = row.user.clone();
    let failed = |error: EngineError| Problem::of_engine(&error);
    let rules = api.engine.rules().await.map_err(failed)?;
    let StatusReport {
        user_id: _,
        team: _,
        person: _,
        state,
        enforcement,
        blocked_until,
        reasons,
        protection: held,
        quotas,
    } = api.engine.status(&user).await.map_err(failed)?;
    let protection_etag = super::protect::state(held.as_ref()).tag;
    let held = held.map(protection);
    let owners = api.engine.store().team_owners(Some(&row.team)).await;
    let owner = owners.map_err(Problem::of_store)?.into_iter().next();
    let windows = Windows::at(api.engine.now(), &rules.zone);
    let counted = counted(api, &user, windows).await?;
    let reports = api.engine.store().reports();
    let history = BlockFilter {
        history: true,
        user: Some(user.clone()),
        limit: LATEST + 1,
        ..BlockFilter::default()
    };
    let blocks = reports.blocks_page(&history, None, None).await;
    let mut blocks = blocks.map_err(Problem::of_store)?;
    let more_blocks = pages::cut(&mut blocks, LATEST, |_| ()).is_some();
    let protections = reports.protections_ever(&user, LATEST + 1).await;
    let mut protections = protections.map_err(Problem::of_store)?;
    let more_protections = pages::cut(&mut protections, LATEST, |_| ()).is_some();
    let mut keys: Vec<_> = rules
        .keys
        .iter()
        .filter(|(_, owner)| owner.user == user)
        .map(|(key, owner)| Key::of(key, owner))
        .collect();
    keys.sort_by(|a, b| a.key_id.cmp(&b.key_id));
    Ok(UserPage {
        user: User::of(row, &newcomers_in(&rules)),
        team_owner: owner.map(|owner| owner.email),
        state: state.to_owned(),
        enforcement: enforcement.as_str().to_owned(),
        blocked_until,
        reasons,
        protection: held,
        protection_etag,
        quotas: quotas.into_iter().map(Quota::of).collect(),
        day: Used::of(&counted.day),
        month: Used::of(&counted.month),
        models: counted.models,
        tools: counted.tools,
        keys,
        blocks: blocks.into_iter().map(Block::of).collect(),
        more_blocks,
        protections: protections.into_iter().map(Protected::of).collect(),
        more_protections,
    })
}

/// What a user used, in a day and a month.
struct Counted {
    day: Sums,
    month: Sums,
    models: Vec<PartUsed>,
    tools: Vec<PartUsed>,
}

async fn counted(api: &Api, user: &UserId, windows: Windows) -> Result<Counted, Problem> {
    let reports = api.engine.store().reports();
    let scope = CounterScope::User(user.clone());
    let day = reports.series(&scope, &windows.day, &windows.day).await;
    let day = day.map_err(Problem::of_store)?;
    let month = reports.series(&scope, &windows.month, &windows.month).await;
    let month = month.map_err(Problem::of_store)?;
    let filter = UsageFilter {
        from: Some(windows.month.date()),
        to: Some(windows.day.date()),
        user: Some(user.clone()),
        ..UsageFilter::default()
    };
    let by = async |by| {
        let rows = api.engine.store().usage(by, &filter).await;
        let rows = rows.map_err(Problem::of_store)?.into_iter();
        let rows = rows.filter(|row| row.sums != Sums::default());
        let rows = rows.map(|row| PartUsed {
            key: row.key,
            used: Used::of(&row.sums),
        });
        Ok::<Vec<PartUsed>, Problem>(rows.collect())
    };
    let first = |rows: &[(_, Sums)]| rows.first().map(|(_, sums)| *sums).unwrap_or_default();
    Ok(Counted {
        day: first(&day),
        month: first(&month),
        models: by(GroupBy::Model).await?,
        tools: by(GroupBy::Tool).await?,
    })
}
