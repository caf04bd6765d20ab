//! What is taken over of the system that Weir replaces: rows of its tables become records, quotas and blocks, or a
//! sentence about what is wrong with them (`docs/decisions/0024-taking-over-the-replaced-system.md`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::attribution::{self, Principal, PrincipalKind};
use crate::block::Until;
use crate::calendar::{WindowKind, Zone};
use crate::evidence::{CallerFacts, Evidence, Lookup, Sighting};
use crate::ids::{AccountId, Region, RequestId, UserId};
use crate::quota::{Action, DEFAULT_WARN, Limit, Metric, Quota, Scope};
use crate::record::{Client, Failure, Identity, Record, Source};
use crate::tokens::{MAX_TOKENS_PER_CALL, Tokens};

mod denies;

pub use denies::{is_old_deny, old_deny, without_old_deny};

/// The tables that are read, with their columns.
pub const TABLES: [(&str, &[&str]); 3] = [
    (
        "bedrock_requests",
        &[
            "id",
            "user_id",
            "team",
            "request_timestamp",
            "model_id",
            "request_type",
            "input_tokens",
            "output_tokens",
            "cost_usd",
            "region",
            "source_ip",
            "user_agent",
            "request_id",
            "status_code",
            "error_message",
        ],
    ),
    (
        "users",
        &[
            "user_id",
            "team",
            "person_tag",
            "daily_limit",
            "monthly_limit",
            "warning_threshold",
            "critical_threshold",
            "is_blocked",
            "blocked_reason",
            "blocked_until",
        ],
    ),
    (
        "blocking_operations",
        &[
            "id",
            "user_id",
            "operation",
            "reason",
            "performed_by",
            "expires_at",
            "created_at",
        ],
    ),
];

/// Tables of another form of the same system.
const OTHERS: [&str; 3] = ["user_limits", "user_blocking_status", "blocking_audit_log"];

/// Whether these are tables that can be read; `found` has the columns of each.
pub fn check(found: &BTreeMap<String, Vec<String>>) -> Result<(), String> {
    if let Some(other) = OTHERS.iter().find(|table| found.contains_key(**table)) {
        return Err(format!(
            "the database has the table `{other}`: a form of the replaced system that was never published, with \
             wall times and without costs. Its history cannot be taken over; CloudTrail and invocation logs can be \
             (`weir ingest`), and limits by `weir quota import quota_config.json`"
        ));
    }
    for (table, columns) in TABLES {
        let known = found.get(table).ok_or_else(|| {
            format!("the database has no table `{table}`: is it that of the replaced system?")
        })?;
        let missing: Vec<_> = columns
            .iter()
            .copied()
            .filter(|column| !known.iter().any(|k| k == column))
            .collect();
        if !missing.is_empty() {
            return Err(format!(
                "the table `{table}` has no column {}",
                missing.join(", ")
            ));
        }
    }
    Ok(())
}

/// What is said about the rows as a whole.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The account whose calls they are: the old tables do not say.
    pub account: AccountId,
    /// The account whose users go by their names alone (rules A6).
    pub home: Option<AccountId>,
    /// The zone in which times were written as if they were UTC; `None`: they are instants.
    pub written_in: Option<Zone>,
    /// A call without a request id is taken over if it is from before this instant: later ones may have been counted
    /// already, and nothing would tell. `None` takes over none.
    pub unnumbered_until: Option<Timestamp>,
}

/// A row of `bedrock_requests`, every cell as text; the time in seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallRow {
    /// `id`.
    pub id: i64,
    /// `user_id`.
    pub user: Option<String>,
    /// `team`.
    pub team: Option<String>,
    /// `person_tag` of the user.
    pub person: Option<String>,
    /// `request_timestamp`.
    pub at: Option<String>,
    /// `model_id`.
    pub model: Option<String>,
    /// `request_type`.
    pub kind: Option<String>,
    /// `input_tokens`.
    pub input: Option<String>,
    /// `output_tokens`.
    pub output: Option<String>,
    /// `region`.
    pub region: Option<String>,
    /// `source_ip`.
    pub source_ip: Option<String>,
    /// `user_agent`.
    pub user_agent: Option<String>,
    /// `request_id`.
    pub request: Option<String>,
    /// `status_code`.
    pub status: Option<String>,
    /// `error_message`.
    pub error: Option<String>,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// An invocation.
    Taken(Box<Evidence>),
    /// It has no request id, and may have been counted.
    Unnumbered,
}

/// Reads a row of `bedrock_requests`; what is wrong with it otherwise.
pub fn call(row: &CallRow, terms: &Terms) -> Result<Call, String> {
    let at = time_of(row, terms)
        .map_err(|why| format!("request_timestamp {why}"))?
        .ok_or("request_timestamp is empty")?;
    let request = match text(row.request.as_deref()) {
        Some(id) if id.len() > 128 => return Err("request_id is longer than 128 bytes".to_owned()),
        Some(id) => id.to_owned(),
        None if terms.unnumbered_until.is_some_and(|until| at < until) => {
            format!("replaced-{}", row.id)
        }
        None => return Ok(Call::Unnumbered),
    };
    let user = user(row.user.as_deref())?;
    let model = text(row.model.as_deref()).ok_or("model_id is empty")?;
    let region = text(row.region.as_deref()).ok_or("region is empty")?;
    let facts = CallerFacts {
        team_tag: text(row.team.as_deref()).map(ToOwned::to_owned),
        person: text(row.person.as_deref()).map(ToOwned::to_owned),
        ..CallerFacts::default()
    };
    let record = Record {
        request: RequestId::new(request),
        source: Source::ApiCall,
        at,
        account: terms.account.clone(),
        region: Region::new(region),
        operation: operation(row.kind.as_deref())?.to_owned(),
        identity: Identity::IamUser {
            name: user,
            stable_id: None,
        },
        model_sent: Some(cut(model, 2_048)),
        model_resource: None,
        inference_region: None,
        tokens: tokens(row)?,
        failure: failure(row)?,
        tier: None,
        client: Client {
            source_ip: text(row.source_ip.as_deref()).map(|ip| cut(ip, 64)),
            user_agent: text(row.user_agent.as_deref()).map(|agent| cut(agent, 512)),
            ..Client::default()
        },
        metadata: BTreeMap::new(),
    };
    let sighting = Sighting {
        // What the replaced system knew of the caller at that time.
        caller: Lookup::Found(facts),
        ..Sighting::default()
    };
    Ok(Call::Taken(Box::new(Evidence::of(record, sighting))))
}

/// When a call was.
pub fn time_of(row: &CallRow, terms: &Terms) -> Result<Option<Timestamp>, String> {
    instant(row.at.as_deref(), terms)
}

/// A row of `users`, every cell as text, with who blocked the user last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserRow {
    /// `user_id`.
    pub user: Option<String>,
    /// `daily_limit`.
    pub daily: Option<String>,
    /// `monthly_limit`.
    pub monthly: Option<String>,
    /// `warning_threshold`, percent.
    pub warning: Option<String>,
    /// `critical_threshold`, percent.
    pub critical: Option<String>,
    /// `is_blocked`: 0 or 1.
    pub blocked: Option<String>,
    /// `blocked_reason`.
    pub reason: Option<String>,
    /// `blocked_until`, seconds since 1970.
    pub until: Option<String>,
    /// `performed_by` of the latest `block` of the user.
    pub blocked_by: Option<String>,
}

/// What is taken over of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldUser {
    /// Who.
    pub user: UserId,
    /// The IAM user.
    pub principal: Principal,
    /// The limits.
    pub quotas: Vec<Quota>,
    /// The block, if there is one that is not over.
    pub block: Option<OldBlock>,
}

/// A block of the replaced system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldBlock {
    /// Why, as it is written down.
    pub reason: String,
    /// The end.
    pub until: Until,
    /// Who, by the old record.
    pub by: Option<String>,
}

/// Reads a row of `users`; what is wrong with it otherwise.
pub fn old_user(
    row: &UserRow,
    terms: &Terms,
    author: &str,
    now: Timestamp,
) -> Result<OldUser, String> {
    let principal = principal(row.user.as_deref(), terms)?;
    let user = attribution::user_id(&principal, terms.home.as_ref());
    let mut warn = Vec::new();
    for (name, cell) in [
        ("warning_threshold", &row.warning),
        ("critical_threshold", &row.critical),
    ] {
        let percent = number(cell.as_deref(), 1_000).map_err(|why| format!("{name} {why}"))?;
        warn.extend(
            percent
                .filter(|percent| *percent > 0)
                .and_then(|percent| u32::try_from(percent).ok()),
        );
    }
    warn.sort_unstable();
    warn.dedup();
    if warn.is_empty() {
        warn = DEFAULT_WARN.to_vec();
    }
    let mut quotas = Vec::new();
    for (name, cell, window) in [
        ("daily_limit", &row.daily, WindowKind::Day),
        ("monthly_limit", &row.monthly, WindowKind::Month),
    ] {
        let limit =
            number(cell.as_deref(), 1_000_000_000_000).map_err(|why| format!("{name} {why}"))?;
        let limit = limit.and_then(|limit| i64::try_from(limit).ok());
        quotas.extend(limit.map(|limit| Quota {
            scope: Scope::User(user.clone()),
            metric: Metric::Requests,
            window,
            limit: Limit::Of(limit),
            action: Action::Block,
            warn: warn.clone(),
            author: author.to_owned(),
            additions: Vec::new(),
        }));
    }
    let until =
        instant(row.until.as_deref(), terms).map_err(|why| format!("blocked_until {why}"))?;
    let is_over = until.is_some_and(|until| until <= now);
    let is_blocked = text(row.blocked.as_deref()).is_some_and(|blocked| blocked != "0");
    let block = (is_blocked && !is_over).then(|| OldBlock {
        reason: format!(
            "taken over: {}",
            text(row.reason.as_deref()).unwrap_or("no reason was given")
        ),
        until: until.map_or(Until::Indefinite, Until::At),
        by: text(row.blocked_by.as_deref()).map(ToOwned::to_owned),
    });
    Ok(OldUser {
        user,
        principal,
        quotas,
        block,
    })
}

fn text(cell: Option<&str>) -> Option<&str> {
    cell.map(str::trim).filter(|text| !text.is_empty())
}

fn principal(cell: Option<&str>, terms: &Terms) -> Result<Principal, String> {
    Ok(Principal {
        account: terms.account.clone(),
        kind: PrincipalKind::IamUser,
        name: user(cell)?,
        session: None,
    })
}

fn user(cell: Option<&str>) -> Result<String, String> {
    let name = text(cell).ok_or("user_id is empty")?;
    // What IAM calls its users.
    let good = |c: char| c.is_alphanumeric() || "_+=,.@-".contains(c);
    if name.chars().count() > 64 || !name.chars().all(good) {
        return Err(format!(
            "user_id `{}` is no name of an IAM user",
            cut(name, 64)
        ));
    }
    Ok(name.to_owned())
}

fn operation(cell: Option<&str>) -> Result<&'static str, String> {
    match text(cell) {
        None | Some("invoke") => Ok("InvokeModel"),
        Some("invoke-stream") => Ok("InvokeModelWithResponseStream"),
        Some("converse") => Ok("Converse"),
        Some("converse-stream") => Ok("ConverseStream"),
        Some(other) => Err(format!("request_type `{}` is not known", cut(other, 32))),
    }
}

/// No counts rather than zero of both: the old system wrote 0 where CloudTrail told none.
fn tokens(row: &CallRow) -> Result<Option<Tokens>, String> {
    let of = |name: &str, cell: &Option<String>| {
        number(cell.as_deref(), MAX_TOKENS_PER_CALL).map_err(|why| format!("{name} {why}"))
    };
    let input = of("input_tokens", &row.input)?.unwrap_or_default();
    let output = of("output_tokens", &row.output)?.unwrap_or_default();
    Ok((input > 0 || output > 0).then_some(Tokens {
        input,
        output,
        ..Tokens::default()
    }))
}

fn failure(row: &CallRow) -> Result<Option<Failure>, String> {
    let status = number(row.status.as_deref(), 999).map_err(|why| format!("status_code {why}"))?;
    let message = text(row.error.as_deref()).map(|message| cut(message, 1_024));
    let code = match status {
        Some(403) => "AccessDeniedException".to_owned(),
        Some(429) => "ThrottlingException".to_owned(),
        Some(status @ 400..) => format!("HTTP {status}"),
        _ if message.is_some() => "Error".to_owned(),
        _ => return Ok(None),
    };
    Ok(Some(Failure { code, message }))
}

fn number(cell: Option<&str>, most: u64) -> Result<Option<u64>, String> {
    let Some(text) = text(cell) else {
        return Ok(None);
    };
    match text.parse() {
        Ok(number) if number <= most => Ok(Some(number)),
        _ => Err(format!(
            "`{}` is not a number from 0 to {most}",
            cut(text, 32)
        )),
    }
}

/// Seconds since 1970 with a fraction, as the database prints them.
fn instant(cell: Option<&str>, terms: &Terms) -> Result<Option<Timestamp>, String> {
    let Some(text) = text(cell) else {
        return Ok(None);
    };
    let wrong = || format!("`{}` is no time", cut(text, 32));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let second: i64 = whole.parse().map_err(|_| wrong())?;
    let micros: String = format!("{fraction:0<6}").chars().take(6).collect();
    let micros: i64 = micros.parse().map_err(|_| wrong())?;
    // 1970 is what a database makes of a date that is none.
    let micros = second
        .checked_mul(1_000_000)
        .filter(|s| *s > 0)
        .and_then(|s| s.checked_add(micros));
    let at = micros
        .and_then(|micros| Timestamp::from_microsecond(micros).ok())
        .ok_or_else(wrong)?;
    Ok(Some(match &terms.written_in {
        None => at,
        // Of the hour that comes twice in autumn, the first.
        Some(zone) => zone.first_instant(at.to_zoned(TimeZone::UTC).datetime()),
    }))
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests;
