//! What a browser keeps of a sign-in that is on its way: for ten minutes, in a cookie of its own. It comes back
//! with a redirection from the provider's site, which a `SameSite=Strict` cookie would not.

use axum::http::{HeaderMap, HeaderValue};
use subtle::ConstantTimeEq;

use crate::api::{Transport, cookie};

const SECURE: &str = "__Host-weir-sso";
const PLAIN: &str = "weir-sso";
const MAX_AGE: u32 = 10 * 60;

/// A sign-in on its way.
pub(super) struct Flow {
    /// Comes back with the answer.
    pub(super) state: String,
    /// Comes back inside the ID token.
    pub(super) nonce: String,
    /// Proves to the provider that the one who ends it is the one who began it (PKCE).
    pub(super) verifier: String,
}

fn name(transport: Transport) -> &'static str {
    match transport {
        Transport::Plain => PLAIN,
        Transport::Tls | Transport::BehindProxy => SECURE,
    }
}

impl Flow {
    /// What the browser is to keep.
    pub(super) fn set(&self, transport: Transport) -> Option<HeaderValue> {
        let Self {
            state,
            nonce,
            verifier,
        } = self;
        // All three are of letters, digits, `-` and `_`.
        let text = format!("{state}.{nonce}.{verifier}");
        cookie::header(transport, name(transport), &text, MAX_AGE, "Lax")
    }

    /// Makes a browser forget it.
    pub(super) fn clear(transport: Transport) -> Option<HeaderValue> {
        cookie::header(transport, name(transport), "", 0, "Lax")
    }

    /// What the browser kept, if this is the state of it.
    pub(super) fn of(transport: Transport, headers: &HeaderMap, state: &str) -> Option<Self> {
        let kept = cookie::find(name(transport), headers)?;
        let mut parts = kept.split('.').map(str::to_owned);
        let flow = Self {
            state: parts.next()?,
            nonce: parts.next()?,
            verifier: parts.next()?,
        };
        let same = flow.state.as_bytes().ct_eq(state.as_bytes());
        (bool::from(same) && !state.is_empty()).then_some(flow)
    }
}
