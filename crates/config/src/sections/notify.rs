//! `[notify]`

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer, de::Error};
use weir_aws::{Sender, is_address};
use weir_core::message::{Audience, Kind, Severity};
use weir_engine::notify::Language;

use super::value;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NotifySection {
    /// The language of messages to people whose language is not known.
    #[serde(deserialize_with = "language")]
    pub(crate) language: Option<Language>,
    /// Whom people may ask.
    pub(crate) contact: Option<String>,
    /// Who sends mail.
    #[serde(deserialize_with = "sender")]
    pub(crate) from: Option<Sender>,
    /// The addresses of the administrators.
    #[serde(deserialize_with = "addresses")]
    pub(crate) admins: Vec<String>,
    pub(crate) smtp: Option<SmtpSection>,
    pub(crate) ses: Option<SesSection>,
    pub(crate) sns: Option<SnsSection>,
    #[serde(deserialize_with = "named")]
    pub(crate) webhooks: BTreeMap<String, WebhookSection>,
    #[serde(deserialize_with = "named")]
    pub(crate) chats: BTreeMap<String, ChatSection>,
    /// Who hears of what through which channel; replaces the built-in table.
    pub(crate) routes: Option<Vec<RouteSection>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SmtpSection {
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    #[serde(default)]
    pub(crate) security: SecurityWord,
    pub(crate) user: Option<String>,
    /// The variable `WEIR_SMTP_PASSWORD` does as well.
    pub(crate) password_file: Option<PathBuf>,
    /// In clear: warned about.
    pub(crate) password: Option<String>,
    /// PEM of a certificate authority of one's own.
    pub(crate) ca_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SecurityWord {
    #[default]
    StartTls,
    Tls,
    /// Only to this machine.
    None,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SesSection {
    pub(crate) region: Option<String>,
    pub(crate) configuration_set: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SnsSection {
    #[serde(deserialize_with = "topic")]
    pub(crate) topic_arn: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookSection {
    pub(crate) url: String,
    /// The variable `WEIR_WEBHOOK_SECRET_<NAME>` does as well.
    pub(crate) secret_file: Option<PathBuf>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ChatSection {
    /// A file that holds the URL, which is a secret. The variable `WEIR_CHAT_URL_<NAME>` does as well.
    pub(crate) url_file: Option<PathBuf>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RouteSection {
    #[serde(default, deserialize_with = "kinds")]
    pub(crate) events: Vec<Kind>,
    #[serde(default = "info", deserialize_with = "value::parsed")]
    pub(crate) severity: Severity,
    #[serde(deserialize_with = "value::parsed")]
    pub(crate) audience: Audience,
    pub(crate) channels: Vec<String>,
}

const fn info() -> Severity {
    Severity::Info
}

fn language<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Language>, D::Error> {
    value::parsed(from).map(Some)
}

fn sender<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Sender>, D::Error> {
    let text = String::deserialize(from)?;
    Sender::parse(&text).map(Some).map_err(D::Error::custom)
}

fn addresses<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let addresses = Vec::<String>::deserialize(from)?;
    match addresses.iter().find(|address| !is_address(address)) {
        Some(bad) => Err(D::Error::custom(format!(
            "`{bad}` is not an address: write ops@example.com"
        ))),
        None => Ok(addresses),
    }
}

fn topic<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let arn = String::deserialize(from)?;
    let parts: Vec<_> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "sns", _, account, name] if value::is_account(account) && !name.is_empty() => {
            Ok(arn)
        }
        _ => Err(D::Error::custom(format!(
            "`{arn}` is not a topic: write arn:aws:sns:eu-west-1:111122223333:weir"
        ))),
    }
}

fn kinds<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Kind>, D::Error> {
    let words = Vec::<String>::deserialize(from)?;
    words
        .iter()
        .map(|word| word.parse().map_err(D::Error::custom))
        .collect()
}

/// Names that can be part of a variable's name.
fn named<'de, D, T>(from: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let map = BTreeMap::<String, T>::deserialize(from)?;
    let fits = |name: &String| {
        (1..=32).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    match map.keys().find(|name| !fits(name)) {
        Some(bad) => Err(D::Error::custom(format!(
            "`{bad}` is not a name of a channel: 1 to 32 of a-z, 0-9 and -"
        ))),
        None => Ok(map),
    }
}
