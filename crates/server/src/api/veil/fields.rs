//! What fields of answers hold: the one table of what is shown to whoever sees pseudonyms.
//!
//! A text that is not in it is hidden, so that a new field shows nobody until somebody says that it may.

use jiff::civil::Date;

/// What is shown of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// As it is: no person is in it.
    Plain,
    /// A pseudonym: it is a user, or named after one.
    Person,
    /// What stands before a `:` as it is, the user behind `user:` by pseudonym.
    Scope,
    /// A pseudonym, unless `kind` beside it says that it is no person's.
    ByKind,
    /// A pseudonym, if this parameter of the query asked for users.
    Asked(&'static str),
    /// Nothing: free text, addresses, and facts about one person.
    Hidden,
    /// Nothing, whatever is in it.
    Dropped,
}

/// Fields whose name alone does not tell: after the name of what they are in.
const QUALIFIED: &[(&str, &str, Shown)] = &[
    ("principal", "name", Shown::Hidden),
    ("protection", "by", Shown::Hidden),
    ("protections", "by", Shown::Hidden),
    ("seconds", "key", Shown::Asked("and")),
    ("rows", "key", Shown::Asked("by")),
    ("rows", "and", Shown::Asked("and")),
    ("subjects", "id", Shown::ByKind),
    ("messages", "id", Shown::Person),
    ("mails", "id", Shown::Person),
    ("targets", "id", Shown::Person),
    ("blocks", "id", Shown::Person),
    ("protections", "id", Shown::Person),
];

const PERSONS: &[&str] = &["denied", "target", "unconfirmed", "user", "user_id"];

const SCOPES: &[&str] = &["blocked", "scope", "subject", "warned"];

/// What may be null; the message of the outbox and the summary of a reset are facts of many kinds.
const DROPPED: &[&str] = &[
    "email",
    "message",
    "person",
    "remedy",
    "summary",
    "team_owner",
];

#[rustfmt::skip]
const HIDDEN: &[&str] = &[
    "actor", "after", "author", "before", "blocked_reason", "claimed_by", "ended_by",
    "error", "error_message", "errors", "etag", "evidence", "found", "iam_user", "issuer", "key_id",
    "last_error", "lifted_by", "model_sent", "operator", "owner", "principal", "problems",
    "protection_by", "protection_etag", "reason", "reasons", "recipient", "seals", "session", "shape",
    "source_ip", "stable_id", "user_agent",
];

#[rustfmt::skip]
const PLAIN: &[&str] = &[
    "account", "action", "amount", "and", "at", "audience", "before_usd", "blocked_until", "by",
    "cache_read", "cache_savings_at_least", "cache_savings_usd", "cache_write_1h", "cache_write_5m", "caveat", "changed",
    "channel", "class", "configured", "cost_per_request_usd", "cost_usd", "created_at", "currency", "daily", "date", "day",
    "detail", "disabled_at", "display_name", "effective_from", "effective_until", "ended_at", "enforcement",
    "error_code", "event_type", "expires_at", "figure", "finished_at", "first_denied_at", "first_seen", "for_team_usd", "from",
    "hash", "head", "high_usd", "id", "in_force", "inference_region", "input", "kept", "key", "kind", "label",
    "language", "last", "last_login_at", "last_seen", "level", "lifted_at", "lifted_why", "limit",
    "limit_now", "low_usd", "max", "metric", "mode", "model", "monthly", "name", "next", "next_attempt_at", "now",
    "older", "older_than", "operation", "origin", "output", "overshoot", "p50", "p90", "p95", "p99",
    "per_million_output_usd", "per_thousand_requests_usd", "permissions", "prev_hash", "price", "problem", "profile", "region",
    "regions", "request_id", "requested_at", "resets_at", "revoked_at", "role", "severity", "share",
    "since", "source", "sources", "start", "started_at", "state", "status", "sum", "team", "tier", "title", "to",
    "token", "tool", "until", "up_to", "updated_at", "usage_source", "used", "used_at", "verdict",
    "verified_at", "version", "what", "window", "zone",
];

/// What is shown of a field in an object or list of that name; `None` if nobody has said it yet.
pub(super) fn shown(inside: &str, field: &str) -> Option<Shown> {
    let qualified = QUALIFIED
        .iter()
        .find(|(parent, name, _)| *parent == inside && *name == field);
    if let Some((_, _, shown)) = qualified {
        return Some(*shown);
    }
    if field.parse::<Date>().is_ok() {
        // What was used on a day.
        return Some(Shown::Plain);
    }
    [
        (PERSONS, Shown::Person),
        (SCOPES, Shown::Scope),
        (DROPPED, Shown::Dropped),
        (HIDDEN, Shown::Hidden),
        (PLAIN, Shown::Plain),
    ]
    .into_iter()
    .find(|(names, _)| names.contains(&field))
    .map(|(_, shown)| shown)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// Fields that hold text, of one schema and what it refers to.
    fn texts(document: &Value, schema: &Value, field: (&str, &str), found: &mut BTreeSet<String>) {
        if let Some(name) = schema["$ref"].as_str() {
            let schema = document.pointer(&name[1..]).unwrap();
            texts(document, schema, field, found);
        }
        for kind in ["oneOf", "anyOf", "allOf"] {
            for part in schema[kind].as_array().into_iter().flatten() {
                texts(document, part, field, found);
            }
        }
        let kind = &schema["type"];
        let is_text = kind == "string"
            || kind
                .as_array()
                .is_some_and(|kinds| kinds.contains(&"string".into()));
        if is_text && shown(field.0, field.1).is_none() {
            found.insert(format!("{}.{}", field.0, field.1));
        }
        if schema["items"].is_object() {
            texts(document, &schema["items"], field, found);
        }
        for (name, part) in schema["properties"].as_object().into_iter().flatten() {
            texts(document, part, (field.1, name), found);
        }
    }

    #[test]
    fn of_every_text_that_is_answered_it_is_said_whether_people_are_in_it() {
        let document = serde_json::to_value(crate::document()).unwrap();
        let mut found = BTreeSet::new();
        for verbs in document["paths"].as_object().unwrap().values() {
            let schema = &verbs["get"]["responses"]["200"]["content"]["application/json"]["schema"];
            texts(&document, schema, ("", ""), &mut found);
        }
        assert_eq!(
            found,
            BTreeSet::new(),
            "say of each what is shown: fields.rs"
        );
    }
}
