//! The mailboxes of a story, behind the gate: every letter that arrived, and a server that does not
//! answer every so often.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use weir_core::message::{Message, Reach, default_routes};
use weir_engine::Post;
use weir_engine::notify::{Language, Letter};
use weir_engine::ports::{Alerts, Channel, EffectError, EffectErrorKind, Mail, Way};

use super::gate::Gate;

/// Every so many letters one does not go out.
const FAILS: u64 = 7;

/// What arrived.
pub(crate) struct Letterbox {
    gate: Arc<Gate>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tried: u64,
    /// Letters that did not go out since the last rest.
    failed: bool,
    /// Address, or nothing for the room, and id.
    got: Vec<(Option<String>, String)>,
    /// What the room heard, in order.
    heard: Vec<Message>,
}

impl Letterbox {
    pub(crate) fn new(gate: Arc<Gate>) -> Self {
        Self {
            gate,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A post that ends here.
    pub(crate) fn post(self: &Arc<Self>) -> Post {
        let known = [
            ("smtp".to_owned(), Reach::Personal),
            ("chat.ops".to_owned(), Reach::Broadcast),
        ];
        let ways = [
            Way::Mail(Arc::clone(self) as _),
            Way::Alerts(Arc::clone(self) as _),
        ];
        let channels = known.iter().zip(ways).map(|((name, _), way)| Channel {
            name: name.clone(),
            way,
        });
        Post {
            channels: channels.collect(),
            routes: default_routes(&known),
            admins: vec!["ops@example.com".to_owned()],
            language: Language::En,
            contact: None,
        }
    }

    /// How often a letter of that id arrived there.
    pub(crate) fn times(&self, to: Option<&str>, id: &str) -> usize {
        let state = self.state();
        let same = |(address, got): &&(Option<String>, String)| {
            (address.as_deref(), got.as_str()) == (to, id)
        };
        state.got.iter().filter(same).count()
    }

    /// How many letters arrived.
    pub(crate) fn count(&self) -> usize {
        self.state().got.len()
    }

    /// Whether a letter did not go out since this was last asked.
    pub(crate) fn take_failed(&self) -> bool {
        std::mem::take(&mut self.state().failed)
    }

    /// Everything that the room heard, in order.
    pub(crate) fn heard(&self) -> Vec<Message> {
        self.state().heard.clone()
    }

    async fn take(
        &self,
        to: Option<&str>,
        id: String,
        message: Option<&Message>,
    ) -> Result<(), EffectError> {
        let to = to.map(ToOwned::to_owned);
        self.gate
            .pass(async {
                let mut state = self.state();
                state.tried += 1;
                if state.tried.is_multiple_of(FAILS) {
                    state.failed = true;
                    let kind = EffectErrorKind::Retry;
                    return Err(EffectError::new(kind, "a letter", "the server is away"));
                }
                state.got.push((to, id));
                state.heard.extend(message.cloned());
                Ok(())
            })
            .await
    }
}

#[async_trait]
impl Mail for Letterbox {
    async fn send(&self, to: &str, id: &str, _letter: &Letter) -> Result<(), EffectError> {
        self.take(Some(to), id.to_owned(), None).await
    }
}

#[async_trait]
impl Alerts for Letterbox {
    async fn publish(&self, message: &Message, _letter: &Letter) -> Result<(), EffectError> {
        self.take(None, message.id(), Some(message)).await
    }
}
