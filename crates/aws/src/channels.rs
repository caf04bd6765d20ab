//! From the configuration to channels.

use std::sync::Arc;

use aws_config::{Region, SdkConfig};
use weir_core::message::Reach;
use weir_engine::clock::Clock;
use weir_engine::ports::{Channel, Way};

use crate::alerts_chat::ChatAlerts;
use crate::alerts_sns::SnsAlerts;
use crate::alerts_webhook::WebhookAlerts;
use crate::config::{self, AwsSettings};
use crate::http::http_client;
use crate::mail_form::Sender;
use crate::mail_ses::SesMail;
use crate::mail_smtp::{SmtpMail, SmtpSettings};
use weir_core::secret::Secret;

/// What of the configuration concerns channels: `notify.*`.
#[derive(Clone, Debug, Default)]
pub struct ChannelSettings {
    /// Who sends mail.
    pub from: Option<Sender>,
    /// Mail through an SMTP server.
    pub smtp: Option<SmtpSettings>,
    /// Mail through Amazon SES.
    pub ses: Option<SesSettings>,
    /// The ARN of an SNS topic.
    pub sns: Option<String>,
    /// Webhooks by name.
    pub webhooks: Vec<WebhookSettings>,
    /// Chats by name.
    pub chats: Vec<ChatSettings>,
}

/// `notify.ses`.
#[derive(Clone, Debug, Default)]
pub struct SesSettings {
    /// Another Region than the environment says.
    pub region: Option<String>,
    /// The configuration set that mails are sent with.
    pub configuration_set: Option<String>,
}

/// `notify.webhooks.NAME`.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// The name.
    pub name: String,
    /// Where to post.
    pub url: Secret,
    /// What to sign with.
    pub secret: Secret,
}

/// `notify.chats.NAME`.
#[derive(Clone, Debug)]
pub struct ChatSettings {
    /// The name.
    pub name: String,
    /// Where to post: whoever has it may.
    pub url: Secret,
}

/// A channel cannot be made of its settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("channel {channel}: {why}")]
pub struct BadChannel {
    /// Which.
    pub channel: String,
    /// What is wrong with it.
    pub why: String,
}

impl ChannelSettings {
    /// The names of all channels, and what each is good for.
    pub fn names(&self) -> Vec<(String, Reach)> {
        let mut names = Vec::new();
        let mut add = |name: String, reach| names.push((name, reach));
        if self.smtp.is_some() {
            add("smtp".to_owned(), Reach::Personal);
        }
        if self.ses.is_some() {
            add("ses".to_owned(), Reach::Personal);
        }
        if self.sns.is_some() {
            add("sns".to_owned(), Reach::Broadcast);
        }
        for webhook in &self.webhooks {
            add(format!("webhook.{}", webhook.name), Reach::Broadcast);
        }
        for chat in &self.chats {
            add(format!("chat.{}", chat.name), Reach::Broadcast);
        }
        names
    }
}

/// Makes every channel. Connects to none.
pub async fn channels(
    settings: ChannelSettings,
    aws: &AwsSettings,
    clock: &Arc<dyn Clock>,
) -> Result<Vec<Channel>, BadChannel> {
    let needs_aws = settings.ses.is_some() || settings.sns.is_some();
    let config = if needs_aws {
        Some(config::load(aws).await)
    } else {
        None
    };
    channels_over(settings, config.as_ref(), clock)
}

/// The same with a configuration of AWS that is there already.
pub fn channels_over(
    settings: ChannelSettings,
    config: Option<&SdkConfig>,
    clock: &Arc<dyn Clock>,
) -> Result<Vec<Channel>, BadChannel> {
    let ChannelSettings {
        from,
        smtp,
        ses,
        sns,
        webhooks,
        chats,
    } = settings;
    let mut channels = Vec::new();
    let mut add = |name: &str, way| {
        channels.push(Channel {
            name: name.to_owned(),
            way,
        });
    };
    if let Some(smtp) = smtp {
        let mail = SmtpMail::new(smtp, sender(from.as_ref(), "smtp")?)
            .map_err(|error| bad("smtp", error.to_string()))?;
        add("smtp", Way::Mail(Arc::new(mail)));
    }
    if let (Some(ses), Some(config)) = (ses, config) {
        let config = match ses.region {
            Some(region) => config.to_builder().region(Region::new(region)).build(),
            None => config.clone(),
        };
        let mail = SesMail::over(
            &config,
            sender(from.as_ref(), "ses")?,
            ses.configuration_set,
        );
        add("ses", Way::Mail(Arc::new(mail)));
    }
    if let (Some(topic), Some(config)) = (sns, config) {
        add(
            "sns",
            Way::Alerts(Arc::new(SnsAlerts::over(config, &topic))),
        );
    }
    if webhooks.is_empty() && chats.is_empty() {
        return Ok(channels);
    }
    let client = http_client().map_err(|why| bad("webhooks and chats", why))?;
    for WebhookSettings { name, url, secret } in webhooks {
        let channel = format!("webhook.{name}");
        let clock = Arc::clone(clock);
        let alerts = WebhookAlerts::new(&name, url, &secret, client.clone(), clock)
            .map_err(|why| bad(&channel, why))?;
        add(&channel, Way::Alerts(Arc::new(alerts)));
    }
    for ChatSettings { name, url } in chats {
        let alerts = ChatAlerts::new(&name, url, client.clone());
        add(&format!("chat.{name}"), Way::Alerts(Arc::new(alerts)));
    }
    Ok(channels)
}

fn sender(from: Option<&Sender>, channel: &str) -> Result<Sender, BadChannel> {
    from.cloned().ok_or_else(|| {
        bad(
            channel,
            "notify.from says who sends, and is missing".to_owned(),
        )
    })
}

fn bad(channel: &str, why: String) -> BadChannel {
    BadChannel {
        channel: channel.to_owned(),
        why,
    }
}
