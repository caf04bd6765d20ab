//! `[retention]`

use jiff::SignedDuration;
use serde::Deserialize;
use weir_core::reset::Retention;

use super::value;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RetentionSection {
    /// How long invocations are kept, after the call.
    #[serde(deserialize_with = "value::term")]
    pub(crate) invocations: Option<SignedDuration>,
    /// How long source IP, user agent and error text are kept.
    #[serde(deserialize_with = "value::term")]
    pub(crate) client_facts: Option<SignedDuration>,
    /// How long what could not be read is kept.
    #[serde(deserialize_with = "value::term")]
    pub(crate) dead_letters: Option<SignedDuration>,
    /// How long what was sent is kept.
    #[serde(deserialize_with = "value::term")]
    pub(crate) outbox: Option<SignedDuration>,
    /// How long the record of everything is kept.
    #[serde(deserialize_with = "value::term_of_record")]
    pub(crate) audit: Option<SignedDuration>,
}

impl RetentionSection {
    /// With the defaults for what is not said.
    pub(crate) fn settings(&self) -> Retention {
        let usual = Retention::default();
        Retention {
            invocations: self.invocations.unwrap_or(usual.invocations),
            client_facts: self.client_facts.unwrap_or(usual.client_facts),
            dead_letters: self.dead_letters.unwrap_or(usual.dead_letters),
            outbox: self.outbox.unwrap_or(usual.outbox),
            audit: self.audit.unwrap_or(usual.audit),
        }
    }
}
