//! Alerts through a webhook: `CloudEvents` 1.0 in JSON, signed as Standard Webhooks say.

use std::fmt::Write as _;
use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use weir_core::message::Message;
use weir_engine::clock::Clock;
use weir_engine::notify::Letter;
use weir_engine::ports::{Alerts, EffectError};

use crate::http::{Post, post};
use weir_core::secret::Secret;

/// What a secret of Standard Webhooks begins with; what follows is base64.
const PREFIX: &str = "whsec_";

/// Posts events to a URL.
pub(crate) struct WebhookAlerts {
    name: String,
    url: Secret,
    key: hmac::Key,
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
}

impl WebhookAlerts {
    /// `secret` is `whsec_` and base64 of 24 to 64 bytes. The name is what errors call the webhook.
    pub(crate) fn new(
        name: &str,
        url: Secret,
        secret: &Secret,
        client: reqwest::Client,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, String> {
        Ok(Self {
            name: name.to_owned(),
            url,
            key: hmac::Key::new(hmac::HMAC_SHA256, &signing_key(secret)?),
            client,
            clock,
        })
    }
}

/// The key that a secret stands for.
fn signing_key(secret: &Secret) -> Result<Vec<u8>, String> {
    let wrong = || {
        format!(
            "a webhook's secret is `{PREFIX}` and base64 of 24 to 64 bytes: make one by \
                 echo {PREFIX}$(openssl rand -base64 32)"
        )
    };
    let encoded = secret
        .reveal()
        .trim()
        .strip_prefix(PREFIX)
        .ok_or_else(wrong)?;
    let key = BASE64_STANDARD.decode(encoded).map_err(|_| wrong())?;
    if (24..=64).contains(&key.len()) {
        Ok(key)
    } else {
        Err(wrong())
    }
}

#[async_trait]
impl Alerts for WebhookAlerts {
    async fn publish(&self, message: &Message, _: &Letter) -> Result<(), EffectError> {
        let id = message.id();
        let body = json!({
            "specversion": "1.0",
            "id": id,
            "source": "weir",
            "type": format!("weir.{}", message.kind()),
            "subject": message.about.subject(),
            "time": message.at.to_string(),
            "datacontenttype": "application/json",
            "data": message.to_json(),
        })
        .to_string();
        // A header holds no line break and no letters beyond ASCII, and receivers compare it with
        // the `id` of the body: whatever is neither is written as `%XX`.
        let header_id = ascii(&id);
        let at = self.clock.now().as_second().to_string();
        let tag = hmac::sign(&self.key, format!("{header_id}.{at}.{body}").as_bytes());
        let signature = format!("v1,{}", BASE64_STANDARD.encode(tag));
        post(
            &self.client,
            Post {
                what: format!("webhook {}", self.name),
                url: &self.url,
                content_type: "application/cloudevents+json; charset=utf-8",
                headers: &[
                    ("webhook-id", header_id),
                    ("webhook-timestamp", at),
                    ("webhook-signature", signature),
                ],
                body,
            },
        )
        .await
    }
}

fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_is_none_is_refused_without_being_shown() {
        for text in ["", "hunter2", "whsec_", "whsec_aHVudGVyMg==", "whsec_%%%"] {
            let error = signing_key(&Secret::new(text)).unwrap_err();
            assert!(
                error.contains("openssl") && !error.contains("hunter2"),
                "{error}"
            );
        }
        let good = format!("{PREFIX}{}", BASE64_STANDARD.encode([7; 32]));
        assert_eq!(
            signing_key(&Secret::new(format!("{good}\n"))),
            Ok(vec![7; 32])
        );
    }

    #[test]
    fn an_id_fits_a_header() {
        assert_eq!(
            ascii("blocked/user:josé 1%"),
            "blocked/user:jos%C3%A9%201%25"
        );
    }
}
