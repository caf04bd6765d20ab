//! Mail through Amazon SES, version 2 of its API.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Destination, EmailContent, RawMessage};
use weir_engine::notify::Letter;
use weir_engine::ports::{EffectError, EffectErrorKind, Mail};

use crate::error::classify;
use crate::mail_form::{Sender, mime};

/// Sends mail through SES.
pub(crate) struct SesMail {
    client: Client,
    sender: Sender,
    configuration_set: Option<String>,
}

impl SesMail {
    /// With these credentials, in their Region.
    pub(crate) fn over(
        config: &SdkConfig,
        sender: Sender,
        configuration_set: Option<String>,
    ) -> Self {
        Self {
            client: Client::new(config),
            sender,
            configuration_set,
        }
    }
}

#[async_trait]
impl Mail for SesMail {
    async fn send(&self, to: &str, id: &str, letter: &Letter) -> Result<(), EffectError> {
        const WHAT: &str = "SendEmail";
        // The same bytes as through SMTP: SES keeps our headers, except that it gives the mail an
        // id of its own.
        let (_, bytes) = mime(&self.sender, to, id, letter)
            .map_err(|why| EffectError::new(EffectErrorKind::Refused, WHAT, why))?;
        let refused = |why: &dyn std::fmt::Display| {
            EffectError::new(EffectErrorKind::Refused, WHAT, why.to_string())
        };
        let raw = RawMessage::builder()
            .data(Blob::new(bytes))
            .build()
            .map_err(|error| refused(&error))?;
        self.client
            .send_email()
            .from_email_address(self.sender.address())
            .destination(Destination::builder().to_addresses(to).build())
            .content(EmailContent::builder().raw(raw).build())
            .set_configuration_set_name(self.configuration_set.clone())
            .send()
            .await
            .map(|_| ())
            .map_err(|error| classify(WHAT, &error))
    }
}
