//! Series, sums by two things, pages of blocks, and what changed last.

use weir_core::access::{TargetKey, TargetState};
use weir_core::calendar::Window;
use weir_core::counter::{CounterKey, CounterScope, Sums};
use weir_core::ids::{ModelId, TeamId, ToolId, UserId};

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::filter::{BlockFilter, GroupBy, UsageFilter};
use crate::reports::{BlockPlace, CrossRow, Newest, ProtectionEver};
use crate::row::{access, block, sums};
use crate::rows::BlockRow;
use crate::sql::reports as sql;
use crate::value::args;
use crate::work::reads::day_range;
use crate::work::watch;

/// The totals of one scope, window by window.
pub(crate) async fn series<D: Dialect>(
    db: &D,
    scope: &CounterScope,
    from: &Window,
    to: &Window,
) -> Result<Vec<(Window, Sums)>, StoreError> {
    let kind = from.kind();
    let (scope_kind, scope_id) = match scope {
        CounterScope::Organisation => ("organisation", ""),
        CounterScope::Team(team) => ("team", team.as_str()),
        CounterScope::User(user) => ("user", user.as_str()),
        CounterScope::Tool(..) | CounterScope::Model(..) => {
            return Err(StoreError::Refused(
                "tools and models of a user have counters only while a quota is on them".to_owned(),
            ));
        }
    };
    let (first, last) = (from.to_string(), to.to_string());
    let arguments = args![scope_kind, scope_id, kind.as_str(), &first, &last];
    let mut conn = db.read().await?;
    let rows = conn.query(sql::SERIES.into(), arguments).await?;
    rows.into_iter()
        .map(|mut row| {
            let window = sums::window(kind, &row.text("usage_counters.window_key")?)?;
            Ok((window, sums::read(&mut row)?))
        })
        .collect()
}

/// Which statement sums by two things, and whether it names them the other way round.
fn statement(by: (GroupBy, GroupBy)) -> Option<(&'static str, bool)> {
    use GroupBy::{Day, Model, Team, Tool, User};
    let known = |(first, second)| match (first, second) {
        (Day, User) => Some(sql::DAY_USER),
        (Day, Team) => Some(sql::DAY_TEAM),
        (Day, Model) => Some(sql::DAY_MODEL),
        (Day, Tool) => Some(sql::DAY_TOOL),
        (Team, User) => Some(sql::TEAM_USER),
        (Team, Model) => Some(sql::TEAM_MODEL),
        (Team, Tool) => Some(sql::TEAM_TOOL),
        (User, Model) => Some(sql::USER_MODEL),
        (User, Tool) => Some(sql::USER_TOOL),
        (Model, Tool) => Some(sql::MODEL_TOOL),
        _ => None,
    };
    let (first, second) = by;
    known(by)
        .map(|statement| (statement, false))
        .or_else(|| known((second, first)).map(|statement| (statement, true)))
}

/// Sums by two things: of users or teams over days from their counters, of what else there is from the
/// hourly table.
pub(crate) async fn crossed<D: Dialect>(
    db: &D,
    by: (GroupBy, GroupBy),
    filter: &UsageFilter,
) -> Result<Vec<CrossRow>, StoreError> {
    let UsageFilter {
        from,
        to,
        team,
        user,
        model,
        tool,
    } = filter;
    let Some((statement, turned)) = statement(by) else {
        return Err(StoreError::Refused(
            "usage is by two things that differ".to_owned(),
        ));
    };
    let (first, end) = day_range(*from, *to);
    let last = to.map_or_else(|| end.clone(), |day| day.to_string());
    let team = team.as_ref().map(TeamId::as_str);
    let user = user.as_ref().map(UserId::as_str);
    let model = model.as_ref().map(ModelId::as_str);
    let tool = tool.as_ref().map(ToolId::as_str);
    let whole = model.is_none() && tool.is_none();
    let mut conn = db.read().await?;
    let rows = match statement {
        sql::DAY_TEAM if whole && user.is_none() => {
            let arguments = args![&first, &last, team, team];
            conn.query(sql::TEAM_DAYS.into(), arguments).await?
        }
        sql::DAY_USER if whole && team.is_none() => {
            let arguments = args![&first, &last, user, user];
            conn.query(sql::USER_DAYS.into(), arguments).await?
        }
        _ => {
            let arguments = args![
                &first, &end, team, team, user, user, model, model, tool, tool
            ];
            conn.query(statement.into(), arguments).await?
        }
    };
    rows.into_iter()
        .map(|mut row| {
            let (one, other) = (row.text("usage_hourly")?, row.text("usage_hourly")?);
            let (first, second) = if turned { (other, one) } else { (one, other) };
            Ok(CrossRow {
                first,
                second,
                sums: sums::read(&mut row)?,
            })
        })
        .collect()
}

/// Blocks, the newest first, after a place.
pub(crate) async fn blocks_page<D: Dialect>(
    db: &D,
    filter: &BlockFilter,
    team: Option<&TeamId>,
    after: Option<&BlockPlace>,
) -> Result<Vec<BlockRow>, StoreError> {
    let BlockFilter {
        history,
        user,
        held,
        from,
        before,
        limit,
    } = filter;
    let statement = if *history {
        sql::BLOCKS_EVER
    } else {
        sql::BLOCKS_ACTIVE
    };
    let user = user.as_ref().map(UserId::as_str);
    let team = team.map(TeamId::as_str);
    let since = after.map(|place| place.since);
    let id = after.map(|place| place.id.as_str());
    let arguments = args![
        user, user, team, team, team, *held, *from, *from, *before, *before, since, since, since,
        id, *limit
    ];
    let rows = db.read().await?.query(statement.into(), arguments).await?;
    rows.into_iter()
        .map(|mut row| block::read(&mut row))
        .collect()
}

/// The latest protections of a user.
pub(crate) async fn protections_ever<D: Dialect>(
    db: &D,
    user: &UserId,
    limit: u32,
) -> Result<Vec<ProtectionEver>, StoreError> {
    let mut conn = db.read().await?;
    let rows = conn
        .query(sql::PROTECTIONS_EVER.into(), args![user.as_str(), limit])
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let protection = block::read_protection(&mut row)?;
            let at = row.maybe_at("protections.ended_at")?;
            let by = row.maybe_text("protections.ended_by")?;
            Ok(ProtectionEver {
                protection,
                ended: at.map(|at| (at, by.unwrap_or_default())),
            })
        })
        .collect()
}

/// Targets that are not as they should be.
pub(crate) async fn unsettled_targets<D: Dialect>(
    db: &D,
    team: Option<&TeamId>,
) -> Result<Vec<(TargetKey, TargetState)>, StoreError> {
    let team = team.map(TeamId::as_str);
    let mut conn = db.read().await?;
    let rows = conn
        .query(sql::TARGET_STATES.into(), args![team, team])
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let key = access::read_key(&mut row)?;
            Ok((key, row.word("access_targets.state")?))
        })
        .collect()
}

/// Marks that move when something changes.
pub(crate) async fn newest<D: Dialect>(db: &D, month: &Window) -> Result<Newest, StoreError> {
    let everybody = CounterKey {
        scope: CounterScope::Organisation,
        window: *month,
    };
    let mut totals = watch::totals(db, std::slice::from_ref(&everybody)).await?;
    let mut conn = db.read().await?;
    let row = conn.one(sql::NEWEST.into(), Vec::new()).await?;
    let Some(mut row) = row else {
        return Ok(Newest::default());
    };
    Ok(Newest {
        request: row.maybe_int("bedrock_requests.id")?.unwrap_or_default(),
        audit: row.count("audit_head.seq")?,
        rules: row.count("rules_head.version")?,
        outbox: row.maybe_int("outbox.seq")?.unwrap_or_default(),
        dead_letter: row.maybe_at("dead_letters.last_seen")?,
        month: totals.remove(&everybody).unwrap_or_default(),
    })
}
