//! `GET /api/v1/blocks`

use axum::Json;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::block::{Block as Stored, Denies, DenyTimes, Force, Violation};
use weir_core::ids::UserId;
use weir_core::operator::Permission;
use weir_core::pseudonym::Pseudonyms;
use weir_store::{BlockFilter, BlockPlace, BlockRow, TimeOrder};

use crate::api::query::{Query, parsed};
use crate::api::used::amount;
use crate::api::users::order::Order;
use crate::api::{Api, SignedIn, page, team};
use crate::problem::Problem;

/// Which blocks.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Lifted ones too.
    #[serde(default)]
    history: bool,
    /// Only of this user.
    user: Option<String>,
    /// Only those that the breaker holds.
    #[serde(default)]
    held: bool,
    /// Only manual or only automatic ones.
    #[param(inline)]
    kind: Option<BlockKind>,
    /// Only those with this in the user, team, reason or author, or in whoever lifted them; upper and lower
    /// case are the same.
    search: Option<String>,
    /// Only those that began at this instant or later, RFC 3339.
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Only those that began before this instant, RFC 3339.
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = DateTime)]
    before: Option<Timestamp>,
    /// Only those of this team and of its members now.
    team: Option<String>,
    /// In which order of their beginnings they come: asc is the oldest first [default: desc].
    #[param(inline)]
    order: Option<Order>,
    /// `next` of the page before, asked for with the same `order`.
    cursor: Option<String>,
    /// Rows of a page, 1 to 500 [default: 50].
    limit: Option<u32>,
}

/// By whom blocks are decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BlockKind {
    /// By quotas.
    Automatic,
    /// By people.
    Manual,
}

/// A block.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Block {
    /// Unique for ever.
    pub id: String,
    /// What it denies: user, team, tool or model.
    pub scope: String,
    /// The user, unless it is a team's.
    pub user_id: Option<String>,
    /// The team, if it is a team's.
    pub team: Option<String>,
    /// The tool, if that is denied.
    pub tool: Option<String>,
    /// The model, if that is denied.
    pub model: Option<String>,
    /// automatic or manual.
    pub kind: String,
    /// One line for people.
    pub reason: String,
    /// Who decided.
    pub author: String,
    /// RFC 3339.
    pub since: String,
    /// RFC 3339; null is indefinite.
    pub until: Option<String>,
    /// The breaker keeps it from being applied.
    pub held: bool,
    /// An administrator decided against it.
    pub discarded: bool,
    /// The quotas that were reached, as they stood then; none of a manual block.
    pub evidence: Vec<Evidence>,
    /// How much more than the first of them allowed was used by now, in the units of its metric; null of a
    /// manual block.
    pub overshoot: Option<String>,
    /// When its Deny was asked for in AWS, RFC 3339; null where it is only recorded.
    pub requested_at: Option<String>,
    /// When the Deny was first read back wherever it is wanted.
    pub verified_at: Option<String>,
    /// The first denied call that it explains.
    pub first_denied_at: Option<String>,
    /// When it was lifted, RFC 3339.
    pub lifted_at: Option<String>,
    /// Who lifted it.
    pub lifted_by: Option<String>,
    /// Why it was lifted, as a word.
    pub lifted_why: Option<String>,
}

/// A quota that was reached.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// Whose quota: `user:ana`, `team:sap`, `defaults`, …
    pub scope: String,
    /// requests, tokens, `tokens_all` or cost.
    pub metric: String,
    /// The local hour, day or month.
    pub window: String,
    /// How much was used. Dollars of the metric cost, as exact decimal.
    pub used: String,
    /// How much was allowed, alike.
    pub limit: String,
}

impl Evidence {
    fn of(violation: &Violation) -> Self {
        let Violation {
            scope,
            metric,
            window,
            used,
            limit,
        } = violation;
        Self {
            scope: scope.to_string(),
            metric: metric.as_str().to_owned(),
            window: window.to_string(),
            used: amount(*metric, *used),
            limit: amount(*metric, *limit),
        }
    }
}

/// Blocks.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Blocks {
    /// In order of their beginnings.
    pub blocks: Vec<Block>,
    /// The cursor of the next page; null after the last.
    pub next: Option<String>,
}

impl Block {
    /// As stored.
    pub fn of(row: BlockRow) -> Self {
        let overshoot = overshoot(&row);
        let BlockRow { block, lifted, .. } = row;
        let automatic = block.is_automatic();
        let Stored {
            id,
            denies,
            cause: _,
            reason,
            evidence,
            author,
            since,
            until,
            force,
            deny:
                DenyTimes {
                    requested_at,
                    verified_at,
                    first_denied_at,
                },
        } = block;
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let (team, tool, model) = match &denies {
            Denies::User(_) => (None, None, None),
            Denies::Team(team) => (Some(team.to_string()), None, None),
            Denies::Tool(_, tool) => (None, Some(tool.to_string()), None),
            Denies::Model(_, model) => (None, None, Some(model.to_string())),
        };
        let (at, by, why) = match lifted {
            Some((at, by, why)) => (Some(at.to_string()), Some(by), Some(why)),
            None => (None, None, None),
        };
        Self {
            id: id.to_string(),
            scope: denies.kind().to_owned(),
            user_id: denies.user().map(ToString::to_string),
            team,
            tool,
            model,
            kind: if automatic { "automatic" } else { "manual" }.to_owned(),
            reason,
            author,
            since: since.to_string(),
            until: until.instant().map(|at| at.to_string()),
            held: force == Force::Held,
            discarded: force == Force::Discarded,
            evidence: evidence.iter().map(Evidence::of).collect(),
            overshoot,
            requested_at: time(requested_at),
            verified_at: time(verified_at),
            first_denied_at: time(first_denied_at),
            lifted_at: at,
            lifted_by: by,
            lifted_why: why,
        }
    }
}

fn overshoot(row: &BlockRow) -> Option<String> {
    let headline = row.block.evidence.first()?;
    row.overshoot().map(|over| amount(headline.metric, over))
}

/// List blocks
///
/// Those in force, or all there ever were.
#[utoipa::path(
    get,
    path = "/api/v1/blocks",
    operation_id = "blocks_list",
    tag = "blocks",
    params(Asked),
    responses(
        (status = 200, description = "Blocks", body = Blocks),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Blocks>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let Asked {
        history,
        user,
        held,
        kind,
        search,
        from,
        before,
        team,
        order,
        cursor,
        limit,
    } = asked;
    let limit = page::limit(limit)?;
    let filter = BlockFilter {
        history,
        user: user.map(UserId::new),
        held,
        manual: kind.map(|kind| kind == BlockKind::Manual),
        text: search,
        from,
        before,
        order: order.map_or(TimeOrder::NewestFirst, Order::of_time),
        // One more tells whether there are more.
        limit: limit + 1,
    };
    let team = team::asked(&within, team.as_deref())?;
    let names = who.pseudonyms.as_deref();
    let after = match cursor.as_deref().map(place).transpose()? {
        Some(place) if names.is_some() => Some(place_of(&api, &filter, place, names).await?),
        after => after,
    };
    let rows = api.engine.store().reports();
    let rows = rows.blocks_page(&filter, team.as_ref(), after.as_ref());
    let mut rows = rows.await.map_err(Problem::of_store)?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let last = rows.last().filter(|_| more);
    Ok(Json(Blocks {
        next: last.map(|row| {
            let since = row.block.since.as_microsecond();
            let id = row.block.id.as_str();
            let id = names.map_or_else(|| id.to_owned(), |names| names.of(id));
            page::cursor(&format!("{since} {id}"))
        }),
        blocks: rows.into_iter().map(Block::of).collect(),
    }))
}

/// The place that a pseudonym stands for: ids of blocks name users.
async fn place_of(
    api: &Api,
    filter: &BlockFilter,
    place: BlockPlace,
    names: Option<&Pseudonyms>,
) -> Result<BlockPlace, Problem> {
    let end = place.since.saturating_add(SignedDuration::from_micros(1));
    let same = BlockFilter {
        from: Some(place.since),
        before: Some(end.unwrap_or(Timestamp::MAX)),
        history: true,
        limit: u32::MAX,
        ..filter.clone()
    };
    let rows = api.engine.store().reports().blocks_page(&same, None, None);
    let rows = rows.await.map_err(Problem::of_store)?;
    let mut ids = rows.iter().map(|row| row.block.id.as_str());
    let id = ids.find(|id| names.is_some_and(|names| names.of(id) == place.id));
    let id = id.ok_or_else(page::no_cursor)?.to_owned();
    Ok(BlockPlace { id, ..place })
}

fn place(cursor: &str) -> Result<BlockPlace, Problem> {
    let key = page::key(cursor)?;
    let (since, id) = key.split_once(' ').ok_or_else(page::no_cursor)?;
    let since = since.parse().map_err(|_| page::no_cursor())?;
    let since = Timestamp::from_microsecond(since).map_err(|_| page::no_cursor())?;
    Ok(BlockPlace {
        since,
        id: id.to_owned(),
    })
}
