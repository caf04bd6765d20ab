//! Invocations, one by one: along an index, and never more than a page.

use jiff::Timestamp;
use weir_core::counter::Sums;
use weir_core::ids::{ModelId, TeamId, ToolId};
use weir_core::money::Usd;

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::filter::TimeOrder;
use crate::reports::{AgentFilter, AgentRow, CallFilter, CallPlace, CallRow, CallState};
use crate::row::{invocation, sums};
use crate::sql::reports as sql;
use crate::value::{Row, args};

/// Invocations in order of time.
pub(crate) async fn list<D: Dialect>(
    db: &D,
    filter: &CallFilter,
) -> Result<Vec<CallRow>, StoreError> {
    let CallFilter {
        user,
        team,
        model,
        tool,
        state,
        from,
        to,
        order,
        after,
        limit,
    } = filter;
    // From the place on, which lies in the stretch.
    let (mut from, mut to) = (*from, *to);
    let (of_all, of_user, none) = match order {
        TimeOrder::NewestFirst => {
            to = after.map_or(to, |place| to.min(place.at));
            let none = (Timestamp::MAX, i64::MAX);
            (sql::CALLS, sql::CALLS_OF_USER, none)
        }
        TimeOrder::OldestFirst => {
            from = after.map_or(from, |place| from.max(place.at));
            let none = (Timestamp::MIN, i64::MIN);
            (sql::CALLS_OLDEST, sql::CALLS_OF_USER_OLDEST, none)
        }
    };
    let (at, id) = after.map_or(none, |CallPlace { at, id }| (at, id));
    let team = team.as_ref().map(TeamId::as_str);
    let model = model.as_ref().map(ModelId::as_str);
    let tool = tool.as_ref().map(ToolId::as_str);
    let state = state.map(CallState::as_str);
    let mut arguments = args![
        from, to, at, id, team, team, model, model, tool, tool, state, state, *limit
    ];
    let statement = match user {
        None => of_all,
        Some(user) => {
            arguments.insert(0, user.as_str().into());
            of_user
        }
    };
    let rows = db.read().await?.query(statement.into(), arguments).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

fn read(row: &mut Row) -> Result<CallRow, StoreError> {
    let id = row.int("bedrock_requests.id")?;
    let request = row.id("bedrock_requests.request_id")?;
    let at = row.at("bedrock_requests.request_timestamp")?;
    Ok(CallRow {
        place: CallPlace { at, id },
        request,
        account: row.id("bedrock_requests.account_id")?,
        region: row.id("bedrock_requests.region")?,
        user: row.id("bedrock_requests.user_id")?,
        team: row.id("bedrock_requests.team")?,
        tool: row.id("bedrock_requests.tool")?,
        model: row.id("bedrock_requests.model_id")?,
        operation: row.text("bedrock_requests.request_type")?,
        tokens: invocation::read_tokens(row)?,
        cost: row
            .maybe_int("bedrock_requests.cost_nanos")?
            .map(Usd::from_nanos),
        provisional: row.flag("bedrock_requests.provisional")?,
        failed: row.text("bedrock_requests.status")? == "failed",
        error_code: row.maybe_text("bedrock_requests.error_code")?,
        unresolved: row.flag("bedrock_requests.unresolved")?,
    })
}

/// What the calls of a part of an hour come to.
pub(crate) async fn between<D: Dialect>(
    db: &D,
    from: Timestamp,
    to: Timestamp,
    team: Option<&TeamId>,
) -> Result<Sums, StoreError> {
    let team = team.map(TeamId::as_str);
    let mut conn = db.read().await?;
    let row = conn
        .one(sql::CALLS_BETWEEN.into(), args![from, to, team, team])
        .await?;
    let Some(mut row) = row else {
        return Ok(Sums::default());
    };
    match row.int("bedrock_requests")? {
        0 => Ok(Sums::default()),
        _ => sums::read(&mut row),
    }
}

/// What called, of the newest invocations.
pub(crate) async fn agents<D: Dialect>(
    db: &D,
    filter: &AgentFilter,
) -> Result<Vec<AgentRow>, StoreError> {
    let AgentFilter {
        team,
        user,
        from,
        before,
        of,
        limit,
    } = filter;
    let team = team.as_ref().map(TeamId::as_str);
    let mut arguments = args![*from, *before, team, team, *of, *limit];
    let statement = match user {
        None => sql::AGENTS,
        Some(user) => {
            arguments.insert(0, user.as_str().into());
            sql::AGENTS_OF_USER
        }
    };
    let rows = db.read().await?.query(statement.into(), arguments).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(AgentRow {
                tool: row.id("bedrock_requests.tool")?,
                agent: row.maybe_text("bedrock_requests.user_agent")?,
                calls: row.count("bedrock_requests")?,
                last: row.at("bedrock_requests.request_timestamp")?,
            })
        })
        .collect()
}
