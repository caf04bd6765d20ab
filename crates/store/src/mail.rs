//! Messages and their deliveries, as claimers, senders and readers see them.

use jiff::Timestamp;
use weir_core::ids::TeamId;
use weir_core::message::{Addressed, Audience, Message};

/// The messages about one subject that have not left. Whoever claimed them decides about all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedMessages {
    /// Whom they are about: `user:ana`, `team:sap`, `organisation`, `weir`.
    pub subject: String,
    /// Those about lost or restored access that left, the last one first; the latest fifty.
    pub told: Vec<Message>,
    /// In the order of their writing.
    pub waiting: Vec<WaitingMessage>,
}

/// A message that has not left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingMessage {
    /// Its number.
    pub seq: u64,
    /// What it says; nothing if what is stored cannot be read.
    pub message: Option<Message>,
}

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageEnd {
    /// It leaves as these letters.
    Told(Vec<NewDelivery>),
    /// Another one leaves in its place.
    Replaced(Box<Message>, Vec<NewDelivery>),
    /// It never leaves, for this reason.
    Unsent(String),
    /// It is looked at again then.
    Later(Timestamp),
}

/// A letter to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    /// Through what, to whom.
    pub to: Addressed,
    /// In which language.
    pub language: String,
    /// Why it is not sent, if it is not.
    pub skipped: Option<String>,
}

/// A letter that the claimer now sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedDelivery {
    /// Its number.
    pub seq: u64,
    /// The id of the message: the same for a repeat.
    pub id: String,
    /// What it says; nothing if what is stored cannot be read.
    pub message: Option<Message>,
    /// Through which channel.
    pub channel: String,
    /// As what it is read.
    pub audience: Audience,
    /// The address; nothing through a channel that broadcasts.
    pub recipient: Option<String>,
    /// In which language.
    pub language: String,
    /// What to call the reader.
    pub name: Option<String>,
    /// How often it was tried before.
    pub attempts: u32,
    /// Since when it waits.
    pub created_at: Timestamp,
}

/// How sending a letter ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryEnd {
    /// It is out.
    Sent,
    /// It is given up, for this reason.
    Failed(String),
    /// It is tried again then; why it did not work.
    Later(Timestamp, String),
}

/// Which messages to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailFilter {
    /// About this subject.
    pub subject: Option<String>,
    /// `untold`, `told`, `unsent`, or with a letter that is `waiting`, `sent`, `failed`, `skipped`.
    pub state: Option<String>,
    /// With this id.
    pub id: Option<String>,
    /// Only those that were written before the one of this number.
    pub before: Option<u64>,
    /// At most so many, the newest first.
    pub limit: u32,
}

/// A message on file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailRow {
    /// Its number.
    pub seq: u64,
    /// Its id.
    pub id: String,
    /// Whom it is about.
    pub subject: String,
    /// Its type.
    pub kind: String,
    /// `untold`, `told` or `unsent`.
    pub state: String,
    /// Why it is not sent.
    pub reason: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// The JSON of the message.
    pub payload: String,
    /// Its letters.
    pub deliveries: Vec<DeliveryRow>,
}

/// A letter on file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Through which channel.
    pub channel: String,
    /// The address; empty for none.
    pub recipient: String,
    /// As what it is read.
    pub audience: String,
    /// In which language.
    pub language: String,
    /// `waiting`, `sent`, `failed`, `skipped`.
    pub state: String,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong last; why it is skipped.
    pub error: Option<String>,
    /// When it is tried next, if it waits.
    pub not_before: Timestamp,
    /// When it was sent or given up.
    pub ended_at: Option<Timestamp>,
}

/// Who owns a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamOwner {
    /// The team.
    pub team: TeamId,
    /// What the team is called.
    pub display_name: Option<String>,
    /// Who gets its mail.
    pub email: String,
}
