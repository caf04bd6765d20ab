//! Where a request comes from.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

use super::{Api, Transport};
use crate::problem::Problem;

const FORWARDED: &str = "x-forwarded-for";

/// The address of the client, as far as it is known.
pub(crate) struct Peer(pub(crate) Option<IpAddr>);

impl FromRequestParts<Api> for Peer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let connected = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let connected = connected.map(|ConnectInfo(address)| address.ip());
        let forwarded = match api.transport {
            // Anybody could say anything.
            Transport::Plain | Transport::Tls => None,
            // What stands last is what our proxy saw; what stands before is what it was told.
            Transport::BehindProxy => parts
                .headers
                .get_all(FORWARDED)
                .iter()
                .next_back()
                .and_then(|line| line.to_str().ok())
                .and_then(|line| line.rsplit(',').next())
                .and_then(|last| last.trim().parse().ok()),
        };
        Ok(Self(forwarded.or(connected)))
    }
}
