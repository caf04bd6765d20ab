//! `[server]`

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

use weir_core::ids::TeamId;
use weir_core::operator::Role;

use super::value;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ServerSection {
    /// Where to listen.
    #[serde(deserialize_with = "listen")]
    pub(crate) listen: Option<SocketAddr>,
    /// A file that holds the token senders must present.
    pub(crate) token_file: Option<PathBuf>,
    /// Whether a proxy that speaks TLS stands in front.
    pub(crate) behind_proxy: bool,
    /// The certificate that Weir itself speaks TLS with.
    pub(crate) tls: Option<TlsSection>,
    /// Single sign-on.
    pub(crate) oidc: Option<OidcSection>,
}

/// `[server.oidc]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OidcSection {
    /// What the provider is called on the sign-in page.
    pub(crate) label: Option<String>,
    /// The provider's address, as its own documents spell it.
    pub(crate) issuer: String,
    /// What Weir is called there.
    pub(crate) client_id: String,
    /// A file with the secret that goes with it; the variable goes before it.
    pub(crate) client_secret_file: Option<PathBuf>,
    /// Weir's own address as browsers know it, and `/sso/callback`.
    pub(crate) redirect_url: String,
    /// What is asked for besides `openid`.
    pub(crate) scopes: Option<Vec<String>>,
    /// The signatures that count.
    pub(crate) algorithms: Option<Vec<String>>,
    /// The claim that lists groups.
    pub(crate) groups_claim: Option<String>,
    /// The claim that holds the id of the user that a developer is, in place of the address.
    pub(crate) user_claim: Option<String>,
    /// Whoever is in no group below.
    #[serde(default)]
    pub(crate) others: OthersWord,
    /// What groups may do; the first line that fits counts.
    #[serde(default)]
    pub(crate) groups: Vec<GroupSection>,
}

/// What becomes of people whom no line fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OthersWord {
    /// They stay out.
    #[default]
    Refuse,
    /// They are developers, of the user they are.
    Developer,
}

/// `[[server.oidc.groups]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupSection {
    /// Its name at the provider, letter by letter.
    pub(crate) group: String,
    /// What its members are here.
    #[serde(deserialize_with = "value::parsed")]
    pub(crate) role: Role,
    /// The team of the role team.
    #[serde(default, deserialize_with = "team")]
    pub(crate) team: Option<TeamId>,
}

fn team<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<TeamId>, D::Error> {
    let name = String::deserialize(from)?;
    Ok(Some(weir_core::attribution::team_name(&name)))
}

/// `[server.tls]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSection {
    /// PEM of the certificate and of those between it and its authority.
    pub certificate_file: PathBuf,
    /// PEM of its key.
    pub key_file: PathBuf,
}

fn listen<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<SocketAddr>, D::Error> {
    value::parsed(from).map(Some).map_err(|error: D::Error| {
        serde::de::Error::custom(format!(
            "{error}: write an address and a port, as 127.0.0.1:8080"
        ))
    })
}
