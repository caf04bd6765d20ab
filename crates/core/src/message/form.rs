//! The JSON form of a message: what the outbox keeps and what SNS and webhooks deliver.

use std::fmt::Display;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{About, Message, News, Quoted};
use crate::calendar::{Window, WindowKind};
use crate::ids::{TeamId, UserId};
use crate::money::Usd;
use crate::quota::Metric;

/// A text is not a message.
#[derive(Debug, thiserror::Error)]
#[error("not a message of Weir")]
pub struct Unreadable(#[from] serde_json::Error);

#[derive(Serialize, Deserialize)]
struct MessageForm {
    id: String,
    severity: String,
    #[serde(with = "text")]
    at: Timestamp,
    subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    team: Option<TeamId>,
    #[serde(flatten)]
    news: News,
}

#[derive(Serialize, Deserialize)]
pub(super) struct QuotedForm {
    scope: String,
    metric: String,
    window: String,
    window_key: String,
    used: Amount,
    limit: Amount,
    #[serde(default)]
    percent: u32,
}

/// A count, or exact decimal dollars.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Amount {
    Count(i64),
    Usd(String),
}

impl Message {
    /// One JSON object: `id`, `severity`, `at`, `subject`, `user_id`, `team`, `event_type`, `facts`.
    pub fn to_json(&self) -> serde_json::Value {
        let Self { about, at, news } = self;
        let form = MessageForm {
            id: self.id(),
            severity: self.kind().severity().as_str().to_owned(),
            at: *at,
            subject: about.subject(),
            user_id: about.user().cloned(),
            team: about.team().cloned(),
            news: news.clone(),
        };
        // Maps with text keys, numbers and text: nothing in it can fail to be JSON.
        serde_json::to_value(form).unwrap_or_default()
    }

    /// Reads what [`Message::to_json`] wrote. Id and severity follow from the rest and are not read.
    pub fn from_json(text: &str) -> Result<Self, Unreadable> {
        let MessageForm {
            id: _,
            severity: _,
            at,
            subject,
            user_id,
            team,
            news,
        } = serde_json::from_str(text)?;
        let about = match (user_id, team) {
            (Some(user), team) => About::User { user, team },
            (None, Some(team)) => About::Team(team),
            (None, None) if subject == "organisation" => About::Organisation,
            (None, None) => About::Weir,
        };
        Ok(Self { about, at, news })
    }
}

impl From<Quoted> for QuotedForm {
    fn from(quoted: Quoted) -> Self {
        let percent = quoted.percent();
        let Quoted {
            scope,
            metric,
            window,
            used,
            limit,
        } = quoted;
        let amount = |n: i64| match metric {
            Metric::Cost => Amount::Usd(Usd::from_nanos(n).to_decimal()),
            Metric::Requests | Metric::Tokens | Metric::TokensAll => Amount::Count(n),
        };
        Self {
            scope: scope.to_string(),
            metric: metric.to_string(),
            window: window.kind().to_string(),
            window_key: window.to_string(),
            used: amount(used),
            limit: amount(limit),
            percent,
        }
    }
}

impl TryFrom<QuotedForm> for Quoted {
    type Error = String;

    fn try_from(form: QuotedForm) -> Result<Self, String> {
        let QuotedForm {
            scope,
            metric,
            window,
            window_key,
            used,
            limit,
            percent: _,
        } = form;
        let metric: Metric = metric.parse()?;
        let amount = |amount: Amount| match (metric, amount) {
            (Metric::Cost, Amount::Usd(text)) => text
                .parse()
                .map(Usd::nanos)
                .map_err(|error| error.to_string()),
            (Metric::Requests | Metric::Tokens | Metric::TokensAll, Amount::Count(n)) => Ok(n),
            (metric, _) => Err(format!("`{metric}` has an amount of another kind")),
        };
        let kind: WindowKind = window.parse()?;
        Ok(Self {
            scope: scope.parse()?,
            metric,
            window: Window::parse(kind, &window_key)
                .ok_or_else(|| format!("`{window_key}` is not a {kind}"))?,
            used: amount(used)?,
            limit: amount(limit)?,
        })
    }
}

/// Values that are written as their text.
pub(crate) mod text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::{Display, FromStr};

    pub(crate) fn serialize<S: Serializer>(value: &impl Display, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(crate) fn deserialize<'de, D, T>(from: D) -> Result<T, D::Error>
    where
        D: Deserializer<'de>,
        T: FromStr<Err: Display>,
    {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// An end: RFC 3339, or `null` for indefinite.
pub(super) mod until {
    use serde::{Deserializer, Serializer};

    use super::maybe;
    use crate::block::Until;

    pub(in super::super) fn serialize<S: Serializer>(
        until: &Until,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        maybe::serialize(&until.instant(), to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Until, D::Error> {
        maybe::deserialize(from).map(Until::from_instant)
    }
}

/// An instant, or `null`.
pub(super) mod maybe {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::ref_option, reason = "the shape that serde asks for")]
    pub(in super::super) fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => to.collect_str(at),
            None => to.serialize_none(),
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Option::<String>::deserialize(from)?
            .map(|text| text.parse().map_err(D::Error::custom))
            .transpose()
    }
}

/// The class of a user, by its word.
pub(super) mod class {
    use serde::{Deserializer, Serializer};

    use super::text;
    use crate::rulebook::UserClass;

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the shape that serde asks for"
    )]
    pub(in super::super) fn serialize<S: Serializer>(
        class: &UserClass,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(class.as_str())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<UserClass, D::Error> {
        text::deserialize(from)
    }
}
