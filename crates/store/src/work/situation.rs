//! From rows to the situation a decision is made over.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use weir_core::access::{Member, Target};
use weir_core::block::{Block, Denies, EndedBlock, Protection};
use weir_core::calendar::{Window, WindowKind};
use weir_core::counter::{CounterScope, Sums};
use weir_core::ids::{KeyId, ModelId, TeamId, ToolId, UserId};
use weir_core::rulebook::Rulebook;
use weir_core::standing::{
    CallSeen, GroupStanding, KnownPrincipal, Situation, Standing, Usage, WarningKey,
};

use crate::dialect::{Conn, Dialect, Facts};
use crate::error::StoreError;
use crate::row::{access, block, rules as rule_rows, sums};
use crate::rows::BlockRow;
use crate::sql::Sql;
use crate::value::{Row, args, json, unreadable};
use crate::work::count;

/// Reads the situation without locks.
pub(crate) async fn read<D: Dialect>(
    db: &D,
    users: &[UserId],
    teams: &[TeamId],
    now: Timestamp,
    rules: &Rulebook,
) -> Result<Situation, StoreError> {
    let users: BTreeSet<_> = users.iter().cloned().collect();
    let teams: BTreeSet<_> = teams.iter().cloned().collect();
    let look = count::look(&users, &teams, true, now, rules)?;
    let mut conn = db.read().await?;
    let facts = D::standing(&mut conn, &look).await?;
    let mut situation = of(facts, &teams, true, BTreeMap::new())?;
    add_crowd(&mut conn, D::SQL.crowd, &mut situation, now).await?;
    Ok(situation)
}

/// The situation that these facts describe.
pub(crate) fn of(
    facts: Facts,
    teams: &BTreeSet<TeamId>,
    organisation: bool,
    mut calls: BTreeMap<UserId, Vec<CallSeen>>,
) -> Result<Situation, StoreError> {
    let Facts {
        version: _,
        new_users: _,
        changed_ids: _,
        users,
        principals,
        counters,
        blocks,
        protections,
        warnings,
        access: parts,
        keys,
    } = facts;
    let mut known = BTreeMap::new();
    for mut row in users {
        let standing = standing(&mut row)?;
        known.insert(standing.user.clone(), standing);
    }
    let mut groups: BTreeMap<Option<TeamId>, GroupStanding> = teams
        .iter()
        .map(|team| (Some(team.clone()), group(Some(team.clone()))))
        .collect();
    if organisation {
        groups.insert(None, group(None));
    }
    add_principals(principals, &mut known)?;
    add_usage(counters, &mut known, &mut groups)?;
    add_blocks(blocks, &mut known, &mut groups)?;
    for mut row in protections {
        let protection: Protection = block::read_protection(&mut row)?;
        if let Some(standing) = known.get_mut(&protection.user) {
            standing.protections.push(protection);
        }
    }
    add_warnings(warnings, &mut known, &mut groups)?;
    add_access(parts, keys, &mut known)?;
    for standing in known.values_mut() {
        sort(standing);
        let is_denied = |(_, member): &(Target, Member)| !member.denial.is_none();
        if standing.access.iter().any(is_denied) || !standing.ended.is_empty() {
            standing.calls = calls.remove(&standing.user).unwrap_or_default();
        }
    }
    for standing in groups.values_mut() {
        standing.usage.sort_by(by_scope_and_window);
        standing.blocks.sort_by(by_age);
    }
    Ok(Situation {
        users: known.into_values().collect(),
        groups: groups.into_values().collect(),
        ..Situation::default()
    })
}

fn standing(row: &mut Row) -> Result<Standing, StoreError> {
    Ok(Standing {
        user: row.id("users.user_id")?,
        team: row.id("users.team")?,
        class: row.word("users.class")?,
        exempt: row.flag("users.exempt")?,
        confirmed: row.flag("users.confirmed")?,
        principals: Vec::new(),
        usage: Vec::new(),
        young: None,
        blocks: Vec::new(),
        team_blocks: Vec::new(),
        ended: Vec::new(),
        protections: Vec::new(),
        warned: BTreeSet::new(),
        access: Vec::new(),
        tool_keys: Vec::new(),
        calls: Vec::new(),
    })
}

fn group(team: Option<TeamId>) -> GroupStanding {
    GroupStanding {
        team,
        usage: Vec::new(),
        young: None,
        blocks: Vec::new(),
        warned: BTreeSet::new(),
        members: 0,
    }
}

/// Rows come in no particular order; decisions must not depend on it.
fn sort(standing: &mut Standing) {
    standing
        .principals
        .sort_by(|a, b| a.principal.cmp(&b.principal));
    standing.usage.sort_by(by_scope_and_window);
    standing.blocks.sort_by(by_age);
    standing.ended.sort_by(|a, b| by_age(&a.block, &b.block));
    standing.team_blocks.sort_by(by_age);
    standing
        .protections
        .sort_by(|a, b| (a.since, &a.id).cmp(&(b.since, &b.id)));
    standing.access.sort_by(|(a, _), (b, _)| a.key.cmp(&b.key));
    standing.tool_keys.sort();
}

fn by_scope_and_window(a: &Usage, b: &Usage) -> std::cmp::Ordering {
    (&a.scope, a.window).cmp(&(&b.scope, b.window))
}

fn by_age(a: &Block, b: &Block) -> std::cmp::Ordering {
    (a.since, &a.id).cmp(&(b.since, &b.id))
}

type Users = BTreeMap<UserId, Standing>;
type Groups = BTreeMap<Option<TeamId>, GroupStanding>;

fn add_principals(rows: Vec<Row>, users: &mut Users) -> Result<(), StoreError> {
    for mut row in rows {
        let user: UserId = row.id("user_principals.user_id")?;
        let principal = rule_rows::read_principal(&mut row)?;
        let stable_id = row.maybe_text("user_principals.stable_id")?;
        if let Some(standing) = users.get_mut(&user) {
            standing.principals.push(KnownPrincipal {
                principal,
                stable_id,
            });
        }
    }
    Ok(())
}

fn add_access(parts: Vec<Row>, keys: Vec<Row>, users: &mut Users) -> Result<(), StoreError> {
    for mut row in parts {
        let target: Target = access::read_target(&mut row)?;
        let member: Member = access::read_member(&mut row)?;
        if let Some(standing) = users.get_mut(&member.user) {
            standing.access.push((target, member));
        }
    }
    for mut row in keys {
        let user: UserId = row.id("api_keys.user_id")?;
        let key: (ToolId, KeyId) = (row.id("api_keys.tool")?, row.id("api_keys.key_id")?);
        if let Some(standing) = users.get_mut(&user) {
            standing.tool_keys.push(key);
        }
    }
    Ok(())
}

fn add_usage(rows: Vec<Row>, users: &mut Users, groups: &mut Groups) -> Result<(), StoreError> {
    for mut row in rows {
        let kind = row.text("usage_counters.scope_kind")?;
        let id = row.text("usage_counters.scope_id")?;
        let window = sums::read_window(&mut row)?;
        let part = row.text("usage_counters.part")?;
        let scope = counter_scope(&kind, &id, &part)?;
        let total = sums::read(&mut row)?;
        let usage = match &scope {
            CounterScope::Organisation => groups.get_mut(&None).map(|group| &mut group.usage),
            CounterScope::Team(team) => groups
                .get_mut(&Some(team.clone()))
                .map(|group| &mut group.usage),
            CounterScope::User(user)
            | CounterScope::Tool(user, _)
            | CounterScope::Model(user, _) => users.get_mut(user).map(|user| &mut user.usage),
            // Nobody decides by these.
            CounterScope::TeamTool(..)
            | CounterScope::TeamModel(..)
            | CounterScope::TeamUser(..) => None,
        };
        if let Some(usage) = usage {
            usage.push(Usage {
                scope,
                window,
                sums: total,
            });
        }
    }
    Ok(())
}

/// The scope of a counter from its columns.
pub(crate) fn counter_scope(kind: &str, id: &str, part: &str) -> Result<CounterScope, StoreError> {
    Ok(match kind {
        "organisation" => CounterScope::Organisation,
        "team" => CounterScope::Team(TeamId::new(id)),
        "user" => CounterScope::User(UserId::new(id)),
        "tool" => CounterScope::Tool(UserId::new(id), ToolId::new(part)),
        "model" => CounterScope::Model(UserId::new(id), ModelId::new(part)),
        "team-tool" => CounterScope::TeamTool(TeamId::new(id), ToolId::new(part)),
        "team-model" => CounterScope::TeamModel(TeamId::new(id), ModelId::new(part)),
        "team-user" => CounterScope::TeamUser(TeamId::new(id), UserId::new(part)),
        _ => {
            return Err(unreadable(
                "usage_counters.scope_kind",
                kind,
                "is not one of the words",
            ));
        }
    })
}

fn add_blocks(rows: Vec<Row>, users: &mut Users, groups: &mut Groups) -> Result<(), StoreError> {
    for mut row in rows {
        let BlockRow { block, lifted, .. } = block::read(&mut row)?;
        if let Some((lifted_at, ..)) = lifted {
            add_ended(EndedBlock { block, lifted_at }, users);
            continue;
        }
        if let Denies::Team(team) = &block.denies {
            for standing in users.values_mut().filter(|standing| standing.team == *team) {
                standing.team_blocks.push(block.clone());
            }
            if let Some(group) = groups.get_mut(&Some(team.clone())) {
                group.blocks.push(block);
            }
        } else if let Some(standing) = block.denies.user().and_then(|user| users.get_mut(user)) {
            standing.blocks.push(block);
        }
    }
    Ok(())
}

fn add_ended(ended: EndedBlock, users: &mut Users) {
    match &ended.block.denies {
        Denies::Team(team) => {
            for standing in users.values_mut().filter(|standing| standing.team == *team) {
                standing.ended.push(ended.clone());
            }
        }
        denies => {
            if let Some(standing) = denies.user().and_then(|user| users.get_mut(user)) {
                standing.ended.push(ended);
            }
        }
    }
}

fn add_warnings(rows: Vec<Row>, users: &mut Users, groups: &mut Groups) -> Result<(), StoreError> {
    for mut row in rows {
        let key: WarningKey = block::read_warning(&mut row)?;
        let warned = match key.subject.split_once(':') {
            Some(("user", user)) => users.get_mut(user).map(|standing| &mut standing.warned),
            Some(("team", team)) => groups
                .get_mut(&Some(TeamId::new(team)))
                .map(|group| &mut group.warned),
            _ => groups.get_mut(&None).map(|group| &mut group.warned),
        };
        if let Some(warned) = warned {
            warned.insert(key);
        }
    }
    Ok(())
}

/// Fills in what the breaker goes by: asked only where somebody would be blocked.
pub(crate) async fn add_crowd(
    conn: &mut impl Conn,
    sql: &'static str,
    situation: &mut Situation,
    now: Timestamp,
) -> Result<(), StoreError> {
    const LATELY: i64 = 10 * 60 * 1_000_000;
    const ACTIVE: i64 = 7 * 24 * 3_600 * 1_000_000;
    let now = now.as_microsecond();
    let teams: Vec<_> = situation
        .groups
        .iter()
        .filter_map(|group| group.team.as_ref())
        .collect();
    let teams = json(&teams.iter().map(|team| team.as_str()).collect::<Vec<_>>())?;
    let rows = conn
        .query(
            sql.into(),
            args![now - LATELY, now - LATELY, now - ACTIVE, &teams],
        )
        .await?;
    for mut row in rows {
        let what = row.text("crowd")?;
        let name = row.text("team")?;
        let number = row.count("crowd")?;
        match what.as_str() {
            "recent" => situation.breaker.recent = number,
            "active" => situation.breaker.active = number,
            _ => {
                let team = Some(TeamId::new(&name));
                if let Some(group) = situation.groups.iter_mut().find(|group| group.team == team) {
                    group.members = number;
                }
            }
        }
    }
    Ok(())
}

/// Fills in the young provisional usage of users and teams that a plan asked for.
pub(crate) async fn add_young<D: Dialect>(
    conn: &mut impl Conn,
    situation: &mut Situation,
    (users, teams): (&[UserId], &[TeamId]),
    now: Timestamp,
    rules: &Rulebook,
) -> Result<(), StoreError> {
    let since = now
        .checked_sub(rules.settings.settle_after)
        .unwrap_or(Timestamp::MIN);
    let windows = Window::all_containing(now, &rules.zone);
    let mut young: BTreeMap<(CounterScope, Window), Sums> = BTreeMap::new();
    let mut add = |scope: CounterScope, hour: Window, total: Sums| {
        for window in windows
            .iter()
            .filter(|window| widen(hour, window.kind()) == **window)
        {
            *young.entry((scope.clone(), *window)).or_default() += total;
        }
    };
    if !users.is_empty() {
        let ids = json(&users.iter().map(UserId::as_str).collect::<Vec<_>>())?;
        for mut row in conn
            .query(Sql::Fixed(D::SQL.young_of_users), args![&ids, since])
            .await?
        {
            let user: UserId = row.id("bedrock_requests.user_id")?;
            let tool: ToolId = row.id("bedrock_requests.tool")?;
            let model: ModelId = row.id("bedrock_requests.model_id")?;
            let hour = sums::window(WindowKind::Hour, &row.text("bedrock_requests.local_hour")?)?;
            let total = sums::read(&mut row)?;
            if rules.quotas.governs_tool(&tool) {
                add(CounterScope::Tool(user.clone(), tool), hour, total);
            }
            if rules.quotas.governs_model(&model) {
                add(CounterScope::Model(user.clone(), model), hour, total);
            }
            add(CounterScope::User(user), hour, total);
        }
    }
    if !teams.is_empty() {
        let ids = json(&teams.iter().map(TeamId::as_str).collect::<Vec<_>>())?;
        for mut row in conn
            .query(Sql::Fixed(D::SQL.young_of_teams), args![&ids, since])
            .await?
        {
            let team: TeamId = row.id("bedrock_requests.team")?;
            let hour = sums::window(WindowKind::Hour, &row.text("bedrock_requests.local_hour")?)?;
            add(CounterScope::Team(team), hour, sums::read(&mut row)?);
        }
    }
    for standing in situation
        .users
        .iter_mut()
        .filter(|standing| users.contains(&standing.user))
    {
        standing.young = Some(of_scope(&young, |scope| {
            scope_user(scope) == Some(&standing.user)
        }));
    }
    for group in &mut situation.groups {
        let Some(team) = group.team.clone().filter(|team| teams.contains(team)) else {
            continue;
        };
        group.young = Some(of_scope(&young, |scope| {
            *scope == CounterScope::Team(team.clone())
        }));
    }
    Ok(())
}

fn widen(hour: Window, kind: WindowKind) -> Window {
    if kind == WindowKind::Hour {
        hour
    } else {
        hour.widen(kind)
    }
}

fn scope_user(scope: &CounterScope) -> Option<&UserId> {
    match scope {
        CounterScope::User(user) | CounterScope::Tool(user, _) | CounterScope::Model(user, _) => {
            Some(user)
        }
        CounterScope::Team(_)
        | CounterScope::TeamTool(..)
        | CounterScope::TeamModel(..)
        | CounterScope::TeamUser(..)
        | CounterScope::Organisation => None,
    }
}

fn of_scope(
    young: &BTreeMap<(CounterScope, Window), Sums>,
    wanted: impl Fn(&CounterScope) -> bool,
) -> Vec<Usage> {
    young
        .iter()
        .filter(|((scope, _), _)| wanted(scope))
        .map(|((scope, window), sums)| Usage {
            scope: scope.clone(),
            window: *window,
            sums: *sums,
        })
        .collect()
}
