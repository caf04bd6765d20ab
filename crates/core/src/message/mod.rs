//! What people are told: facts, never words (rules 8).
//!
//! A [`Message`] says who or what it is about, when it happened, and what. Which words say it, in
//! which language and through which channel, is the engine's business. Unlike other types here a
//! message is made to leave: its JSON form ([`Message::to_json`]) is what the outbox keeps and what
//! SNS and webhooks deliver, so a name in it is a promise.

pub(crate) mod form;
mod kind;
mod leave;
mod news;
mod route;
mod samples;

use std::fmt::Write;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::ids::{TeamId, UserId};

pub use form::Unreadable;
pub use kind::{Audience, Kind, Severity, Tone};
pub use leave::{Known, Leave, STALE, Unsent, leave};
pub use news::{Arrived, Denied, MOST_LINES, News, Quoted, Spent, TeamSummary, WouldBlock};
pub use route::{Addressed, Person, Reach, Readers, Route, address, channels, default_routes};

/// Something people are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Whom or what it is about.
    pub about: About,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub news: News,
}

/// Whom or what a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// One user.
    User {
        /// Who.
        user: UserId,
        /// The team then, where whoever tells knows it.
        team: Option<TeamId>,
    },
    /// A team.
    Team(TeamId),
    /// Everybody together.
    Organisation,
    /// Weir itself, or something that many share.
    Weir,
}

/// Longer ids are shortened: what remains of the text, then its hash.
const LONGEST_ID: usize = 300;
const KEPT_OF_ID: usize = 200;

/// The SHA-256 of a text in hex: short, the same every time, and fit for any header.
pub fn fingerprint(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

impl About {
    /// As in the audit log: `user:ana`, `team:sap`, `organisation`, `weir`.
    pub fn subject(&self) -> String {
        match self {
            Self::User { user, .. } => format!("user:{user}"),
            Self::Team(team) => format!("team:{team}"),
            Self::Organisation => "organisation".to_owned(),
            Self::Weir => "weir".to_owned(),
        }
    }

    /// The one user it is about.
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Self::User { user, .. } => Some(user),
            Self::Team(_) | Self::Organisation | Self::Weir => None,
        }
    }

    /// The team it is about, or that of the user.
    pub fn team(&self) -> Option<&TeamId> {
        match self {
            Self::User { team, .. } => team.as_ref(),
            Self::Team(team) => Some(team),
            Self::Organisation | Self::Weir => None,
        }
    }
}

impl Message {
    /// What kind of message it is.
    pub fn kind(&self) -> Kind {
        self.news.kind()
    }

    /// The same for the same news however often it is told: kind, subject and occasion. At most
    /// 300 bytes.
    pub fn id(&self) -> String {
        let id = format!(
            "{}/{}/{}",
            self.kind(),
            self.about.subject(),
            self.news.occasion(self.at)
        );
        if id.len() <= LONGEST_ID {
            return id;
        }
        let kept = id.floor_char_boundary(KEPT_OF_ID);
        format!("{}…{}", &id[..kept], fingerprint(&id))
    }

    /// One message of every kind, for previews, documents and tests: the same ones every time.
    pub fn samples() -> Vec<Self> {
        samples::all()
    }

    /// The sample of that kind.
    pub fn sample(kind: Kind) -> Self {
        samples::of(kind)
    }
}

#[cfg(test)]
mod tests;
