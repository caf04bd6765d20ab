//! What may be a password, and what is kept of a secret.

use sha2::{Digest, Sha256};

const SHORTEST: usize = 12;
const LONGEST: usize = 256;

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// Easy to guess.
    #[error(
        "a password has at least {SHORTEST} characters: a few words in a row are easy to remember"
    )]
    Short,
    /// Costs more to check than it protects.
    #[error("a password has at most {LONGEST} characters")]
    Long,
    /// One letter again and again, or the name.
    #[error("this password is the first to be guessed: take another")]
    Obvious,
}

/// Whether a new password is good enough. What it is made of is its owner's business.
pub fn check_password(name: &str, password: &str) -> Result<(), BadPassword> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(BadPassword::Short);
    }
    if length > LONGEST {
        return Err(BadPassword::Long);
    }
    let mut letters: Vec<char> = password.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    let is_name = password.to_lowercase().replace(name, "").trim().is_empty();
    if letters.len() < 4 || is_name {
        return Err(BadPassword::Obvious);
    }
    Ok(())
}

/// What is stored of a secret that was drawn at random (sessions, tokens, links): SHA-256, in hex. Nothing
/// slower is needed: 256 random bits cannot be guessed.
pub fn digest(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// Bytes as text: two digits each.
pub fn hex(bytes: &[u8]) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(HEX[usize::from(digit)]))
        .collect()
}

/// What attempts to log in under a name are counted by: one of 65,536. Names that nobody has fill no
/// table by this, and of a password that somebody typed into the wrong field hardly anything is kept.
pub fn account_key(name: &super::OperatorName) -> String {
    let digest = digest(&format!("account:{name}"));
    format!("account:{}", digest.get(..4).unwrap_or_default())
}
