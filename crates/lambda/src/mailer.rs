//! `bedrock-email-service`: messages become letters and are mailed, each to one address, once.

use std::fmt::Write as _;
use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout_at};
use weir_aws::is_address;
use weir_config::StartError;
use weir_core::message::{Audience, Message};
use weir_engine::clock::{Clock, WallClock};
use weir_engine::notify::{Language, Letter, Reader, Stationery};
use weir_engine::ports::{EffectErrorKind, Mail, Way};
use weir_store::MailClaim;

use crate::failure::Failure;
use crate::reset::clipped;
use crate::start::{Event, Weir};

/// No mail takes longer; if whoever began to send it died, it is sent again after that.
const HOLD: SignedDuration = SignedDuration::from_mins(5);
/// Messages of one event, at most.
const MOST: usize = 100;
/// What every entry may say.
const FIELDS: [&str; 6] = ["message", "to", "language", "name", "audience", "channel"];

/// The channels that reach an address, in the order of the configuration.
pub(crate) struct Mailer {
    channels: Vec<(String, Arc<dyn Mail>)>,
    stationery: Stationery,
}

/// One letter to one address.
struct Order {
    message: Message,
    to: String,
    reader: Reader,
    channel: String,
    mail: Arc<dyn Mail>,
}

/// What became of one entry.
enum Sent {
    Now,
    Before,
    /// It may be sent later.
    Later(String),
    /// It never can be, as it is.
    Never(String),
}

impl Mailer {
    pub(crate) async fn new(weir: &Weir) -> Result<Self, StartError> {
        let notify = &weir.settings.notify;
        let clock: Arc<dyn Clock> = Arc::new(WallClock);
        let channels = weir_aws::channels(notify.channels.clone(), &weir.settings.aws, &clock)
            .await
            .map_err(|error| StartError::Wrong(error.to_string()))?;
        let channels: Vec<_> = channels
            .into_iter()
            .filter_map(|channel| match channel.way {
                Way::Mail(mail) => Some((channel.name, mail)),
                Way::Alerts(_) => None,
            })
            .collect();
        if channels.is_empty() {
            return Err(StartError::Wrong(
                "no channel sends mail: configure [notify.smtp] or [notify.ses]".to_owned(),
            ));
        }
        let rules = weir.engine.rules().await?;
        Ok(Self {
            channels,
            stationery: Stationery::new(rules.zone.clone(), notify.contact.clone()),
        })
    }

    /// Answers `{"results": […]}`, one for each message in their order.
    pub(crate) async fn take(&self, weir: &Weir, event: &Event<'_>) -> Result<Value, Failure> {
        let entries = entries(event.text).map_err(Failure::BadInput)?;
        let until = Instant::now() + event.time;
        let mut results = Vec::new();
        for entry in &entries {
            let (about, sent) = match self.order(weir, entry) {
                Ok(order) => {
                    let sent = timeout_at(until, self.send(weir, &order)).await;
                    let sent = sent.unwrap_or_else(|_| {
                        Sent::Later("the time of this invocation is over".to_owned())
                    });
                    (
                        json!({ "id": order.message.id(), "to": order.to, "channel": order.channel }),
                        sent,
                    )
                }
                Err(error) => (json!({}), Sent::Never(error)),
            };
            results.push(sent.told(about));
        }
        Ok(json!({ "results": results }))
    }

    /// What an entry asks for; an error names the field.
    fn order(&self, weir: &Weir, entry: &Value) -> Result<Order, String> {
        let Value::Object(entry) = entry else {
            return Err("not a JSON object".to_owned());
        };
        if let Some(other) = entry.keys().find(|name| !FIELDS.contains(&name.as_str())) {
            return Err(format!("{}: there is no such field", clipped(other)));
        }
        let message = match entry.get("message") {
            Some(message @ Value::Object(_)) => Message::from_json(&message.to_string())
                .map_err(|error| format!("message: {}", chain(&error)))?,
            Some(_) => return Err("message: not a JSON object".to_owned()),
            None => return Err("message: missing".to_owned()),
        };
        let to = text(entry, "to")?.ok_or("to: missing")?;
        if !is_address(&to) {
            return Err(format!("to: `{}` is not an address", clipped(&to)));
        }
        let language = match text(entry, "language")? {
            Some(text) => text
                .parse::<Language>()
                .map_err(|error| format!("language: {error}"))?,
            None => weir.settings.notify.language,
        };
        let audience = match text(entry, "audience")? {
            Some(text) => text
                .parse::<Audience>()
                .map_err(|error| format!("audience: {error}"))?,
            None if message.kind().is_personal() => Audience::User,
            None => Audience::Admins,
        };
        let (channel, mail) = self.channel(text(entry, "channel")?.as_deref())?;
        let reader = Reader {
            audience,
            language,
            name: text(entry, "name")?,
        };
        Ok(Order {
            message,
            to,
            reader,
            channel,
            mail,
        })
    }

    fn channel(&self, wanted: Option<&str>) -> Result<(String, Arc<dyn Mail>), String> {
        let found = self
            .channels
            .iter()
            .find(|(name, _)| wanted.is_none_or(|wanted| wanted == name));
        found.cloned().ok_or_else(|| {
            let names: Vec<_> = self
                .channels
                .iter()
                .map(|(name, _)| name.as_str())
                .collect();
            format!(
                "channel: `{}` sends no mail; there are: {}",
                clipped(wanted.unwrap_or_default()),
                names.join(", ")
            )
        })
    }

    async fn send(&self, weir: &Weir, order: &Order) -> Sent {
        let store = weir.engine.store();
        let mail = fingerprint(order);
        let letter = match self.stationery.write(&order.message, &order.reader) {
            Ok(letter) => letter,
            Err(error) => return Sent::Never(error.to_string()),
        };
        let now = weir.engine.wall();
        let until = now.saturating_add(HOLD).unwrap_or(now);
        match store.hold_mail(&mail, now, until).await {
            Ok(MailClaim::Free) => {}
            Ok(MailClaim::Sent) => return Sent::Before,
            Ok(MailClaim::Held) => {
                return Sent::Later("another invocation is sending it".to_owned());
            }
            Err(error) => return Sent::Later(error.to_string()),
        }
        match post(order, &letter).await {
            Sent::Now => {}
            other => {
                if let Err(error) = store.give_mail_back(&mail).await {
                    tracing::warn!(%error, "a mail that was not sent is held for a while");
                }
                return other;
            }
        }
        if let Err(error) = store.remember_mail(&mail, weir.engine.wall()).await {
            // It is sent: saying so is right, and a repeat would be a second mail of the same id.
            tracing::error!(%error, "a mail was sent and could not be remembered");
        }
        Sent::Now
    }
}

async fn post(order: &Order, letter: &Letter) -> Sent {
    let id = order.message.id();
    match order.mail.send(&order.to, &id, letter).await {
        Ok(()) => Sent::Now,
        Err(error) if error.kind == EffectErrorKind::Refused => Sent::Never(error.to_string()),
        Err(error) => Sent::Later(error.to_string()),
    }
}

impl Sent {
    fn told(self, mut about: Value) -> Value {
        let (status, error, retry) = match self {
            Self::Now => ("sent", None, false),
            Self::Before => ("already sent", None, false),
            Self::Later(error) => ("failed", Some(error), true),
            Self::Never(error) => ("failed", Some(error), false),
        };
        about["status"] = json!(status);
        if let Some(error) = error {
            tracing::warn!(error, retry, "a message was not sent");
            about["error"] = json!(error);
            about["retry"] = json!(retry);
        }
        about
    }
}

/// The same for a repeat: the message's id and the address, which are not to be read from it.
fn fingerprint(order: &Order) -> String {
    let mut hash = Sha256::new();
    hash.update(order.message.id());
    hash.update([0]);
    hash.update(order.to.to_lowercase());
    let mut text = String::new();
    for byte in hash.finalize() {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// One entry, or those of `messages`.
fn entries(text: &str) -> Result<Vec<Value>, String> {
    const FORM: &str =
        "send {\"message\": {…}, \"to\": \"ana@example.com\"} or {\"messages\": [{…}, …]}";
    let event: Value =
        serde_json::from_str(text).map_err(|error| format!("the event is not JSON: {error}"))?;
    let Value::Object(mut fields) = event else {
        return Err(format!("the event is not a JSON object: {FORM}"));
    };
    match fields.remove("messages") {
        None if fields.contains_key("message") => Ok(vec![Value::Object(fields)]),
        None => Err(format!("neither `message` nor `messages`: {FORM}")),
        Some(_) if !fields.is_empty() => {
            Err("beside `messages` there is nothing: each entry says for itself".to_owned())
        }
        Some(Value::Array(entries)) if entries.len() <= MOST => Ok(entries),
        Some(Value::Array(entries)) => Err(format!(
            "messages: {} are too many, at most {MOST}",
            entries.len()
        )),
        Some(_) => Err("messages: not a list".to_owned()),
    }
}

fn text(entry: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match entry.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{name}: not a text")),
    }
}

/// An error and its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let _ = write!(text, ": {inner}");
        cause = inner.source();
    }
    text
}
