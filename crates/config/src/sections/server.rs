//! `[server]`

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

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
