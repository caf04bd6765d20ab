//! Alerts through an SNS topic (rules N6).

use async_trait::async_trait;
use aws_config::{Region, SdkConfig};
use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;
use weir_core::message::{Message, fingerprint};
use weir_engine::notify::Letter;
use weir_engine::ports::{Alerts, EffectError, EffectErrorKind};

use crate::error::classify;

/// SNS takes fewer than 100 characters of ASCII.
const LONGEST_SUBJECT: usize = 99;

/// Publishes to a topic.
pub(crate) struct SnsAlerts {
    client: Client,
    topic_arn: String,
}

impl SnsAlerts {
    /// With these credentials, in the Region of the topic.
    pub(crate) fn over(config: &SdkConfig, topic_arn: &str) -> Self {
        let region = topic_arn.split(':').nth(3).filter(|part| !part.is_empty());
        let mut builder = aws_sdk_sns::config::Builder::from(config);
        if let Some(region) = region {
            builder = builder.region(Region::new(region.to_owned()));
        }
        Self {
            client: Client::from_conf(builder.build()),
            topic_arn: topic_arn.to_owned(),
        }
    }
}

#[async_trait]
impl Alerts for SnsAlerts {
    async fn publish(&self, message: &Message, letter: &Letter) -> Result<(), EffectError> {
        let what = format!("Publish {}", self.topic_arn);
        let mut request = self
            .client
            .publish()
            .topic_arn(&self.topic_arn)
            .subject(subject(&letter.notice))
            .message(message.to_json().to_string());
        let kind = message.kind();
        let attributes = [
            ("event_type", Some(kind.as_str())),
            ("severity", Some(kind.severity().as_str())),
            (
                "user_id",
                message.about.user().map(weir_core::ids::UserId::as_str),
            ),
            (
                "team",
                message.about.team().map(weir_core::ids::TeamId::as_str),
            ),
        ];
        for (name, value) in attributes {
            // SNS refuses an attribute that is empty.
            let Some(value) = value.filter(|value| !value.is_empty()) else {
                continue;
            };
            let attribute = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build()
                .map_err(|error| {
                    EffectError::new(EffectErrorKind::Refused, &what, error.to_string())
                })?;
            request = request.message_attributes(name, attribute);
        }
        if self.topic_arn.strip_suffix(".fifo").is_some() {
            request = request
                .message_group_id(fingerprint(&message.about.subject()))
                .message_deduplication_id(fingerprint(&message.id()));
        }
        request
            .send()
            .await
            .map(|_| ())
            .map_err(|error| classify(what, &error))
    }
}

/// A subject that SNS takes: ASCII that begins with a letter, without control characters.
fn subject(notice: &str) -> String {
    let mut out = String::from("Weir: ");
    for c in notice.chars() {
        let plain = match c {
            ' '..='~' => c,
            'á' | 'à' | 'â' | 'ä' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'í' | 'ì' | 'î' | 'ï' => 'i',
            'ó' | 'ò' | 'ô' | 'ö' => 'o',
            'ú' | 'ù' | 'û' | 'ü' => 'u',
            'ñ' => 'n',
            'Á' => 'A',
            'É' => 'E',
            'Í' => 'I',
            'Ó' => 'O',
            'Ú' => 'U',
            'Ñ' => 'N',
            '«' | '»' | '“' | '”' => '"',
            '\u{a0}' => ' ',
            _ => '?',
        };
        out.push(plain);
    }
    if out.len() > LONGEST_SUBJECT {
        out.truncate(LONGEST_SUBJECT - 3);
        out.push_str("...");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::subject;

    #[test]
    fn a_subject_is_short_ascii() {
        assert_eq!(
            subject("ana: 80\u{a0}% de peticiones al día «x» 日"),
            "Weir: ana: 80 % de peticiones al dia \"x\" ?"
        );
        let long = subject(&"ñ".repeat(300));
        assert!(long.len() == 99 && long.is_ascii() && long.ends_with("n..."));
    }
}
