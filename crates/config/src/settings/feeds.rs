//! What a server fetches, and by whose credentials: those of the account where it is, if Weir has a role
//! there; Weir's own otherwise; and whatever the file says before both.

use std::collections::BTreeMap;
use std::fmt;

use weir_aws::AccountRole;
use weir_core::ids::AccountId;
use weir_engine::ports::LogGroup;

use super::Settings;
use crate::error::StartError;
use crate::sections::{ConfigFile, LogGroupEntry, QueueEntry, Reader};

/// A queue that a server reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueFeed {
    /// Its URL.
    pub url: String,
    /// Whose role reads it; `None`: our own credentials.
    pub account: Option<AccountId>,
    /// Whose role opens the objects that its messages name; `None`: our own credentials.
    pub objects: Option<AccountId>,
}

/// A log group that a server follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFeed {
    /// Which.
    pub group: LogGroup,
    /// Whose role reads it; `None`: our own credentials.
    pub account: Option<AccountId>,
}

impl fmt::Display for QueueFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            url,
            account,
            objects,
        } = self;
        let (reads, opens) = (who(account.as_ref()), who(objects.as_ref()));
        match (account, objects) {
            (None, None) => f.write_str(url),
            _ if reads == opens => write!(f, "{url} by {reads}"),
            _ => write!(f, "{url} by {reads}, objects by {opens}"),
        }
    }
}

impl fmt::Display for LogFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = self.group.as_str();
        match &self.account {
            None => f.write_str(group),
            reader => write!(f, "{group} by {}", who(reader.as_ref())),
        }
    }
}

fn who(account: Option<&AccountId>) -> String {
    match account {
        None => "our own credentials".to_owned(),
        Some(id) => format!("the role in {id}"),
    }
}

/// The accounts that Weir reaches.
pub(super) struct Reach<'a> {
    pub(super) home: Option<&'a AccountId>,
    pub(super) roles: &'a BTreeMap<AccountId, AccountRole>,
}

impl Reach<'_> {
    /// Whose role reads what is in an account, if nobody says who; `None`: our own credentials.
    pub(super) fn of(&self, owner: Option<&AccountId>) -> Option<AccountId> {
        let owner = owner.filter(|id| self.home != Some(id) && self.roles.contains_key(*id));
        owner.cloned()
    }

    /// The same, where somebody may have said who.
    fn reader(
        &self,
        said: Option<&Reader>,
        owner: Option<&AccountId>,
    ) -> Result<Option<AccountId>, String> {
        match said {
            None => Ok(self.of(owner)),
            Some(Reader::Home) => Ok(None),
            Some(Reader::Account(id)) if self.home == Some(id) => Ok(None),
            Some(Reader::Account(id)) if self.roles.contains_key(id) => Ok(Some(id.clone())),
            Some(Reader::Account(id)) => Err(format!(
                "account {id} is none of enforcement.accounts: set enforcement.accounts.{id}.role_arn, or \
                 write account = \"home\" to read it with Weir's own credentials"
            )),
        }
    }

    pub(super) fn queues(&self, file: &ConfigFile) -> Result<Vec<QueueFeed>, StartError> {
        let entries = file.config.intake.queues.iter();
        let feeds = entries.map(|entry| self.queue(&entry.0));
        let feeds: Result<_, _> = feeds.collect();
        feeds.map_err(|why| wrong(file, "intake.queues", &why))
    }

    pub(super) fn log_groups(&self, file: &ConfigFile) -> Result<Vec<LogFeed>, StartError> {
        let entries = file.config.intake.log_groups.iter();
        let feeds = entries.map(|entry| self.log_group(&entry.0));
        let feeds: Result<_, _> = feeds.collect();
        feeds.map_err(|why| wrong(file, "intake.log_groups", &why))
    }

    /// Who opens the objects that the Lambda controller is told of, if the file says who.
    pub(super) fn lambda_objects(&self, file: &ConfigFile) -> Result<Option<Reader>, StartError> {
        let Some(said) = &file.config.lambda.objects_account else {
            return Ok(None);
        };
        match self.reader(Some(said), None) {
            Ok(role) => Ok(Some(role.map_or(Reader::Home, Reader::Account))),
            Err(why) => Err(wrong(file, "lambda.objects_account", &why)),
        }
    }

    fn queue(&self, entry: &QueueEntry) -> Result<QueueFeed, String> {
        let named = |why| format!("{}: {why}", entry.url);
        let account = self.reader(entry.account.as_ref(), entry.owner().as_ref());
        let account = account.map_err(named)?;
        // What a queue tells of is most often beside it.
        let objects = match &entry.objects_account {
            None => account.clone(),
            said => self.reader(said.as_ref(), None).map_err(named)?,
        };
        Ok(QueueFeed {
            url: entry.url.clone(),
            account,
            objects,
        })
    }

    fn log_group(&self, entry: &LogGroupEntry) -> Result<LogFeed, String> {
        let group = entry.group.clone();
        let account = self.reader(entry.account.as_ref(), group.account.as_ref());
        let account = account.map_err(|why| format!("{}: {why}", group.as_str()))?;
        Ok(LogFeed { group, account })
    }
}

/// Whether the URL of a queue, `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`, is of that ARN,
/// `arn:aws:sqs:REGION:ACCOUNT:NAME`.
fn is_queue(url: &str, arn: &str) -> bool {
    let mut parts = arn.splitn(6, ':').skip(3);
    let (region, account, name) = (parts.next(), parts.next(), parts.next());
    let mut of_url = url.trim_end_matches('/').rsplit('/');
    let is_named = of_url.next() == name && of_url.next() == account;
    is_named && region.is_some_and(|region| url.contains(&format!(".{region}.")))
}

impl Settings {
    /// Whose role opens the objects that the Lambda controller is told of, by the queue with that ARN or without
    /// one; `None`: the role of the function. What `[intake]` says of the queue comes first, then
    /// `lambda.objects_account`, then the account of the queue.
    pub fn lambda_reader(&self, queue: Option<&str>) -> Option<AccountId> {
        let arn = queue.unwrap_or_default();
        if let Some(feed) = self.queues.iter().find(|feed| is_queue(&feed.url, arn)) {
            return feed.objects.clone();
        }
        match &self.lambda_objects {
            Some(Reader::Account(id)) => Some(id.clone()),
            Some(Reader::Home) => None,
            None => {
                let owner = arn.split(':').nth(4).map(AccountId::new);
                self.reader_in(owner.as_ref())
            }
        }
    }
}

fn wrong(file: &ConfigFile, key: &str, why: &str) -> StartError {
    let place = file.place(key).unwrap_or_else(|| key.to_owned());
    StartError::Wrong(format!("{place}: {key}: {why}"))
}
