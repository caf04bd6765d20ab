//! Manual operations, compatible with the system that Weir replaces (rules 11).

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use tokio::time::{Instant, timeout};
use weir_core::access::TargetState;
use weir_core::admin::{Command, Verb, end_of_day};
use weir_core::block::Until;
use weir_core::calendar::Zone;
use weir_core::ids::UserId;
use weir_engine::{EngineError, StatusReport};

use crate::failure::Failure;
use crate::reset::clipped;
use crate::start::{Event, Weir};

/// Every field there is.
const FIELDS: [&str; 6] = [
    "action",
    "user_id",
    "reason",
    "performed_by",
    "duration",
    "expires_at",
];
const ACTIONS: &str = "block, unblock, check_status";
const DURATIONS: &str = "1day, 30days, 90days, custom, indefinite";
/// The longest name of anybody.
const LONGEST: usize = 256;
/// The longest that a block may last (rules B2).
const TEN_YEARS: SignedDuration = SignedDuration::from_hours(24 * 3653);
/// Beside a decision that is stored, and not yet read back in AWS.
const PENDING: &str = "settled, enforcement pending: the next tick goes on";

/// Why there is no answer of 200.
#[derive(Debug, PartialEq)]
struct Denial {
    status: u16,
    error: String,
}

/// What is asked for.
#[derive(Debug, PartialEq)]
enum Wish {
    Check(UserId),
    Block {
        user: UserId,
        by: String,
        reason: String,
        until: Until,
    },
    Unblock {
        user: UserId,
        by: String,
        reason: String,
    },
}

/// Answers `{"statusCode": …, "body": "<JSON>"}`, whatever happens.
pub(super) async fn take(weir: &Weir, event: &Event<'_>, fields: &Map<String, Value>) -> Value {
    let answer = answer(weir, event, fields).await;
    let (status, body) = match answer {
        Ok(body) => (200, body),
        Err(Denial { status, error }) => {
            tracing::warn!(status, error, "a manual operation was not done");
            (status, json!({ "error": error }))
        }
    };
    json!({ "statusCode": status, "body": body.to_string() })
}

async fn answer(
    weir: &Weir,
    event: &Event<'_>,
    fields: &Map<String, Value>,
) -> Result<Value, Denial> {
    if !weir.settings.lambda_manual {
        return Err(bad(
            "action: manual operations are off; the configuration turns them on by lambda.manual = true",
        ));
    }
    let rules = weir.engine.rules().await?;
    let now = weir.engine.now();
    let wish = wish(fields, &rules.zone, now).map_err(bad)?;
    let (user, by, reason, verb) = match wish {
        Wish::Check(user) => {
            let status = timeout(event.time, weir.engine.status(&user)).await;
            let status = status.map_err(|_| late())??;
            return Ok(told("check_status", &status, true));
        }
        Wish::Block {
            user,
            by,
            reason,
            until,
        } => (user, by, reason, Verb::Block { until }),
        Wish::Unblock { user, by, reason } => {
            let protect_until = Some(Until::At(end_of_day(now, &rules.zone)));
            (user, by, reason, Verb::Unblock { protect_until })
        }
    };
    let action = match verb {
        Verb::Block { .. } => "block",
        _ => "unblock",
    };
    let command = Command {
        user: user.clone(),
        actor: caller(weir, event),
        claimed_by: Some(by),
        reason,
        verb,
    };
    let began = Instant::now();
    let decided = timeout(event.time, weir.engine.decide_command(command, false)).await;
    let plan = decided.map_err(|_| undecided())??;
    // From here on the answer is what the transaction decided, whatever becomes of effects.
    let left = event.time.saturating_sub(began.elapsed());
    match timeout(left, weir.engine.carry_out_command(&user, plan)).await {
        Ok(Ok(done)) => return Ok(told(action, &done.status, false)),
        Ok(Err(error)) => tracing::warn!(%error, "an operation is stored, and made real later"),
        Err(_) => tracing::warn!("an operation is stored, and there was no time for the rest"),
    }
    Ok(json!({ "action": action, "user_id": user, "verified": false, "note": PENDING }))
}

/// Who may invoke this function is known to IAM alone, unless they came through Cognito.
fn caller(weir: &Weir, event: &Event<'_>) -> String {
    match &event.context.identity {
        Some(identity) => format!("cognito/{}", identity.identity_id),
        None => weir.settings.actor.clone(),
    }
}

fn told(action: &str, status: &StatusReport, with_quotas: bool) -> Value {
    let mut body = json!({
        "action": action,
        "user_id": status.user_id,
        "team": status.team,
        "state": status.state,
        "blocked_until": status.blocked_until,
        "reasons": status.reasons,
        "protection": status.protection,
        "enforcement": status.enforcement.as_str(),
        "verified": status.enforcement == TargetState::Verified,
    });
    if matches!(
        status.enforcement,
        TargetState::Requested | TargetState::Applied
    ) {
        body["note"] = json!(PENDING);
    }
    if with_quotas {
        body["quotas"] = json!(status.quotas);
    }
    body
}

fn wish(fields: &Map<String, Value>, zone: &Zone, now: Timestamp) -> Result<Wish, String> {
    let action = text(fields, "action", 1, LONGEST)?;
    if !["block", "unblock", "check_status"].contains(&action.as_str()) {
        let action = clipped(&action);
        return Err(format!("action: `{action}` is none of {ACTIONS}"));
    }
    if let Some(other) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(format!("{}: there is no such field", clipped(other)));
    }
    let user = UserId::new(text(fields, "user_id", 1, LONGEST)?);
    if action == "check_status" {
        return Ok(Wish::Check(user));
    }
    let by = text(fields, "performed_by", 1, LONGEST)?;
    let reason = text(fields, "reason", 3, 500)?;
    if action == "unblock" {
        return Ok(Wish::Unblock { user, by, reason });
    }
    let until = until(fields, zone, now)?;
    Ok(Wish::Block {
        user,
        by,
        reason,
        until,
    })
}

/// A text with so many characters, without what surrounds it.
fn text(
    fields: &Map<String, Value>,
    name: &str,
    least: usize,
    most: usize,
) -> Result<String, String> {
    let text = match fields.get(name) {
        None | Some(Value::Null) => return Err(format!("{name}: missing")),
        Some(Value::String(text)) => text.trim(),
        Some(_) => return Err(format!("{name}: not a text")),
    };
    let length = text.chars().count();
    if (least..=most).contains(&length) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{name}: {least} to {most} characters are needed, and there are {length}"
    ))
}

fn until(fields: &Map<String, Value>, zone: &Zone, now: Timestamp) -> Result<Until, String> {
    let ends = fields.get("expires_at").filter(|value| !value.is_null());
    let duration = match (fields.get("duration"), ends) {
        (None | Some(Value::Null), None) => "1day".to_owned(),
        (None | Some(Value::Null), Some(_)) => "custom".to_owned(),
        (Some(_), _) => text(fields, "duration", 1, LONGEST)?,
    };
    let days = match duration.as_str() {
        "1day" => 1,
        "30days" => 30,
        "90days" => 90,
        "indefinite" => 0,
        "custom" => {
            let ends = text(fields, "expires_at", 1, LONGEST)?;
            return end(&ends, zone, now).map(Until::At);
        }
        other => {
            let other = clipped(other);
            return Err(format!("duration: `{other}` is none of {DURATIONS}"));
        }
    };
    if ends.is_some() {
        return Err(format!(
            "expires_at: only with the duration custom, and it is {duration}"
        ));
    }
    if days == 0 {
        return Ok(Until::Indefinite);
    }
    let ends = now.checked_add(SignedDuration::from_hours(24 * days));
    ends.map(Until::At)
        .map_err(|error| format!("duration: {error}"))
}

/// An instant, or a local date-time of the business zone.
fn end(text: &str, zone: &Zone, now: Timestamp) -> Result<Timestamp, String> {
    let local = || {
        let has_time = text.len() > "2026-11-20".len();
        text.parse::<DateTime>()
            .ok()
            .filter(|_| has_time)
            .map(|local| zone.first_instant(local))
    };
    let at = text.parse::<Timestamp>().ok().or_else(local);
    let at = at.ok_or_else(|| {
        format!(
            "expires_at: `{}` is not a time such as 2026-11-20T18:00:00Z or 2026-11-20T18:00:00 ({})",
            clipped(text),
            zone.name()
        )
    })?;
    if at <= now {
        return Err(format!("expires_at: {at} is in the past"));
    }
    if at.duration_since(now) > TEN_YEARS {
        return Err(format!("expires_at: {at} is more than ten years ahead"));
    }
    Ok(at)
}

fn bad(error: impl Into<String>) -> Denial {
    Denial {
        status: 400,
        error: error.into(),
    }
}

fn late() -> Denial {
    Denial {
        status: 503,
        error: "no answer of the database in the time of this invocation".to_owned(),
    }
}

/// The transaction has not answered: it may still come to its end.
fn undecided() -> Denial {
    Denial {
        status: 503,
        error:
            "no answer of the database in the time of this invocation: whether it is stored is not \
                known, check_status tells"
                .to_owned(),
    }
}

impl From<EngineError> for Denial {
    fn from(error: EngineError) -> Self {
        let status = match &error {
            EngineError::NoUser { .. } => 404,
            // The event made sense, and a rule forbids it: a workload, somebody exempt.
            EngineError::Refused(_) => 409,
            _ => 500,
        };
        // There is no flag here.
        let text = error.to_string().replace(
            "use --force to block it all the same",
            "`weir block --force` blocks it all the same",
        );
        match (status, Failure::from(error)) {
            (500, Failure::Unavailable(error)) => Self { status: 503, error },
            (status, _) => Self {
                status,
                error: text,
            },
        }
    }
}

#[cfg(test)]
mod tests;
