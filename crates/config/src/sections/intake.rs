//! `[intake]`

use std::fmt;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use weir_core::ids::AccountId;
use weir_engine::ports::LogGroup;

use super::value::{self, TextOrTable};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct IntakeSection {
    /// The keys of `requestMetadata` that are kept.
    pub(crate) metadata_keys: Option<Vec<String>>,
    /// The SQS queues that `weir serve` reads.
    pub(crate) queues: Vec<TextOrTable<QueueEntry>>,
    /// The log groups that `weir serve` follows.
    pub(crate) log_groups: Vec<TextOrTable<LogGroupEntry>>,
}

/// Whose credentials read something: `home`, or the account whose role does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Weir's own.
    Home,
    /// The role of `enforcement.accounts`.
    Account(AccountId),
}

/// A URL alone, or `{ url, account, objects_account }`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QueueEntry {
    #[serde(deserialize_with = "url")]
    pub(crate) url: String,
    /// Who reads the queue.
    #[serde(default, deserialize_with = "reader")]
    pub(crate) account: Option<Reader>,
    /// Who opens the objects that its messages name, if it is another.
    #[serde(default, deserialize_with = "reader")]
    pub(crate) objects_account: Option<Reader>,
}

/// An ARN alone, or `{ arn, account }`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogGroupEntry {
    #[serde(rename = "arn", deserialize_with = "arn")]
    pub(crate) group: LogGroup,
    /// Who follows it.
    #[serde(default, deserialize_with = "reader")]
    pub(crate) account: Option<Reader>,
}

impl FromStr for Reader {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "home" => Ok(Self::Home),
            id if value::is_account(id) => Ok(Self::Account(AccountId::new(id))),
            other => Err(format!(
                "`{other}` is not an AWS account: twelve digits, or `home` for Weir's own credentials"
            )),
        }
    }
}

impl fmt::Display for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home => f.write_str("home"),
            Self::Account(id) => id.fmt(f),
        }
    }
}

impl QueueEntry {
    /// Whose the queue is, as its URL says: `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`.
    pub(crate) fn owner(&self) -> Option<AccountId> {
        let part = self.url.rsplit('/').nth(1)?;
        value::is_account(part).then(|| AccountId::new(part))
    }
}

impl FromStr for QueueEntry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self {
            url: queue_url(text)?,
            account: None,
            objects_account: None,
        })
    }
}

impl FromStr for LogGroupEntry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let group = log_group(text)?;
        let account = None;
        Ok(Self { group, account })
    }
}

fn queue_url(text: &str) -> Result<String, String> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    // The account and the name.
    let fits = |rest: &str| rest.split('/').filter(|part| !part.is_empty()).count() >= 3;
    if rest.is_some_and(fits) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "`{text}` is not the URL of a queue: https://sqs.REGION.amazonaws.com/ACCOUNT/NAME"
    ))
}

fn log_group(text: &str) -> Result<LogGroup, String> {
    match text.parse::<LogGroup>() {
        Ok(group) if group.is_arn() => Ok(group),
        Ok(_) => Err(format!(
            "`{text}` is a name: write arn:aws:logs:REGION:ACCOUNT:log-group:{text}"
        )),
        Err(error) => Err(error.to_string()),
    }
}

fn url<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    queue_url(&String::deserialize(from)?).map_err(D::Error::custom)
}

fn arn<'de, D: Deserializer<'de>>(from: D) -> Result<LogGroup, D::Error> {
    log_group(&String::deserialize(from)?).map_err(D::Error::custom)
}

pub(super) fn reader<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Reader>, D::Error> {
    value::parsed(from).map(Some)
}
