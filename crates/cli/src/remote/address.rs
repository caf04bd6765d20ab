//! The address of a server. What is sent there says who we are, so it travels encrypted or stays on this
//! machine.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::exit::CliError;

/// Where a server is: `https://weir.example.com`, or `http://127.0.0.1:8080` on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address(Url);

impl Address {
    /// Takes an address as it was typed.
    pub(crate) fn parse(text: &str) -> Result<Self, CliError> {
        let wrong = |why: &str| {
            CliError::Usage(format!(
                "`{}` is not the address of a server: {why}; write it like https://weir.example.com",
                without_secrets(text)
            ))
        };
        let mut url: Url = text.trim().parse().map_err(|_| wrong("it is not a URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("names and passwords do not belong into it"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("it has more than a host and a path"));
        }
        let is_here = is_here(&url);
        match url.scheme() {
            "https" => {}
            "http" if is_here => {}
            "http" => {
                return Err(wrong(
                    "beyond this machine a token travels by https alone, where nobody reads it",
                ));
            }
            _ => return Err(wrong("it begins with neither https nor http")),
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// Whether it is on this machine: no proxy is asked to reach it.
    pub(crate) fn is_here(&self) -> bool {
        is_here(&self.0)
    }

    /// The address of something below it; what the parts hold is escaped.
    pub(crate) fn join(&self, parts: &[&str], query: &[(&str, String)]) -> Url {
        let mut url = self.0.clone();
        // An address of the web always has a path.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["api", "v1"]).extend(parts);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.as_str().trim_end_matches('/'))
    }
}

/// A host name may be given another address by anybody who answers for names; `localhost` may not.
fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// What may be said of a text that could hold a password.
fn without_secrets(text: &str) -> &str {
    text.rsplit_once('@').map_or(text, |(_, rest)| rest)
}
