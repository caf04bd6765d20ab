//! `GET /api/v1/blocks`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::block::{Block as Stored, Denies, Force};
use weir_core::ids::UserId;
use weir_core::operator::Permission;
use weir_store::{BlockFilter, BlockPlace, BlockRow};

use crate::api::query::{Query, parsed};
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
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, 1 to 500 [default: 50].
    limit: Option<u32>,
}

/// A block.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Block {
    /// Unique for ever.
    id: String,
    /// What it denies: user, team, tool or model.
    scope: &'static str,
    /// The user, unless it is a team's.
    user_id: Option<String>,
    /// The team, if it is a team's.
    team: Option<String>,
    /// The tool, if that is denied.
    tool: Option<String>,
    /// The model, if that is denied.
    model: Option<String>,
    /// automatic or manual.
    kind: &'static str,
    /// One line for people.
    reason: String,
    /// Who decided.
    author: String,
    /// RFC 3339.
    since: String,
    /// RFC 3339; null is indefinite.
    until: Option<String>,
    /// The breaker keeps it from being applied.
    held: bool,
    /// An administrator decided against it.
    discarded: bool,
    /// When it was lifted, RFC 3339.
    lifted_at: Option<String>,
    /// Who lifted it.
    lifted_by: Option<String>,
    /// Why it was lifted, as a word.
    lifted_why: Option<String>,
}

/// Blocks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Blocks {
    /// The newest first.
    blocks: Vec<Block>,
    /// The cursor of the next page; null after the last.
    next: Option<String>,
}

impl Block {
    pub(crate) fn of(row: BlockRow) -> Self {
        let BlockRow { block, lifted } = row;
        let automatic = block.is_automatic();
        let Stored {
            id,
            denies,
            cause: _,
            reason,
            evidence: _,
            author,
            since,
            until,
            force,
        } = block;
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
            scope: denies.kind(),
            user_id: denies.user().map(ToString::to_string),
            team,
            tool,
            model,
            kind: if automatic { "automatic" } else { "manual" },
            reason,
            author,
            since: since.to_string(),
            until: until.instant().map(|at| at.to_string()),
            held: force == Force::Held,
            discarded: force == Force::Discarded,
            lifted_at: at,
            lifted_by: by,
            lifted_why: why,
        }
    }
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
        from,
        before,
        team,
        cursor,
        limit,
    } = asked;
    let limit = page::limit(limit)?;
    let filter = BlockFilter {
        history,
        user: user.map(UserId::new),
        held,
        from,
        before,
        // One more tells whether there are more.
        limit: limit + 1,
    };
    let team = team::asked(&within, team.as_deref())?;
    let after = cursor.as_deref().map(place).transpose()?;
    let rows = api.engine.store().reports();
    let rows = rows.blocks_page(&filter, team.as_ref(), after.as_ref());
    let mut rows = rows.await.map_err(Problem::of_store)?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let last = rows.last().filter(|_| more);
    Ok(Json(Blocks {
        next: last.map(|row| {
            let since = row.block.since.as_microsecond();
            page::cursor(&format!("{since} {}", row.block.id))
        }),
        blocks: rows.into_iter().map(Block::of).collect(),
    }))
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
