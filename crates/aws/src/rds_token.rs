//! Logging in to RDS without a password: a request that is signed and never sent is the token.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sts::config::{Credentials, ProvideCredentials};
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::Mutex;
use weir_engine::clock::Clock;
use weir_engine::ports::{EffectError, EffectErrorKind};

use weir_core::secret::Secret;

/// How long RDS takes a token for a new connection. Connections outlive it.
const LIFE: Duration = Duration::from_mins(15);
/// How long one is used here: the last connection made with it still has time.
const USED: SignedDuration = SignedDuration::from_mins(10);
/// What a query may hold as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Tokens for one user of one database server.
pub struct DatabaseToken {
    config: SdkConfig,
    server: (String, u16),
    user: String,
    clock: Arc<dyn Clock>,
    made: Mutex<Option<(Timestamp, Secret)>>,
}

impl DatabaseToken {
    /// Tokens for `user` at a server, in the Region that its name tells, else in ours.
    pub fn new(
        config: SdkConfig,
        (host, port): (&str, u16),
        user: &str,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            config,
            server: (host.to_owned(), port),
            user: user.to_owned(),
            clock,
            made: Mutex::new(None),
        }
    }

    /// A token for a new connection; `refused` if the server did not take the last one.
    pub async fn token(&self, refused: bool) -> Result<Secret, EffectError> {
        let mut made = self.made.lock().await;
        let now = self.clock.now();
        if let Some((at, token)) = &*made
            && !refused
            && now.duration_since(*at) < USED
        {
            return Ok(token.clone());
        }
        let token = Secret::new(self.sign(now).await?);
        *made = Some((now, token.clone()));
        Ok(token)
    }

    async fn sign(&self, now: Timestamp) -> Result<String, EffectError> {
        let (host, port) = &self.server;
        let failed = |kind, why: String| {
            EffectError::new(kind, format!("a login token for {}@{host}", self.user), why)
        };
        let provider = self.config.credentials_provider().ok_or_else(|| {
            failed(
                EffectErrorKind::Denied,
                "there are no AWS credentials".to_owned(),
            )
        })?;
        let credentials = provider
            .provide_credentials()
            .await
            .map_err(|error| failed(EffectErrorKind::Retry, error.to_string()))?;
        let ours = self.config.region().map(AsRef::as_ref);
        let region = region_in(host).or(ours).unwrap_or("us-east-1");
        token((host, *port), &self.user, region, credentials, now)
            .map_err(|why| failed(EffectErrorKind::Refused, why))
    }
}

impl fmt::Debug for DatabaseToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseToken")
            .field("server", &self.server)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// The Region in the name of a server: `weir.c9akciq32.eu-west-1.rds.amazonaws.com`.
fn region_in(host: &str) -> Option<&str> {
    let (names, _) = host.split_once(".rds.amazonaws.")?;
    names.rsplit('.').next()
}

/// The address of `connect`, signed, without its scheme.
fn token(
    (host, port): (&str, u16),
    user: &str,
    region: &str,
    credentials: Credentials,
    now: Timestamp,
) -> Result<String, String> {
    let user = utf8_percent_encode(user, RESERVED);
    let url = format!("https://{host}:{port}/?Action=connect&DBUser={user}");
    let mut settings = SigningSettings::default();
    settings.expires_in = Some(LIFE);
    settings.signature_location = SignatureLocation::QueryParams;
    let identity = credentials.into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("rds-db")
        .time(now.into())
        .settings(settings)
        .build()
        .map_err(|error| error.to_string())?;
    let request = SignableRequest::new("GET", &url, std::iter::empty(), SignableBody::Bytes(&[]))
        .map_err(|error| error.to_string())?;
    let (signed, _) = sign(request, &params.into())
        .map_err(|error| error.to_string())?
        .into_parts();
    let mut token = url.trim_start_matches("https://").to_owned();
    for (name, value) in signed.params() {
        let value = utf8_percent_encode(value, RESERVED);
        token.extend(["&", name, "="]);
        token.extend(value);
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `boto3.client("rds").generate_db_auth_token` makes of the same facts.
    const OF_BOTO3: &str = "weir.c9akciq32.eu-west-1.rds.amazonaws.com:3306/?Action=connect&DBUser=weir_app&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261120%2Feu-west-1%2Frds-db%2Faws4_request&X-Amz-Date=20261120T091500Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Security-Token=session%2Ftoken%2B%3D&X-Amz-Signature=20c3c6efffb5b6c04fb8ef365940cc51da2f08bbe19985f237da7ae78abef27b";

    #[test]
    fn the_token_is_the_one_that_aws_own_tools_make() {
        let credentials = Credentials::new(
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            Some("session/token+=".to_owned()),
            None,
            "test",
        );
        let token = token(
            ("weir.c9akciq32.eu-west-1.rds.amazonaws.com", 3306),
            "weir_app",
            "eu-west-1",
            credentials,
            "2026-11-20T09:15:00Z".parse().unwrap(),
        )
        .unwrap();
        let parts = |text: &str| {
            let (place, query) = text.split_once('?').unwrap();
            let mut pairs: Vec<_> = query.split('&').map(str::to_owned).collect();
            pairs.sort();
            (place.to_owned(), pairs)
        };
        assert_eq!(parts(&token), parts(OF_BOTO3));
    }

    #[test]
    fn a_server_of_rds_says_its_region() {
        for (host, want) in [
            (
                "weir.c9akciq32.eu-south-2.rds.amazonaws.com",
                Some("eu-south-2"),
            ),
            (
                "proxy.proxy-c9akciq32.cn-north-1.rds.amazonaws.com.cn",
                Some("cn-north-1"),
            ),
            ("db.example.com", None),
        ] {
            assert_eq!(region_in(host), want, "{host}");
        }
    }
}
