//! Audit entries of decisions, with their evidence as JSON text.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Context;
use crate::audit::Entry;
use crate::block::{Block, Denies, Protection, Violation};
use crate::leak::{self, Leak};
use crate::plan::LiftReason;
use crate::standing::Standing;

/// Who decides automatically.
pub(super) const WEIR: &str = "weir";

/// An entry for a block that begins. `claimed_by` is the name an administrator gave.
pub(crate) fn blocked(block: &Block, claimed_by: Option<String>, context: Context<'_>) -> Entry {
    Entry {
        operation: if block.is_held() {
            "block-held"
        } else {
            "block"
        }
        .to_owned(),
        subject: subject(&block.denies),
        reason: block.reason.clone(),
        actor: block.author.clone(),
        claimed_by,
        at: context.wall,
        origin: context.origin.to_owned(),
        expires_at: block.until.instant(),
        after: Some(facts(block).to_string()),
        evidence: evidence(&block.evidence),
        ..Entry::default()
    }
}

/// An entry for a block that ends.
pub(crate) fn unblocked(
    block: &Block,
    why: LiftReason,
    note: Option<&str>,
    actor: &str,
    context: Context<'_>,
) -> Entry {
    Entry {
        operation: "unblock".to_owned(),
        subject: subject(&block.denies),
        reason: note.map_or_else(|| why.as_str().to_owned(), ToOwned::to_owned),
        actor: actor.to_owned(),
        at: context.wall,
        origin: context.origin.to_owned(),
        before: Some(facts(block).to_string()),
        evidence: Some(json!({ "why": why.as_str() }).to_string()),
        ..Entry::default()
    }
}

/// An entry for a block whose facts an administrator changed.
pub(crate) fn revised(
    before: &Block,
    after: &Block,
    operation: &str,
    context: Context<'_>,
) -> Entry {
    Entry {
        operation: operation.to_owned(),
        subject: subject(&after.denies),
        reason: after.reason.clone(),
        actor: after.author.clone(),
        at: context.wall,
        origin: context.origin.to_owned(),
        expires_at: after.until.instant(),
        before: Some(facts(before).to_string()),
        after: Some(facts(after).to_string()),
        ..Entry::default()
    }
}

/// An entry for a protection that begins.
pub(crate) fn protected(protection: &Protection, context: Context<'_>) -> Entry {
    Entry {
        operation: "protect".to_owned(),
        subject: format!("user:{}", protection.user),
        reason: protection.reason.clone(),
        actor: protection.author.clone(),
        at: context.wall,
        origin: context.origin.to_owned(),
        expires_at: protection.until.instant(),
        after: Some(
            json!({ "id": protection.id.as_str(), "up_to_percent": protection.up_to_percent })
                .to_string(),
        ),
        ..Entry::default()
    }
}

/// An entry for a protection that ends.
pub(crate) fn unprotected(
    protection: &Protection,
    actor: &str,
    why: &str,
    context: Context<'_>,
) -> Entry {
    Entry {
        operation: "unprotect".to_owned(),
        subject: format!("user:{}", protection.user),
        reason: why.to_owned(),
        actor: actor.to_owned(),
        at: context.wall,
        origin: context.origin.to_owned(),
        before: Some(json!({ "id": protection.id.as_str() }).to_string()),
        ..Entry::default()
    }
}

/// An entry for a call that slipped through a verified Deny.
pub(super) fn leak(standing: &Standing, leak: &Leak, context: Context<'_>) -> Entry {
    Entry {
        operation: leak::OPERATION.to_owned(),
        subject: format!("user:{}", standing.user),
        reason: "a call succeeded although the Deny was verified".to_owned(),
        actor: WEIR.to_owned(),
        at: context.wall,
        origin: context.origin.to_owned(),
        evidence: Some(json!(leak).to_string()),
        ..Entry::default()
    }
}

/// An instant cut to the minute, for deterministic ids of repeated checks.
pub(super) fn minute(at: Timestamp) -> i64 {
    at.as_second().div_euclid(60)
}

fn subject(denies: &Denies) -> String {
    match denies {
        Denies::User(user) | Denies::Tool(user, _) | Denies::Model(user, _) => {
            format!("user:{user}")
        }
        Denies::Team(team) => format!("team:{team}"),
    }
}

fn facts(block: &Block) -> Value {
    json!({
        "id": block.id.as_str(),
        "denies": block.denies.kind(),
        "automatic": block.is_automatic(),
        "window": block.window().map(|window| window.to_string()),
        "reason": block.reason,
        "author": block.author,
        "force": block.force.as_str(),
        "since": block.since.to_string(),
        "until": block.until.instant().map(|until| until.to_string()),
    })
}

/// Violations as a JSON array; `None` for none.
pub(crate) fn evidence(violations: &[Violation]) -> Option<String> {
    let list: Vec<Value> = violations
        .iter()
        .map(|violation| {
            json!({
                "quota": violation.scope.to_string(),
                "metric": violation.metric.as_str(),
                "window": violation.window.to_string(),
                "used": violation.used,
                "limit": violation.limit,
            })
        })
        .collect();
    (!list.is_empty()).then(|| Value::Array(list).to_string())
}
