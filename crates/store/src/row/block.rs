//! Blocks, protections and warnings.

use serde::{Deserialize, Serialize};
use weir_core::block::{Block, Cause, Denies, DenyTimes, Force, Protection, Until, Violation};
use weir_core::ids::{ModelId, TeamId, ToolId, UserId};
use weir_core::quota::Scope;
use weir_core::standing::WarningKey;

use super::sums::{read_window, window};
use crate::error::StoreError;
use crate::rows::BlockRow;
use crate::value::{Arg, Row, args, unreadable};

/// One violated quota in `blocks.evidence`.
#[derive(Serialize, Deserialize)]
struct StoredViolation {
    scope: String,
    metric: String,
    window: String,
    key: String,
    used: i64,
    limit: i64,
}

/// The text of `blocks.evidence`.
pub(crate) fn violations(evidence: &[Violation]) -> Result<String, StoreError> {
    let stored: Vec<_> = evidence
        .iter()
        .map(|violation| {
            let Violation {
                scope,
                metric,
                window,
                used,
                limit,
            } = violation;
            StoredViolation {
                scope: scope.to_string(),
                metric: metric.to_string(),
                window: window.kind().to_string(),
                key: window.to_string(),
                used: *used,
                limit: *limit,
            }
        })
        .collect();
    crate::value::json(&stored)
}

fn read_violations(id: &str, text: &str) -> Result<Vec<Violation>, StoreError> {
    let bad = |why: String| unreadable("blocks.evidence", id, &why);
    let stored: Vec<StoredViolation> =
        serde_json::from_str(text).map_err(|error| bad(error.to_string()))?;
    stored
        .into_iter()
        .map(
            |StoredViolation {
                 scope,
                 metric,
                 window: kind,
                 key,
                 used,
                 limit,
             }| {
                Ok(Violation {
                    scope: scope.parse().map_err(bad)?,
                    metric: metric.parse().map_err(bad)?,
                    window: window(kind.parse().map_err(bad)?, &key)?,
                    used,
                    limit,
                })
            },
        )
        .collect()
}

/// The cells of a block, up to `held`.
pub(crate) fn write(block: &Block) -> Result<Vec<Arg<'_>>, StoreError> {
    let Block {
        id,
        denies,
        cause,
        reason,
        evidence,
        author,
        since,
        until,
        force,
        // Nobody asked for it before it was written.
        deny: _,
    } = block;
    let (user, team, part) = match denies {
        Denies::User(user) => (Some(user.as_str()), None, None),
        Denies::Team(team) => (None, Some(team.as_str()), None),
        Denies::Tool(user, tool) => (Some(user.as_str()), None, Some(tool.as_str())),
        Denies::Model(user, model) => (Some(user.as_str()), None, Some(model.as_str())),
    };
    let (kind, window) = match cause {
        Cause::Automatic(window) => ("automatic", Some(window)),
        Cause::Manual => ("manual", None),
    };
    Ok(args![
        id.as_str(),
        denies.kind(),
        user,
        team,
        part,
        kind,
        window.map(|window| window.kind().as_str()),
        window.map(ToString::to_string),
        reason,
        violations(evidence)?,
        author,
        *since,
        until.instant(),
        write_force(*force),
    ])
}

/// `blocks.held`.
pub(crate) fn write_force(force: Force) -> i64 {
    match force {
        Force::InForce => 0,
        Force::Held => 1,
        Force::Discarded => 2,
    }
}

fn read_force(id: &str, stored: i64) -> Result<Force, StoreError> {
    match stored {
        0 => Ok(Force::InForce),
        1 => Ok(Force::Held),
        2 => Ok(Force::Discarded),
        _ => Err(unreadable("blocks.held", id, "is not 0, 1 or 2")),
    }
}

/// A block from `block_columns!`.
pub(crate) fn read(row: &mut Row) -> Result<BlockRow, StoreError> {
    let id = row.text("blocks.id")?;
    let scope = row.text("blocks.scope_kind")?;
    let user: Option<UserId> = row.maybe_id("blocks.user_id")?;
    let team: Option<TeamId> = row.maybe_id("blocks.team")?;
    let part = row.maybe_text("blocks.part")?;
    let denies = match (scope.as_str(), user, team, part) {
        ("user", Some(user), None, None) => Denies::User(user),
        ("team", None, Some(team), None) => Denies::Team(team),
        ("tool", Some(user), None, Some(tool)) => Denies::Tool(user, ToolId::new(tool)),
        ("model", Some(user), None, Some(model)) => Denies::Model(user, ModelId::new(model)),
        _ => {
            return Err(unreadable(
                "blocks.scope_kind",
                &id,
                "does not fit user, team and part",
            ));
        }
    };
    let kind = row.text("blocks.kind")?;
    let window_kind = row.maybe_text("blocks.window_kind")?;
    let window_key = row.maybe_text("blocks.window_key")?;
    let cause = match (kind.as_str(), window_kind, window_key) {
        ("automatic", Some(kind), Some(key)) => Cause::Automatic(window(
            kind.parse()
                .map_err(|why: String| unreadable("blocks.window_kind", &id, &why))?,
            &key,
        )?),
        ("manual", None, None) => Cause::Manual,
        _ => return Err(unreadable("blocks.kind", &id, "does not fit its window")),
    };
    let reason = row.text("blocks.reason")?;
    let evidence = read_violations(&id, &row.text("blocks.evidence")?)?;
    let block = Block {
        denies,
        cause,
        reason,
        evidence,
        author: row.text("blocks.author")?,
        since: row.at("blocks.since")?,
        until: Until::from_instant(row.maybe_at("blocks.until")?),
        force: read_force(&id, row.int("blocks.held")?)?,
        deny: DenyTimes {
            requested_at: row.maybe_at("blocks.requested_at")?,
            verified_at: row.maybe_at("blocks.verified_at")?,
            first_denied_at: row.maybe_at("blocks.first_denied_at")?,
        },
        id: weir_core::ids::BlockId::new(id),
    };
    let at = row.maybe_at("blocks.lifted_at")?;
    let by = row.maybe_text("blocks.lifted_by")?.unwrap_or_default();
    let why = row.maybe_text("blocks.lifted_why")?.unwrap_or_default();
    Ok(BlockRow {
        block,
        lifted: at.map(|at| (at, by, why)),
        used: None,
    })
}

/// The cells of a protection.
pub(crate) fn write_protection(protection: &Protection) -> Vec<Arg<'_>> {
    let Protection {
        id,
        user,
        author,
        reason,
        since,
        until,
        up_to_percent,
    } = protection;
    args![
        id.as_str(),
        user.as_str(),
        author,
        reason,
        *since,
        until.instant(),
        *up_to_percent
    ]
}

/// A protection.
pub(crate) fn read_protection(row: &mut Row) -> Result<Protection, StoreError> {
    Ok(Protection {
        id: row.id("protections.id")?,
        user: row.id("protections.user_id")?,
        author: row.text("protections.author")?,
        reason: row.text("protections.reason")?,
        since: row.at("protections.since")?,
        until: Until::from_instant(row.maybe_at("protections.until")?),
        up_to_percent: row.maybe_count("protections.up_to_percent")?,
    })
}

/// The cells of a warning: its key, then its limit.
pub(crate) fn write_warning(key: &WarningKey) -> Vec<Arg<'_>> {
    let WarningKey {
        subject,
        scope,
        metric,
        window,
        threshold,
        limit,
    } = key;
    args![
        subject,
        scope.kind(),
        scope.name(),
        metric.as_str(),
        window.kind().as_str(),
        window.to_string(),
        *threshold,
        *limit,
    ]
}

/// A warning.
pub(crate) fn read_warning(row: &mut Row) -> Result<WarningKey, StoreError> {
    let subject = row.text("warnings_sent.subject")?;
    let kind = row.text("warnings_sent.scope_kind")?;
    let name = row.text("warnings_sent.scope_name")?;
    Ok(WarningKey {
        scope: scope(&kind, &name)?,
        metric: row.word("warnings_sent.metric")?,
        window: read_window(row)?,
        threshold: row.count("warnings_sent.threshold")?,
        limit: row.int("warnings_sent.limit_value")?,
        subject,
    })
}

/// A quota's scope from two columns.
pub(crate) fn scope(kind: &str, name: &str) -> Result<Scope, StoreError> {
    Scope::of(kind, name).map_err(|why| unreadable("scope_kind", kind, &why))
}
