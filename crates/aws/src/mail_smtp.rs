//! Mail through an SMTP server: STARTTLS or TLS with verified certificates, login, connections that
//! are used again. The only file that names `lettre`'s transport.

use std::time::Duration;

use async_trait::async_trait;
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use weir_engine::notify::Letter;
use weir_engine::ports::{EffectError, EffectErrorKind, Mail};

use crate::mail_form::{Sender, mime};
use weir_core::secret::Secret;

/// How long a connection may take to open, and each answer of the server.
const STEP: Duration = Duration::from_secs(20);
/// How long one mail may take in all.
const WHOLE: Duration = Duration::from_mins(1);
/// Connections at once, and how long one is kept after its last mail.
const CONNECTIONS: u32 = 2;
const IDLE: Duration = Duration::from_secs(50);

/// `notify.smtp`.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// The server's name, which its certificate must bear.
    pub host: String,
    /// Usually 587 for STARTTLS, 465 for TLS.
    pub port: u16,
    /// How the connection is protected.
    pub security: SmtpSecurity,
    /// User and password; none for servers that ask for none.
    pub login: Option<(String, Secret)>,
    /// PEM of a certificate authority of one's own, trusted beside those of the system.
    pub authority: Option<Vec<u8>>,
}

/// `notify.smtp.security`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// Begins in clear and must go on in TLS before anything is said.
    #[default]
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// None: only to a server on this machine.
    Plain,
}

/// Sends mail through an SMTP server.
pub(crate) struct SmtpMail {
    sender: Sender,
    server: String,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl SmtpMail {
    /// Prepares the connection; opens none.
    pub(crate) fn new(settings: SmtpSettings, sender: Sender) -> Result<Self, EffectError> {
        let SmtpSettings {
            host,
            port,
            security,
            login,
            authority,
        } = settings;
        let server = format!("{host}:{port}");
        let bad = |error: lettre::transport::smtp::Error| {
            let what = format!("certificates for {server}");
            EffectError::new(EffectErrorKind::Denied, what, error.to_string())
        };
        let tls = || {
            let mut builder = TlsParameters::builder(host.clone());
            if let Some(pem) = &authority {
                builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(bad)?);
            }
            builder.build_rustls().map_err(bad)
        };
        let tls = match security {
            SmtpSecurity::StartTls => Tls::Required(tls()?),
            SmtpSecurity::Tls => Tls::Wrapper(tls()?),
            SmtpSecurity::Plain => Tls::None,
        };
        let pool = PoolConfig::new().max_size(CONNECTIONS).idle_timeout(IDLE);
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .tls(tls)
            .timeout(Some(STEP))
            .pool_config(pool);
        if let Some((user, password)) = login {
            builder = builder.credentials(Credentials::new(user, password.reveal().to_owned()));
        }
        Ok(Self {
            sender,
            transport: builder.build(),
            server,
        })
    }
}

#[async_trait]
impl Mail for SmtpMail {
    async fn send(&self, to: &str, id: &str, letter: &Letter) -> Result<(), EffectError> {
        let what = format!("mail through {}", self.server);
        let (envelope, bytes) = mime(&self.sender, to, id, letter)
            .map_err(|why| EffectError::new(EffectErrorKind::Refused, &what, why))?;
        let sending = self.transport.send_raw(&envelope, &bytes);
        match tokio::time::timeout(WHOLE, sending).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(EffectError::new(kind_of(&error), what, told(&error))),
            Err(_) => {
                let why = format!("no answer within {} s", WHOLE.as_secs());
                Err(EffectError::new(EffectErrorKind::Retry, what, why))
            }
        }
    }
}

/// What to do about an error: an address that is refused is hopeless; a login, a certificate, a sender or a
/// limit of the day that is refused needs an administrator or time; everything else may pass.
fn kind_of(error: &lettre::transport::smtp::Error) -> EffectErrorKind {
    let code = error.status().map(u16::from);
    match code {
        Some(code @ 500..) if is_about_the_address(code, &error.to_string()) => {
            EffectErrorKind::Refused
        }
        Some(500..) => EffectErrorKind::Denied,
        None if error.is_tls() || error.is_client() || is_distrusted(error) => {
            EffectErrorKind::Denied
        }
        _ => EffectErrorKind::Retry,
    }
}

/// Whether an answer says that the address takes no mail: `5.1.x` of RFC 3463, or, where no such code is given,
/// the three codes that are about mailboxes.
fn is_about_the_address(code: u16, text: &str) -> bool {
    let mut words = text.split_whitespace();
    let enhanced = words.find(|word| {
        let parts: Vec<&str> = word.split('.').collect();
        let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
        parts.len() == 3 && parts[0] == "5" && parts.iter().all(is_number)
    });
    match enhanced {
        // 5.1.7 and 5.1.8 are about the sender.
        Some(word) => word.starts_with("5.1.") && !["5.1.7", "5.1.8"].contains(&word),
        None => matches!(code, 550 | 551 | 553),
    }
}

/// Whether the server's certificate was refused: the TLS library reports that as data that is not
/// what it should be, while the connection itself was there.
fn is_distrusted(error: &lettre::transport::smtp::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let io = inner.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::InvalidData) {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// The error with its cause, in one line.
fn told(error: &lettre::transport::smtp::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = inner.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
