//! Telling people by itself (rules 8): what decisions have written to the outbox becomes letters, and
//! letters are sent. Any number of processes may do this at once: the messages about one subject are
//! claimed together, and each letter is claimed before it is sent.
//!
//! A letter is sent at least once: a process that dies between sending and noting it leaves a letter
//! that another one sends again, under the same id.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::time::Instant;
use weir_core::ids::UserId;
use weir_core::message::{
    self, About, Addressed, Audience, Known, Leave, Message, Person, Reach, Readers, Route,
};
use weir_store::{ClaimedMessages, MailFilter, MessageEnd, NewDelivery, WaitingMessage};

use crate::notify::{Language, Stationery};
use crate::options::Actor;
use crate::ports::{Channel, Way};
use crate::report::MailReport;
use crate::{Engine, EngineError, budget};

/// Subjects whose messages are claimed in one go.
const CLAIM: u32 = 50;
/// One call never claims more often than this: the next one goes on.
const CLAIMS: usize = 100;
/// Mails a user gets on one local day, at most; those that tell of lost access are not counted out.
const MAILS_A_DAY: u64 = 3;

/// How people are told: what `[notify]` of the configuration says.
///
/// An engine without one leaves messages to others. One whose routes lead nowhere keeps them from
/// piling up: it records that nobody is to hear of them.
#[derive(Clone, Default)]
pub struct Post {
    /// The ways to people.
    pub channels: Vec<Channel>,
    /// Who hears of what through which channel.
    pub routes: Vec<Route>,
    /// The addresses of the administrators.
    pub admins: Vec<String>,
    /// The language of people whose language is not known.
    pub language: Language,
    /// Whom people may ask.
    pub contact: Option<String>,
}

impl Post {
    fn known(&self) -> Vec<(String, Reach)> {
        let reach = |channel: &Channel| match channel.way {
            Way::Mail(_) => Reach::Personal,
            Way::Alerts(_) => Reach::Broadcast,
        };
        let channels = self.channels.iter();
        channels
            .map(|channel| (channel.name.clone(), reach(channel)))
            .collect()
    }
}

impl Engine {
    /// Sends letters again that were given up, of one message or all, and puts on record who asked; how many
    /// they are, and what became of them. `None` if there is no such message.
    pub async fn retry_mail(
        &self,
        message: Option<&str>,
        by: &Actor,
    ) -> Result<Option<(u64, MailReport)>, EngineError> {
        let seq = match message {
            None => None,
            Some(id) => {
                let filter = MailFilter {
                    id: Some(id.to_owned()),
                    limit: 1,
                    ..MailFilter::default()
                };
                let Some(row) = self.store.mail(&filter).await?.into_iter().next() else {
                    return Ok(None);
                };
                Some(row.seq)
            }
        };
        let again = self.store.retry_deliveries(seq, self.wall()).await?;
        if again == 0 {
            return Ok(Some((0, MailReport::default())));
        }
        let subject = format!("outbox:{}", message.unwrap_or("failed"));
        let why = format!("{again} letters are sent again");
        let entry = self.entry("outbox-retry", subject, why, by);
        self.store.append_audit(vec![entry]).await?;
        Ok(Some((again, self.send_due().await?)))
    }

    /// Sends what is due: messages that may leave become letters, and letters are sent. What does not
    /// go out is tried again by a later call, of any process. Does nothing in an engine that has no
    /// [`Post`], nor under `--as-of` without effects.
    pub async fn send_due(&self) -> Result<MailReport, EngineError> {
        self.send_due_until(None).await
    }

    /// The same beside something that should not wait for it beyond `end`, nor at all while letters are
    /// under way that were not waited for before.
    pub(crate) async fn send_due_beside(
        &self,
        end: Option<Instant>,
    ) -> Result<MailReport, EngineError> {
        if end.is_some() && self.under_way.any() {
            return Ok(MailReport::default());
        }
        self.send_due_until(end).await
    }

    /// The same, waiting until `end` at most: letters that are under way then go on by themselves.
    pub(crate) async fn send_due_until(
        &self,
        end: Option<Instant>,
    ) -> Result<MailReport, EngineError> {
        let end = [end, budget::end()].into_iter().flatten().min();
        let is_over = || end.is_some_and(|end| Instant::now() >= end);
        let mut report = MailReport::default();
        let acts = self.options.as_of.is_none() || self.options.effects;
        let Some(post) = self.post.clone().filter(|_| acts) else {
            return Ok(report);
        };
        if self.cadence.watched.is_due(self.wall(), WATCH) {
            self.watch_incidents().await?;
        }
        for _ in 0..CLAIMS {
            if is_over() {
                break;
            }
            let now = self.effect_time();
            let lease = self.lease(now);
            let claimed = self.store.claim_messages(now, &lease, CLAIM).await?;
            if claimed.is_empty() {
                break;
            }
            for subject in claimed {
                let ends = self.ends(&post, &subject, now).await?;
                let told = ends.iter().filter(|(_, end)| is_told(end)).count() as u64;
                let closed = self
                    .store
                    .close_messages(&lease, &subject.subject, now, ends)
                    .await?;
                if closed {
                    report.told += told;
                }
            }
        }
        self.deliver(&post, end, &mut report).await?;
        Ok(report)
    }

    /// What becomes of the messages about one subject now.
    async fn ends(
        &self,
        post: &Post,
        subject: &ClaimedMessages,
        now: Timestamp,
    ) -> Result<Vec<(u64, MessageEnd)>, EngineError> {
        let ClaimedMessages {
            subject: name,
            told,
            waiting,
        } = subject;
        let mut ends = Vec::with_capacity(waiting.len());
        let mut readable: Vec<(u64, &Message)> = Vec::new();
        for WaitingMessage { seq, message } in waiting {
            match message {
                Some(message) => readable.push((*seq, message)),
                None => ends.push((*seq, unsent("what is stored cannot be read"))),
            }
        }
        let messages: Vec<&Message> = readable.iter().map(|(_, message)| *message).collect();
        let access = self.access_of(&messages).await?;
        let known = Known {
            access: &access,
            told,
        };
        let mut mailed = None;
        let fates = message::leave(&messages, known, now);
        for ((seq, message), fate) in readable.into_iter().zip(fates) {
            let end = match fate {
                Leave::Wait(until) => MessageEnd::Later(until),
                Leave::Never(why) => unsent(why.as_str()),
                Leave::Now => match self.letters(post, message, name, &mut mailed).await? {
                    letters if letters.is_empty() => unsent(NOBODY),
                    letters => MessageEnd::Told(letters),
                },
                Leave::Instead(other) => {
                    let letters = self.letters(post, &other, name, &mut mailed).await?;
                    MessageEnd::Replaced(other, letters)
                }
            };
            ends.push((seq, end));
        }
        Ok(ends)
    }

    /// What has become of the denials that these messages tell of.
    async fn access_of(
        &self,
        messages: &[&Message],
    ) -> Result<Vec<(weir_core::access::Target, weir_core::access::Member)>, EngineError> {
        let of_access = |message: &&&Message| message.kind().is_about_access();
        let first = messages.iter().find(of_access);
        let Some(user) = first.and_then(|message| message.about.user()) else {
            return Ok(Vec::new());
        };
        let rules = self.rules().await?;
        let users = std::slice::from_ref(user);
        let situation = self.store.situation(users, &[], self.now(), &rules).await?;
        let found = situation.users.into_iter().next();
        Ok(found.map(|standing| standing.access).unwrap_or_default())
    }

    /// The letters of a message; none where nobody is to hear of it. `mailed` counts the mails that
    /// the user gets today.
    async fn letters(
        &self,
        post: &Post,
        message: &Message,
        subject: &str,
        mailed: &mut Option<u64>,
    ) -> Result<Vec<NewDelivery>, EngineError> {
        let kind = message.kind();
        let user = match &message.about {
            About::User { user, .. } if kind.audiences().contains(&Audience::User) => {
                self.person(user).await?
            }
            _ => None,
        };
        let owner = self.owner(message).await?;
        let readers = Readers {
            user: user.as_ref(),
            owner: owner.as_ref(),
            admins: &post.admins,
        };
        let addressed = message::address(kind, &post.routes, &post.known(), readers);
        let is_mail = |to: &Addressed| to.audience == Audience::User && to.to.is_some();
        let to_user = addressed.iter().any(is_mail);
        let mut too_many = false;
        if to_user {
            let before = match *mailed {
                Some(before) => before,
                None => self.mailed_today(subject).await?,
            };
            too_many = before >= MAILS_A_DAY && !kind.is_loss();
            *mailed = Some(before + u64::from(!too_many));
        }
        let letters = addressed.into_iter().map(|to| {
            let skipped = if to.is_lost() {
                Some("no address is known")
            } else if too_many && is_mail(&to) {
                Some("the user has got three mails today")
            } else {
                None
            };
            let known = to.language.as_deref().and_then(|word| word.parse().ok());
            NewDelivery {
                language: known.unwrap_or(post.language).as_str().to_owned(),
                skipped: skipped.map(ToOwned::to_owned),
                to,
            }
        });
        Ok(letters.collect())
    }

    async fn mailed_today(&self, subject: &str) -> Result<u64, EngineError> {
        let zone = &self.rules().await?.zone;
        let today = zone.day(self.effect_time());
        let began = zone.first_instant(today.at(0, 0, 0, 0));
        Ok(self.store.mails_since(subject, began).await?)
    }

    async fn person(&self, user: &UserId) -> Result<Option<Person>, EngineError> {
        let row = self.store.user(user).await?;
        Ok(row.map(|row| Person {
            address: row.email,
            name: row.person,
            language: row.language,
        }))
    }

    async fn owner(&self, message: &Message) -> Result<Option<Person>, EngineError> {
        let for_owner = message.kind().audiences().contains(&Audience::TeamOwner);
        let Some(team) = message.about.team().filter(|_| for_owner) else {
            return Ok(None);
        };
        let owners = self.store.team_owners(Some(team)).await?;
        Ok(owners.into_iter().next().map(|owner| Person {
            address: Some(owner.email),
            ..Person::default()
        }))
    }

    /// What letters are written on: made once.
    pub(crate) async fn stationery(&self, post: &Post) -> Result<Arc<Stationery>, EngineError> {
        if let Some(made) = self.stationery.get() {
            return Ok(Arc::clone(made));
        }
        let zone = self.rules().await?.zone.clone();
        let made = Arc::new(Stationery::new(zone, post.contact.clone()));
        Ok(Arc::clone(self.stationery.get_or_init(|| made)))
    }
}

/// Why a message is not sent that no route leads to anybody.
const NOBODY: &str = "nobody is to hear of it, by the configuration";
/// How often a process looks for incidents.
const WATCH: jiff::SignedDuration = jiff::SignedDuration::from_secs(55);

fn unsent(why: &str) -> MessageEnd {
    MessageEnd::Unsent(why.to_owned())
}

fn is_told(end: &MessageEnd) -> bool {
    matches!(end, MessageEnd::Told(_) | MessageEnd::Replaced(..))
}
