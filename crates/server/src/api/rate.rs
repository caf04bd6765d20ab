//! No caller takes the server for itself: so many requests in a stretch of time, by session or token,
//! and more of them by address.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, MonotonicClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use jiff::SignedDuration;
use weir_core::operator::digest;

use super::peer::Peer;
use super::{Api, cookie};
use crate::problem::Problem;

/// Requests at once.
const BURST: NonZeroU32 = so_many(200);
/// Requests a second, in the long run.
const STEADY: NonZeroU32 = so_many(50);
/// An address may ask for so many times as much, whoever asks from there.
const ADDRESS: NonZeroU32 = so_many(5);
/// With more callers than this in mind, those who have not called lately are forgotten.
const MANY: usize = 10_000;

const fn so_many(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

/// How much each caller has left.
pub(crate) struct Rate {
    callers: Limiter,
    addresses: Limiter,
}

type Limiter = RateLimiter<String, HashMapStateStore<String>, MonotonicClock>;

impl Default for Rate {
    fn default() -> Self {
        let limiter = |times: NonZeroU32| -> Limiter {
            let steady = STEADY.saturating_mul(times);
            let quota = Quota::per_second(steady).allow_burst(BURST.saturating_mul(times));
            RateLimiter::new(quota, HashMapStateStore::default(), MonotonicClock)
        };
        Self {
            callers: limiter(NonZeroU32::MIN),
            addresses: limiter(ADDRESS),
        }
    }
}

/// Whether one more is within the quota, or how long to wait.
fn check(limiter: &Limiter, key: &String) -> Result<(), Duration> {
    if limiter.len() > MANY {
        limiter.retain_recent();
    }
    let full = limiter.check_key(key);
    full.map_err(|full| full.wait_time_from(MonotonicClock.now()))
}

/// Wraps the addresses of the API.
pub(crate) async fn limit(State(api): State<Api>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let address = match Peer::from_request_parts(&mut parts, &api).await {
        Ok(Peer(Some(address))) => address.to_string(),
        _ => String::new(),
    };
    // Whoever makes secrets up is still at one address.
    let within = check(&api.rate.addresses, &address).and_then(|()| {
        let caller = secret(&api, &parts.headers).map_or(address, digest);
        check(&api.rate.callers, &caller)
    });
    if let Err(wait) = within {
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_secs(1));
        return Problem::too_soon(wait).into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}

/// What the caller presents, good or not.
fn secret<'a>(api: &Api, headers: &'a HeaderMap) -> Option<&'a str> {
    let token = headers.get(header::AUTHORIZATION);
    let token = token.and_then(|token| token.to_str().ok());
    token.or_else(|| cookie::read(api.transport, headers))
}
