//! Where records come from, besides files and HTTP. Nothing here changes anything in AWS, except
//! that messages of a queue are deleted once they are counted.

use std::fmt;
use std::io::BufRead;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use weir_core::ids::AccountId;

use super::{EffectError, Survey};

/// All of them, over one set of credentials.
#[derive(Clone)]
pub struct Sources {
    /// S3.
    pub objects: Arc<dyn Objects>,
    /// SQS.
    pub queues: Arc<dyn Queues>,
    /// CloudWatch Logs.
    pub log_groups: Arc<dyn LogGroups>,
    /// CloudTrail event history.
    pub history: Arc<dyn History>,
}

/// An account to read calls from, by credentials that reach it.
#[derive(Clone)]
pub struct AccountSources {
    /// Which.
    pub account: AccountId,
    /// `aws`, `aws-us-gov`, `aws-cn`, …
    pub partition: String,
    /// What records can be fetched from there.
    pub sources: Sources,
    /// Says what there is.
    pub survey: Arc<dyn Survey>,
}

/// Files in buckets, of whatever Region.
#[async_trait]
pub trait Objects: Send + Sync {
    /// Objects below a prefix, by key, those after `after`.
    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Listing, EffectError>;

    /// Opens an object. The reader streams, and is to be read where that may block, within the
    /// runtime that opened it.
    async fn open(&self, object: &ObjectKey) -> Result<Box<dyn BufRead + Send>, EffectError>;
}

/// Messages that wait until they are deleted, or come again.
#[async_trait]
pub trait Queues: Send + Sync {
    /// At most ten messages, hidden from others for `hold`; waits up to 20 s for the first.
    async fn receive(&self, queue: &str, hold: Duration) -> Result<Vec<QueueMessage>, EffectError>;
    /// Deletes messages, at most ten.
    async fn delete(&self, queue: &str, receipts: &[String]) -> Result<(), EffectError>;
    /// Hides messages for `hold` from now on, at most ten.
    async fn extend(
        &self,
        queue: &str,
        receipts: &[String],
        hold: Duration,
    ) -> Result<(), EffectError>;
}

/// Log groups that hold invocation logs, or CloudTrail events.
#[async_trait]
pub trait LogGroups: Send + Sync {
    /// Events from `from` on and before `to`; `next` is of the page before.
    async fn events(
        &self,
        group: &LogGroup,
        from: Timestamp,
        to: Timestamp,
        next: Option<&str>,
    ) -> Result<Page<LogEvent>, EffectError>;
}

/// What CloudTrail remembers of the last 90 days, without any trail.
#[async_trait]
pub trait History: Send + Sync {
    /// The Region asked when none is named.
    fn home_region(&self) -> String;
    /// Whose it is, if not that of our own credentials.
    fn account(&self) -> Option<&AccountId> {
        None
    }
    /// Bedrock's events of a Region, newest first, both bounds included; `next` is of the page before.
    async fn events(
        &self,
        region: &str,
        from: Timestamp,
        to: Timestamp,
        next: Option<&str>,
    ) -> Result<Page<FoundEvent>, EffectError>;
}

/// A part of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page<T> {
    /// What it holds.
    pub items: Vec<T>,
    /// How to ask for the next; `None`: this was the last.
    pub next: Option<String>,
}

/// Objects of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// By key.
    pub objects: Vec<Listed>,
    /// There are more, after the last key.
    pub more: bool,
}

/// An object as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// Its size as stored.
    pub bytes: u64,
    /// When it was written.
    pub modified: Timestamp,
    /// It cannot be read before somebody restores it.
    pub archived: bool,
}

/// An object, and where it might be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectKey {
    /// The bucket's name.
    pub bucket: String,
    /// The key, decoded.
    pub key: String,
    /// The bucket's Region, where somebody said so.
    pub region: Option<String>,
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// A message of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueMessage {
    /// Its id, for people.
    pub id: String,
    /// What deletes it.
    pub receipt: String,
    /// The text.
    pub body: String,
    /// How often it was received, this time included.
    pub receives: u32,
}

/// An event of a log group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// Unique in its group.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
    /// The text.
    pub message: String,
}

/// A CloudTrail event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundEvent {
    /// When it happened.
    pub at: Timestamp,
    /// The CloudTrail record, JSON.
    pub record: String,
}

/// A log group: `arn:aws:logs:REGION:ACCOUNT:log-group:NAME`, or a name alone, which is in our own
/// account and Region.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogGroup {
    text: String,
    /// The Region, if the text was an ARN.
    pub region: Option<String>,
    /// Whose it is, if the text was an ARN.
    pub account: Option<AccountId>,
}

impl LogGroup {
    /// The ARN or name, without `:*` at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is an ARN.
    pub fn is_arn(&self) -> bool {
        self.region.is_some()
    }

    /// The same by its ARN, where a name alone is one of this account and Region: two accounts may have
    /// groups of the same name.
    #[must_use]
    pub fn placed(&self, partition: &str, region: &str, account: &AccountId) -> Self {
        if self.is_arn() {
            return self.clone();
        }
        Self {
            text: format!(
                "arn:{partition}:logs:{region}:{account}:log-group:{}",
                self.text
            ),
            region: Some(region.to_owned()),
            account: Some(account.clone()),
        }
    }
}

/// A text that is neither the ARN nor the name of a log group.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a log group: write its name, or arn:aws:logs:REGION:ACCOUNT:log-group:NAME")]
pub struct NotALogGroup(String);

impl FromStr for LogGroup {
    type Err = NotALogGroup;

    fn from_str(text: &str) -> Result<Self, NotALogGroup> {
        let wrong = || NotALogGroup(text.to_owned());
        let kept = text.strip_suffix(":*").unwrap_or(text);
        let named = |name: &str| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-/.#".contains(&byte);
            !name.is_empty() && name.len() <= 512 && name.bytes().all(fits)
        };
        let (region, account) = if kept.starts_with("arn:") {
            let parts: Vec<_> = kept.splitn(7, ':').collect();
            match parts.as_slice() {
                ["arn", _, "logs", region, account, "log-group", name]
                    if !region.is_empty() && account.len() == 12 && named(name) =>
                {
                    (Some((*region).to_owned()), Some(AccountId::new(*account)))
                }
                _ => return Err(wrong()),
            }
        } else if named(kept) {
            (None, None)
        } else {
            return Err(wrong());
        };
        Ok(Self {
            text: kept.to_owned(),
            region,
            account,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_group_is_an_arn_or_a_name() {
        let arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/bedrock";
        for (text, want, region) in [
            (arn, arn, Some("eu-west-1")),
            (&*format!("{arn}:*"), arn, Some("eu-west-1")),
            ("/aws/bedrock", "/aws/bedrock", None),
        ] {
            let group: LogGroup = text.parse().unwrap();
            assert_eq!((group.as_str(), group.region.as_deref()), (want, region));
            let ours = region.map(|_| AccountId::new("111122223333"));
            assert_eq!(group.account, ours);
            let placed = group.placed("aws", "eu-west-1", &AccountId::new("111122223333"));
            assert_eq!(placed, arn.parse().unwrap());
        }
        for text in [
            "",
            "a group",
            "arn:aws:s3:::bucket",
            "arn:aws:logs::1:log-group:x",
        ] {
            assert!(text.parse::<LogGroup>().is_err(), "{text}");
        }
    }
}
