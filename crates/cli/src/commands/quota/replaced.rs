//! The quota files of the system Weir replaces: `quota_config.json` and `config.json`. Read
//! tolerantly; every key that is not understood is named.

use serde_json::{Map, Value};
use weir_core::attribution::team_name;
use weir_core::calendar::WindowKind;
use weir_core::ids::UserId;
use weir_core::quota::{Action, DEFAULT_WARN, Limit, Metric, Quota, Scope};

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) quotas: Vec<Quota>,
    /// Keys that were not understood, with their place.
    pub(super) left_out: Vec<String>,
}

/// What a section is about.
#[derive(Clone, Copy)]
enum Section {
    Users,
    Teams,
    Defaults,
}

/// Reads a whole file.
pub(super) fn read(json: &Value, author: &str) -> Found {
    let mut found = Found::default();
    match json.as_object() {
        Some(object) => sections(object, "", author, &mut found),
        None => found
            .left_out
            .push("the whole file: it is not an object".to_owned()),
    }
    found
}

fn sections(object: &Map<String, Value>, path: &str, author: &str, found: &mut Found) {
    for (key, value) in object {
        let place = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        let section = match key.to_lowercase().as_str() {
            "users" | "user_quotas" | "user_limits" => Some(Section::Users),
            "teams" | "team_quotas" | "team_limits" => Some(Section::Teams),
            "defaults"
            | "default"
            | "default_quotas"
            | "default_limits"
            | "default_user_quotas"
            | "default_user_limits" => Some(Section::Defaults),
            _ => None,
        };
        match (section, value) {
            (Some(Section::Users | Section::Teams), Value::Object(members)) => {
                for (name, entry) in members {
                    let scope = match section {
                        Some(Section::Users) => Scope::User(UserId::new(name)),
                        _ => Scope::Team(team_name(name)),
                    };
                    limits(&scope, entry, &format!("{place}.{name}"), author, found);
                }
            }
            (Some(Section::Defaults), Value::Object(inner)) if nested(inner) => {
                defaults(inner, &place, author, found);
            }
            (Some(Section::Defaults), entry) => {
                limits(&Scope::Defaults, entry, &place, author, found);
            }
            // The replaced system kept sections one level down in `config.json`.
            (None, Value::Object(inner)) if inner.keys().any(|key| is_section(key)) => {
                sections(inner, &place, author, found);
            }
            _ => found.left_out.push(place),
        }
    }
}

fn is_section(key: &str) -> bool {
    let key = key.to_lowercase();
    ["user", "team", "default"]
        .iter()
        .any(|word| key.contains(word))
        && (key.contains("quota") || key.contains("limit") || key == "users" || key == "teams")
}

/// `{"user": {…}, "team": {…}}` under `default_quotas`.
fn nested(inner: &Map<String, Value>) -> bool {
    !inner.is_empty() && inner.values().all(Value::is_object)
}

fn defaults(inner: &Map<String, Value>, place: &str, author: &str, found: &mut Found) {
    for (key, entry) in inner {
        let place = format!("{place}.{key}");
        match key.to_lowercase().as_str() {
            "user" | "users" => limits(&Scope::Defaults, entry, &place, author, found),
            _ => found.left_out.push(place),
        }
    }
}

/// `{"daily_limit": 350, "monthly_limit": 5000, "warning_threshold": 60, …}`.
fn limits(scope: &Scope, entry: &Value, place: &str, author: &str, found: &mut Found) {
    let Some(entry) = entry.as_object() else {
        found.left_out.push(place.to_owned());
        return;
    };
    let mut warn = Vec::new();
    let mut windows = Vec::new();
    for (key, value) in entry {
        let number = value.as_i64().filter(|number| *number >= 0);
        match (key.to_lowercase().as_str(), number) {
            ("daily_limit" | "daily" | "daily_requests", Some(limit)) => {
                windows.push((WindowKind::Day, limit));
            }
            ("monthly_limit" | "monthly" | "monthly_requests", Some(limit)) => {
                windows.push((WindowKind::Month, limit));
            }
            ("hourly_limit" | "hourly" | "hourly_requests", Some(limit)) => {
                windows.push((WindowKind::Hour, limit));
            }
            ("warning_threshold" | "critical_threshold", Some(percent @ 1..=1_000)) => {
                warn.push(u32::try_from(percent).unwrap_or(1_000));
            }
            // Says nothing about limits: teams come from tags and groups, or `weir user set`.
            ("team", _) => {
                let team = value.as_str().unwrap_or_default();
                found.left_out.push(format!(
                    "{place}.{key} (set it with: weir user set {} --team {})",
                    scope.name(),
                    team_name(team)
                ));
            }
            _ => found.left_out.push(format!("{place}.{key}")),
        }
    }
    warn.sort_unstable();
    warn.dedup();
    if warn.is_empty() {
        warn = DEFAULT_WARN.to_vec();
    }
    found
        .quotas
        .extend(windows.into_iter().map(|(window, limit)| Quota {
            scope: scope.clone(),
            metric: Metric::Requests,
            window,
            limit: Limit::Of(limit),
            action: Action::Block,
            warn: warn.clone(),
            author: author.to_owned(),
            additions: Vec::new(),
        }));
}
