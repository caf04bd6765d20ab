//! Who may send events: whoever presents the token.

use std::fmt;

use axum::http::{HeaderMap, header};
use subtle::ConstantTimeEq;

use crate::problem::Problem;

/// The shortest token that is taken.
const SHORTEST: usize = 16;

/// The token that senders present. Never shown.
#[derive(Clone)]
pub struct Token(Vec<u8>);

/// A token that protects nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// Easy to guess.
    #[error(
        "the token has {0} characters: use at least {SHORTEST}, for example `openssl rand -hex 32`"
    )]
    Short(usize),
    /// Cannot be sent in a header.
    #[error("the token has characters that cannot be sent: use printable ASCII without spaces")]
    Unsendable,
}

impl Token {
    /// Takes a token as it stands in a file or variable; white space around it does not count.
    pub fn new(text: &str) -> Result<Self, BadToken> {
        let text = text.trim();
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BadToken::Unsendable);
        }
        if text.len() < SHORTEST {
            return Err(BadToken::Short(text.len()));
        }
        Ok(Self(text.as_bytes().to_vec()))
    }

    /// Checks `Authorization: Bearer …`, in a time that does not depend on how much of it is right.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let sent = headers
            .get(header::AUTHORIZATION)
            .ok_or_else(|| Problem::unauthorized("send the token as `Authorization: Bearer …`"))?
            .as_bytes();
        let (scheme, token) = sent.split_at_checked(7).unwrap_or_default();
        let right = scheme.eq_ignore_ascii_case(b"bearer ") && bool::from(token.ct_eq(&self.0));
        if right {
            Ok(())
        } else {
            Err(Problem::unauthorized("this is not the token"))
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}
