//! Secrets that are drawn at random.

use std::fmt;

use weir_core::operator::{digest, hex};

use crate::EngineError;

/// 256 random bits as text. Shown once to whoever it is for; only its digest is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Draws one. `prefix` says what it is for, so that it is recognised where it should not be.
    pub(super) fn draw(prefix: &str) -> Result<Self, EngineError> {
        Ok(Self(format!("{prefix}{}", random_hex::<32>()?)))
    }

    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub(super) fn digest(&self) -> String {
        digest(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// So many random bytes, in hex.
pub(super) fn random_hex<const BYTES: usize>() -> Result<String, EngineError> {
    let mut bytes = [0_u8; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| {
        EngineError::Inconsistent(format!(
            "the operating system gives no random numbers: {error}"
        ))
    })?;
    Ok(hex(&bytes))
}
