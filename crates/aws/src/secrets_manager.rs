//! The login of a database, out of Secrets Manager in the form that RDS keeps it in.

use std::fmt;
use std::sync::Arc;

use aws_config::retry::RetryConfig;
use aws_config::{Region, SdkConfig};
use aws_sdk_secretsmanager::Client;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::Mutex;
use weir_engine::clock::Clock;
use weir_engine::ports::{EffectError, EffectErrorKind};

use crate::error::classify;
use weir_core::secret::Secret;

/// A login that was refused is not read again sooner: many connections are refused at once.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// What a secret says of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseLogin {
    /// Who logs in.
    pub user: String,
    /// With what.
    pub password: Secret,
    /// The server; not in the secrets that RDS manages itself.
    pub host: Option<String>,
    /// Its port.
    pub port: Option<u16>,
    /// The database.
    pub name: Option<String>,
}

/// A secret that is read when it is needed first, and again when what it said is refused: it rotates.
pub struct DatabaseSecret {
    client: Client,
    arn: String,
    clock: Arc<dyn Clock>,
    read: Mutex<Option<(Timestamp, DatabaseLogin)>>,
}

impl DatabaseSecret {
    /// The secret of that ARN or name, in the Region that the ARN names.
    pub fn new(config: &SdkConfig, arn: &str, clock: Arc<dyn Clock>) -> Self {
        let mut builder = aws_sdk_secretsmanager::config::Builder::from(config)
            .retry_config(RetryConfig::standard());
        if let Some(region) = region_in(arn) {
            builder = builder.region(Region::new(region.to_owned()));
        }
        Self {
            client: Client::from_conf(builder.build()),
            arn: arn.to_owned(),
            clock,
            read: Mutex::new(None),
        }
    }

    /// What the secret says; `refused` if the database did not take what it said before.
    pub async fn login(&self, refused: bool) -> Result<DatabaseLogin, EffectError> {
        let mut read = self.read.lock().await;
        let now = self.clock.now();
        if let Some((at, login)) = &*read
            && (!refused || now.duration_since(*at) < PAUSE)
        {
            return Ok(login.clone());
        }
        let login = self.fetch().await?;
        *read = Some((now, login.clone()));
        Ok(login)
    }

    async fn fetch(&self) -> Result<DatabaseLogin, EffectError> {
        let what = || format!("GetSecretValue {}", self.arn);
        let answer = self
            .client
            .get_secret_value()
            .secret_id(&self.arn)
            .send()
            .await
            .map_err(|error| classify(what(), &error))?;
        let text = answer.secret_string.unwrap_or_default();
        parse(&text).map_err(|why| EffectError::new(EffectErrorKind::Refused, what(), why))
    }
}

impl fmt::Debug for DatabaseSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseSecret")
            .field("arn", &self.arn)
            .finish_non_exhaustive()
    }
}

fn region_in(arn: &str) -> Option<&str> {
    let mut parts = arn.split(':');
    let is_ours = parts.next() == Some("arn") && parts.nth(1) == Some("secretsmanager");
    parts.next().filter(|region| is_ours && !region.is_empty())
}

/// Reads `{"username": …, "password": …, "host": …, "port": …, "dbname": …}`; an error names the
/// field, never what is in it.
fn parse(text: &str) -> Result<DatabaseLogin, String> {
    let Ok(Value::Object(secret)) = serde_json::from_str(text) else {
        return Err(
            "the secret is not a JSON object: it needs `username` and `password`, as RDS writes them"
                .to_owned(),
        );
    };
    let text = |name: &str| secret.get(name).and_then(Value::as_str).map(str::to_owned);
    let needed = |name: &str| text(name).ok_or_else(|| format!("the secret has no text `{name}`"));
    let port = match secret.get("port") {
        None | Some(Value::Null) => None,
        // Some tools write it in quotes.
        Some(Value::String(text)) => Some(text.parse().ok()),
        Some(other) => Some(other.as_u64().and_then(|port| u16::try_from(port).ok())),
    };
    Ok(DatabaseLogin {
        user: needed("username")?,
        password: Secret::new(needed("password")?),
        host: text("host"),
        port: match port {
            Some(None) => return Err("`port` of the secret is not a port".to_owned()),
            Some(port) => port,
            None => None,
        },
        name: text("dbname"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_as_rds_and_people_write_it() {
        let managed = parse(r#"{"username":"weir","password":"p"}"#).unwrap();
        assert_eq!(managed.user, "weir");
        assert_eq!(
            (managed.host, managed.port, managed.name),
            (None, None, None)
        );
        for port in ["3307", "\"3307\""] {
            let text = format!(
                r#"{{"username":"weir","password":"p","host":"db","port":{port},"dbname":"w","engine":"mysql"}}"#
            );
            let attached = parse(&text).unwrap();
            assert_eq!(attached.host.as_deref(), Some("db"));
            assert_eq!(attached.port, Some(3307));
            assert_eq!(attached.name.as_deref(), Some("w"));
        }
    }

    #[test]
    fn a_bad_secret_is_named_and_never_shown() {
        for (text, want) in [
            ("", "is not a JSON object"),
            ("hunter2", "is not a JSON object"),
            ("[\"hunter2\"]", "is not a JSON object"),
            (r#"{"username":"hunter2"}"#, "no text `password`"),
            (r#"{"password":"hunter2"}"#, "no text `username`"),
            (r#"{"username":"w","password":12}"#, "no text `password`"),
            (
                r#"{"username":"w","password":"hunter2","port":70000}"#,
                "`port` of the secret is not a port",
            ),
            (
                r#"{"username":"w","password":"hunter2","port":"hunter2"}"#,
                "`port` of the secret is not a port",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(want), "{text}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn an_arn_says_its_region() {
        for (arn, want) in [
            (
                "arn:aws:secretsmanager:eu-south-2:111122223333:secret:weir-AbCdEf",
                Some("eu-south-2"),
            ),
            ("arn:aws:iam::111122223333:role/x", None),
            ("weir/database", None),
        ] {
            assert_eq!(region_in(arn), want, "{arn}");
        }
    }
}
