//! Series, sums by two things, pages of blocks, and what changed last.

use weir_core::access::{TargetKey, TargetState};
use weir_core::calendar::Window;
use weir_core::counter::{CounterKey, CounterScope, Sums};
use weir_core::ids::{TeamId, UserId};

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::filter::{BlockFilter, GroupBy, TimeOrder, UsageFilter};
use crate::reports::{BlockPlace, CrossRow, Newest, ProtectionEver};
use crate::row::{access, block, sums};
use crate::rows::BlockRow;
use crate::sql::reports as sql;
use crate::value::{Arg, Row, args};
use crate::work::narrowed::Narrowed;
use crate::work::watch;

/// The totals of one scope, window by window.
pub(crate) async fn series<D: Dialect>(
    db: &D,
    scope: &CounterScope,
    from: &Window,
    to: &Window,
) -> Result<Vec<(Window, Sums)>, StoreError> {
    let kind = from.kind();
    let (scope_kind, scope_id, part) = scope.parts();
    let (first, last) = (from.to_string(), to.to_string());
    let arguments = args![scope_kind, scope_id, kind.as_str(), &first, &last, part];
    let mut conn = db.read().await?;
    let rows = conn.query(sql::SERIES.into(), arguments).await?;
    rows.into_iter()
        .map(|mut row| {
            let window = sums::window(kind, &row.text("usage_counters.window_key")?)?;
            Ok((window, sums::read(&mut row)?))
        })
        .collect()
}

/// Which statements sum by two things, of everybody and of one user, and whether they name them the other
/// way round.
fn statements(by: (GroupBy, GroupBy)) -> Option<(&'static str, &'static str, bool)> {
    use GroupBy::{Day, Model, Team, Tool, User};
    let known = |(first, second)| match (first, second) {
        (Day, User) => Some((sql::DAY_USER, sql::DAY_USER_OF_USER)),
        (Day, Team) => Some((sql::DAY_TEAM, sql::DAY_TEAM_OF_USER)),
        (Day, Model) => Some((sql::DAY_MODEL, sql::DAY_MODEL_OF_USER)),
        (Day, Tool) => Some((sql::DAY_TOOL, sql::DAY_TOOL_OF_USER)),
        (Team, User) => Some((sql::TEAM_USER, sql::TEAM_USER_OF_USER)),
        (Team, Model) => Some((sql::TEAM_MODEL, sql::TEAM_MODEL_OF_USER)),
        (Team, Tool) => Some((sql::TEAM_TOOL, sql::TEAM_TOOL_OF_USER)),
        (User, Model) => Some((sql::USER_MODEL, sql::USER_MODEL_OF_USER)),
        (User, Tool) => Some((sql::USER_TOOL, sql::USER_TOOL_OF_USER)),
        (Model, Tool) => Some((sql::MODEL_TOOL, sql::MODEL_TOOL_OF_USER)),
        _ => None,
    };
    let (first, second) = by;
    known(by)
        .map(|(all, user)| (all, user, false))
        .or_else(|| known((second, first)).map(|(all, user)| (all, user, true)))
}

/// Which statement sums the same from what teams used of tools or models, if one does: the statement, the
/// kind of those counters, and the one tool or model that is asked about.
fn parts<'a>(
    statement: &str,
    model: Option<&'a str>,
    tool: Option<&'a str>,
) -> Option<(&'static str, &'static str, Option<&'a str>)> {
    let of_models = ("team-model", model);
    let of_tools = ("team-tool", tool);
    let (statement, (kind, part)) = match (statement, model, tool) {
        (sql::DAY_MODEL, _, None) => (sql::PARTS_BY_DAY, of_models),
        (sql::DAY_TOOL, None, _) => (sql::PARTS_BY_DAY, of_tools),
        (sql::TEAM_MODEL, _, None) => (sql::PARTS_BY_TEAM, of_models),
        (sql::TEAM_TOOL, None, _) => (sql::PARTS_BY_TEAM, of_tools),
        (sql::DAY_TEAM, Some(_), None) => (sql::DAYS_AND_TEAMS_OF_PART, of_models),
        (sql::DAY_TEAM, None, Some(_)) => (sql::DAYS_AND_TEAMS_OF_PART, of_tools),
        _ => return None,
    };
    Some((statement, kind, part))
}

/// The statement, with its arguments, that sums the same from counters, where there are any that say it.
fn counted<'a>(of_all: &str, asked: &'a Narrowed<'_>) -> Option<(&'static str, Vec<Arg<'a>>)> {
    let Narrowed {
        first,
        last,
        team,
        user,
        model,
        tool,
        end: _,
    } = asked;
    let (first, last) = (first.as_str(), last.as_str());
    let (team, user) = (*team, *user);
    if user.is_none()
        && let Some((statement, kind, part)) = parts(of_all, *model, *tool)
    {
        let arguments = args![kind, first, last, part, part, team, team];
        return Some((statement, arguments));
    }
    match (of_all, team, user, model, tool) {
        (sql::DAY_TEAM, _, None, None, None) => {
            Some((sql::DAYS_OF_EACH, args!["team", first, last, team, team]))
        }
        (sql::DAY_USER, Some(team), _, None, None) => Some((
            sql::PARTS_BY_DAY,
            args!["team-user", first, last, user, user, team, team],
        )),
        (sql::TEAM_USER, _, _, None, None) => Some((
            sql::PARTS_BY_TEAM,
            args!["team-user", first, last, user, user, team, team],
        )),
        (sql::DAY_USER, None, _, None, None) => {
            Some((sql::DAYS_OF_EACH, args!["user", first, last, user, user]))
        }
        _ => None,
    }
}

/// Sums by two things: of users and teams over days, and of the users, tools and models of teams, from
/// counters; of what else there is from the hourly table.
pub(crate) async fn crossed<D: Dialect>(
    db: &D,
    by: (GroupBy, GroupBy),
    filter: &UsageFilter,
) -> Result<Vec<CrossRow>, StoreError> {
    let Some((of_all, of_user, turned)) = statements(by) else {
        return Err(StoreError::Refused(
            "usage is by two things that differ".to_owned(),
        ));
    };
    let asked = Narrowed::by(filter);
    let (statement, arguments) = match counted(of_all, &asked) {
        Some(from_counters) => from_counters,
        None => asked.hours(of_all, of_user),
    };
    let rows = db.read().await?.query(statement.into(), arguments).await?;
    rows.into_iter()
        .map(|row| line(row, turned))
        // Calls that moved on leave counters of nothing.
        .filter(|row| !row.as_ref().is_ok_and(|row| row.sums == Sums::default()))
        .collect()
}

/// A line of sums by two things, which the statement may name the other way round.
fn line(mut row: Row, turned: bool) -> Result<CrossRow, StoreError> {
    let one = row.text("usage_counters.window_key")?;
    let other = row.text("usage_hourly")?;
    let (first, second) = if turned { (other, one) } else { (one, other) };
    Ok(CrossRow {
        first,
        second,
        sums: sums::read(&mut row)?,
    })
}

/// Blocks in order of time, after a place.
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
        manual,
        text,
        from,
        before,
        order,
        limit,
    } = filter;
    let kind = manual.map(|manual| if manual { "manual" } else { "automatic" });
    let text = text.as_ref().map(|text| text.to_lowercase());
    let text = text.as_deref();
    let statement = match (history, order) {
        (true, TimeOrder::NewestFirst) => sql::BLOCKS_EVER,
        (true, TimeOrder::OldestFirst) => sql::BLOCKS_EVER_OLDEST,
        (false, TimeOrder::NewestFirst) => sql::BLOCKS_ACTIVE,
        (false, TimeOrder::OldestFirst) => sql::BLOCKS_ACTIVE_OLDEST,
    };
    let user = user.as_ref().map(UserId::as_str);
    let team = team.map(TeamId::as_str);
    let most = match *limit {
        0 => u32::MAX,
        most => most,
    };
    let since = after.map(|place| place.since);
    let id = after.map(|place| place.id.as_str());
    let arguments = args![
        user, user, team, team, team, *held, *from, *from, *before, *before, kind, kind, text,
        text, text, text, text, since, since, since, id, most
    ];
    let rows = db.read().await?.query(statement.into(), arguments).await?;
    rows.into_iter()
        .map(|mut row| {
            let block = block::read(&mut row)?;
            let totals = sums::maybe(&mut row)?;
            Ok(BlockRow {
                used: totals,
                ..block
            })
        })
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
