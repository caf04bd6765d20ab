//! A mailbox and a room of listeners in memory: everything that was sent, and faults on demand.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::watch;
use weir_core::message::Message;
use weir_engine::Post;
use weir_engine::notify::{Language, Letter};
use weir_engine::ports::{Alerts, Channel, EffectError, EffectErrorKind, Mail, Way};

/// A letter that was delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The address; nothing for what was published.
    pub to: Option<String>,
    /// The id of the message.
    pub id: String,
    /// What it said.
    pub letter: Letter,
}

impl Delivered {
    /// The type of the message: what its id begins with.
    pub fn kind(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }
}

/// Takes letters as `smtp` and messages as `chat.ops`.
#[derive(Debug, Default)]
pub struct Mailbox {
    got: Mutex<Vec<Delivered>>,
    faults: Mutex<VecDeque<EffectErrorKind>>,
    hangs: watch::Sender<bool>,
}

impl Mailbox {
    /// An empty one.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The next letters fail, each in one of these ways.
    pub fn fail(&self, kinds: impl IntoIterator<Item = EffectErrorKind>) {
        lock(&self.faults).extend(kinds);
    }

    /// Letters are not answered from now on, until they are again.
    pub fn hang(&self, hangs: bool) {
        self.hangs.send_replace(hangs);
    }

    /// Everything that was delivered, in order.
    pub fn all(&self) -> Vec<Delivered> {
        lock(&self.got).clone()
    }

    /// Types of the messages that one address got, in order.
    pub fn kinds_to(&self, address: &str) -> Vec<String> {
        let all = lock(&self.got);
        let to = all
            .iter()
            .filter(|one| one.to.as_deref() == Some(address))
            .map(|one| one.kind().to_owned());
        to.collect()
    }

    /// A post that ends here: mail to people and administrators, and everything to the room.
    pub fn post(self: &Arc<Self>) -> Post {
        let channels = vec![
            Channel {
                name: "smtp".to_owned(),
                way: Way::Mail(Arc::clone(self) as _),
            },
            Channel {
                name: "chat.ops".to_owned(),
                way: Way::Alerts(Arc::clone(self) as _),
            },
        ];
        let known = [
            ("smtp".to_owned(), weir_core::message::Reach::Personal),
            ("chat.ops".to_owned(), weir_core::message::Reach::Broadcast),
        ];
        Post {
            channels,
            routes: weir_core::message::default_routes(&known),
            admins: vec!["ops@example.com".to_owned()],
            language: Language::En,
            contact: None,
        }
    }

    async fn answers(&self) {
        let _ = self.hangs.subscribe().wait_for(|hangs| !hangs).await;
    }

    fn take(&self, to: Option<&str>, id: String, letter: &Letter) -> Result<(), EffectError> {
        if let Some(kind) = lock(&self.faults).pop_front() {
            return Err(EffectError::new(kind, "a letter", "on purpose"));
        }
        lock(&self.got).push(Delivered {
            to: to.map(ToOwned::to_owned),
            id,
            letter: letter.clone(),
        });
        Ok(())
    }
}

#[async_trait]
impl Mail for Mailbox {
    async fn send(&self, to: &str, id: &str, letter: &Letter) -> Result<(), EffectError> {
        self.answers().await;
        self.take(Some(to), id.to_owned(), letter)
    }
}

#[async_trait]
impl Alerts for Mailbox {
    async fn publish(&self, message: &Message, letter: &Letter) -> Result<(), EffectError> {
        self.answers().await;
        self.take(None, message.id(), letter)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
