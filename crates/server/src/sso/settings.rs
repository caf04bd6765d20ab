//! How single sign-on is done, and what of it cannot work.

use openidconnect::core::CoreJwsSigningAlgorithm as Algorithm;
use weir_core::operator::Admission;
use weir_core::secret::Secret;

use super::RETURN;

/// How single sign-on is done: `[server.oidc]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SsoSettings {
    /// What the provider is called on the sign-in page.
    pub label: Option<String>,
    /// The provider: its address, as it says it itself.
    pub issuer: String,
    /// What Weir is called there.
    pub client_id: String,
    /// What proves to the provider that we are Weir.
    pub client_secret: Secret,
    /// Where it sends people back to: Weir's address as browsers know it, and [`RETURN`].
    pub redirect_url: String,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// The signatures that count, as `RS256`.
    pub algorithms: Vec<String>,
    /// The claim that lists the groups; a dotted path where it is inside others.
    pub groups_claim: String,
    /// The claim that holds the id of the user somebody is; without one the verified address tells.
    pub user_claim: Option<String>,
    /// Who is let in, and as what.
    pub admission: Admission,
}

/// Settings that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum BadSso {
    /// An address that is none, or in clear.
    #[error(
        "{what} `{url}` is not an address that secrets could go to: write https://… (http only to this machine)"
    )]
    Address {
        /// Its setting.
        what: &'static str,
        /// The address.
        url: String,
    },
    /// Another place than the one that is served.
    #[error(
        "server.oidc.redirect_url `{0}` leads elsewhere: it is Weir's address as browsers know it and {RETURN}, \
         as https://weir.example.com{RETURN}"
    )]
    Return(String),
    /// A signature that others could make, too, or that is not known.
    #[error(
        "server.oidc.algorithms: `{0}` is none that only the provider could sign with: use any of {known}",
        known = SIGNED.join(", ")
    )]
    Algorithm(String),
    /// The client for HTTP.
    #[error(
        "single sign-on cannot speak TLS: {0}; see that the machine has certificates of authorities (ca-certificates)"
    )]
    Client(String),
}

/// Signatures that only the provider can make and that are verified here. The standard has some more, such as
/// one with the secret that both sides know.
pub const SIGNED: [&str; 9] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
];

impl SsoSettings {
    pub(super) fn check(&self) -> Result<(), BadSso> {
        for (what, url) in [
            ("server.oidc.issuer", &self.issuer),
            ("server.oidc.redirect_url", &self.redirect_url),
        ] {
            if !is_safe(url) {
                let url = url.clone();
                return Err(BadSso::Address { what, url });
            }
        }
        let url = reqwest::Url::parse(&self.redirect_url);
        let leads_here = |url: &reqwest::Url| {
            url.path() == RETURN && url.query().is_none() && url.fragment().is_none()
        };
        if !url.as_ref().is_ok_and(leads_here) {
            return Err(BadSso::Return(self.redirect_url.clone()));
        }
        self.signed().map(|_| ())
    }

    /// In the library's terms.
    pub(super) fn signed(&self) -> Result<Vec<Algorithm>, BadSso> {
        let names = self.algorithms.iter();
        let found = names.map(|name| {
            let bad = || BadSso::Algorithm(name.clone());
            if !SIGNED.contains(&name.as_str()) {
                return Err(bad());
            }
            serde_json::from_value(name.as_str().into()).map_err(|_| bad())
        });
        let found: Vec<_> = found.collect::<Result<_, _>>()?;
        if found.is_empty() {
            return Err(BadSso::Algorithm(String::new()));
        }
        Ok(found)
    }
}

/// Whether secrets may go there.
pub(super) fn is_safe(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else {
        return false;
    };
    let here = ["127.0.0.1", "[::1]", "localhost"];
    match url.scheme() {
        "https" => url.has_host(),
        "http" => url.host_str().is_some_and(|host| here.contains(&host)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use weir_core::operator::Entitled;

    use super::*;

    fn settings() -> SsoSettings {
        SsoSettings {
            label: None,
            issuer: "https://id.example.com/realms/acme".to_owned(),
            client_id: "weir".to_owned(),
            client_secret: Secret::new("c0rrect horse"),
            redirect_url: "https://weir.example.com/sso/callback".to_owned(),
            scopes: Vec::new(),
            algorithms: SIGNED.map(str::to_owned).to_vec(),
            groups_claim: "groups".to_owned(),
            user_claim: None,
            admission: Admission {
                groups: Vec::new(),
                others: Entitled::OwnUser,
            },
        }
    }

    #[test]
    fn secrets_go_over_tls_or_stay_here() {
        for (url, safe) in [
            ("https://id.example.com/realms/acme", true),
            ("http://127.0.0.1:8080/sso/callback", true),
            ("http://localhost", true),
            ("http://id.example.com", false),
            ("http://127.0.0.1.example.com", false),
            ("ftp://id.example.com", false),
            ("id.example.com", false),
        ] {
            assert_eq!(is_safe(url), safe, "{url}");
        }
    }

    #[test]
    fn settings_that_cannot_work_are_told_by_name() {
        assert!(settings().check().is_ok());
        let elsewhere = |url: &str| SsoSettings {
            redirect_url: url.to_owned(),
            ..settings()
        };
        let signed = |name: &str| SsoSettings {
            algorithms: vec![name.to_owned()],
            ..settings()
        };
        for (bad, said) in [
            (elsewhere("https://weir.example.com/"), "leads elsewhere"),
            (
                elsewhere("https://weir.example.com/x/sso/callback"),
                "leads elsewhere",
            ),
            (
                elsewhere("https://weir.example.com/sso/callback?a=b"),
                "leads elsewhere",
            ),
            (
                elsewhere("http://weir.example.com/sso/callback"),
                "server.oidc.redirect_url",
            ),
            (signed("HS256"), "`HS256` is none that only the provider"),
            (signed("none"), "`none` is none that only the provider"),
            (signed("ES512"), "server.oidc.algorithms"),
        ] {
            let error = bad.check().unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn the_secret_is_shown_to_nobody() {
        let shown = format!("{:?}", settings());
        assert!(
            shown.contains("id.example.com") && !shown.contains("c0rrect"),
            "{shown}"
        );
    }
}
