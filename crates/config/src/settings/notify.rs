//! `[notify]`: what it means, with its secrets found.

use std::path::Path;

use weir_aws::{
    ChannelSettings, ChatSettings, Secret, SesSettings, SmtpSecurity, SmtpSettings, WebhookSettings,
};
use weir_core::message::{Audience, Reach, Route, default_routes};
use weir_engine::notify::Language;

use crate::environment::Environment;
use crate::error::StartError;
use crate::sections::{ConfigFile, SecurityWord, SmtpSection};

/// How people are told.
#[derive(Clone, Debug)]
pub struct NotifySettings {
    /// The language of messages to people whose language is not known.
    pub language: Language,
    /// Whom people may ask.
    pub contact: Option<String>,
    /// The addresses of the administrators.
    pub admins: Vec<String>,
    /// How to reach people.
    pub channels: ChannelSettings,
    /// Who hears of what through which channel.
    pub routes: Vec<Route>,
    /// What works and should not be left so.
    pub warnings: Vec<String>,
}

const SMTP_PASSWORD: &str = "WEIR_SMTP_PASSWORD";
const WEBHOOK_SECRET: &str = "WEIR_WEBHOOK_SECRET_";
const CHAT_URL: &str = "WEIR_CHAT_URL_";

impl NotifySettings {
    pub(super) fn resolve(
        file: &ConfigFile,
        environment: &Environment,
    ) -> Result<Self, StartError> {
        let section = &file.config.notify;
        let finder = Finder { file, environment };
        let mut warnings = Vec::new();
        let channels = ChannelSettings {
            from: section.from.clone(),
            smtp: match &section.smtp {
                Some(smtp) => Some(finder.smtp(smtp, &mut warnings)?),
                None => None,
            },
            ses: section.ses.clone().map(|ses| SesSettings {
                region: ses.region,
                configuration_set: ses.configuration_set,
            }),
            sns: section.sns.as_ref().map(|sns| sns.topic_arn.clone()),
            webhooks: finder.webhooks()?,
            chats: finder.chats()?,
        };
        let sends_mail = channels.smtp.is_some() || channels.ses.is_some();
        if sends_mail && channels.from.is_none() {
            return Err(finder.wrong(
                "notify",
                "notify.from is missing: who sends, as in from = \"Weir <weir@example.com>\"",
            ));
        }
        let routes = finder.routes(&channels)?;
        Ok(Self {
            language: section.language.unwrap_or_default(),
            contact: section.contact.clone(),
            admins: section.admins.clone(),
            channels,
            routes,
            warnings,
        })
    }
}

/// Finds secrets and names the places of what is wrong.
struct Finder<'a> {
    file: &'a ConfigFile,
    environment: &'a Environment,
}

impl Finder<'_> {
    fn wrong(&self, key: &str, why: &str) -> StartError {
        let place = self.file.place(key).unwrap_or_else(|| key.to_owned());
        StartError::Wrong(format!("{place}: {why}"))
    }

    /// A file's text without the line break at its end, or the variable.
    fn secret(
        &self,
        key: &str,
        path: Option<&Path>,
        variable: &str,
    ) -> Result<Option<String>, StartError> {
        if let Some(value) = self.environment.secrets.get(variable) {
            return Ok(Some(value.trim_end().to_owned()));
        }
        let Some(path) = path else { return Ok(None) };
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Some(text.trim_end().to_owned())),
            Err(error) => {
                Err(self.wrong(key, &format!("cannot read `{}`: {error}", path.display())))
            }
        }
    }

    fn smtp(
        &self,
        smtp: &SmtpSection,
        warnings: &mut Vec<String>,
    ) -> Result<SmtpSettings, StartError> {
        let SmtpSection {
            host,
            port,
            security,
            user,
            password_file,
            password,
            ca_file,
        } = smtp;
        let mut found = self.secret(
            "notify.smtp.password_file",
            password_file.as_deref(),
            SMTP_PASSWORD,
        )?;
        if let (None, Some(clear)) = (&found, password) {
            let place = self.file.place("notify.smtp.password").unwrap_or_default();
            warnings.push(format!(
                "{place}: a password in clear: use password_file or {SMTP_PASSWORD} instead"
            ));
            found = Some(clear.clone());
        }
        let login = match (user, found) {
            (Some(user), Some(password)) => Some((user.clone(), Secret::new(password))),
            (Some(_), None) => {
                let why = format!("user has no password: set password_file or {SMTP_PASSWORD}");
                return Err(self.wrong("notify.smtp.user", &why));
            }
            (None, _) => None,
        };
        let (security, usual) = match security {
            SecurityWord::StartTls => (SmtpSecurity::StartTls, 587),
            SecurityWord::Tls => (SmtpSecurity::Tls, 465),
            SecurityWord::None if is_here(host) => (SmtpSecurity::Plain, 25),
            SecurityWord::None => {
                let why = "without TLS only to 127.0.0.1, ::1 or localhost: use starttls or tls";
                return Err(self.wrong("notify.smtp.security", why));
            }
        };
        let authority = match ca_file {
            Some(path) => Some(std::fs::read(path).map_err(|error| {
                let why = format!("cannot read `{}`: {error}", path.display());
                self.wrong("notify.smtp.ca_file", &why)
            })?),
            None => None,
        };
        Ok(SmtpSettings {
            host: host.clone(),
            port: port.unwrap_or(usual),
            security,
            login,
            authority,
        })
    }

    fn webhooks(&self) -> Result<Vec<WebhookSettings>, StartError> {
        let mut webhooks = Vec::new();
        for (name, webhook) in &self.file.config.notify.webhooks {
            let key = format!("notify.webhooks.{name}");
            let variable = variable(WEBHOOK_SECRET, name);
            let path = webhook.secret_file.as_deref();
            let secret = self.secret(&format!("{key}.secret_file"), path, &variable)?;
            let secret = secret.ok_or_else(|| {
                self.wrong(
                    &key,
                    &format!("no secret to sign with: set secret_file or {variable}"),
                )
            })?;
            self.check_url(&format!("{key}.url"), &webhook.url)?;
            webhooks.push(WebhookSettings {
                name: name.clone(),
                url: Secret::new(&webhook.url),
                secret: Secret::new(secret),
            });
        }
        Ok(webhooks)
    }

    fn chats(&self) -> Result<Vec<ChatSettings>, StartError> {
        let mut chats = Vec::new();
        for (name, chat) in &self.file.config.notify.chats {
            let key = format!("notify.chats.{name}");
            let variable = variable(CHAT_URL, name);
            let path = chat.url_file.as_deref();
            let url = self.secret(&format!("{key}.url_file"), path, &variable)?;
            let url = url.ok_or_else(|| {
                self.wrong(
                    &key,
                    &format!("no URL to post to: set url_file or {variable}"),
                )
            })?;
            self.check_url(&key, &url)?;
            chats.push(ChatSettings {
                name: name.clone(),
                url: Secret::new(url),
            });
        }
        Ok(chats)
    }

    /// What leaves names people: it leaves by TLS, or stays on this machine.
    fn check_url(&self, key: &str, url: &str) -> Result<(), StartError> {
        let is_here = url.strip_prefix("http://").is_some_and(|rest| {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let host = match authority.rsplit_once(':') {
                Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
                _ => authority,
            };
            is_here(host)
        });
        if is_here || url.starts_with("https://") {
            Ok(())
        } else {
            Err(self.wrong(
                key,
                "a URL that begins with https:// (http:// only to 127.0.0.1)",
            ))
        }
    }

    fn routes(&self, channels: &ChannelSettings) -> Result<Vec<Route>, StartError> {
        let names = channels.names();
        let Some(sections) = &self.file.config.notify.routes else {
            return Ok(default_routes(&names));
        };
        let mut routes = Vec::new();
        for section in sections {
            for wanted in &section.channels {
                let known = names.iter().find(|(name, _)| name == wanted);
                let Some((_, reach)) = known else {
                    let all: Vec<_> = names.iter().map(|(name, _)| name.as_str()).collect();
                    let why = format!(
                        "there is no channel `{wanted}`; there are: {}",
                        all.join(", ")
                    );
                    return Err(self.wrong("notify.routes", &why));
                };
                if *reach == Reach::Broadcast && section.audience != Audience::Admins {
                    let why = format!(
                        "`{wanted}` reaches whoever listens, so it is for the audience admins only"
                    );
                    return Err(self.wrong("notify.routes", &why));
                }
            }
            routes.push(Route {
                events: section.events.clone(),
                at_least: section.severity,
                audience: section.audience,
                channels: section.channels.clone(),
            });
        }
        Ok(routes)
    }
}

/// `WEIR_CHAT_URL_OPS_TEAM` of `ops-team`.
fn variable(prefix: &str, name: &str) -> String {
    format!("{prefix}{}", name.replace('-', "_").to_uppercase())
}

/// Whether a host is this machine.
fn is_here(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "::1" | "[::1]")
}
