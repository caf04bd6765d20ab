//! How the chain holds texts that may have to leave: by a salted digest of each, not by the text
//! (`docs/decisions/0021-forgetting-people.md`).

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// How many fields of an entry are sealed: [`super::TEXTS`].
pub const FIELDS: usize = 7;

/// What makes a digest of a short text one that nobody can guess the text from. Drawn at random.
pub type Salt = [u8; 16];

/// The salts of an entry, one for each of its texts.
pub type Salts = [Salt; FIELDS];

/// SHA-256.
pub(super) type Digest = [u8; 32];

/// What holds a text of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    /// The text as it was written.
    Whole(Salt),
    /// The text was replaced: the digest of the one before, whose salt is gone with it, and the salt of
    /// the one that stands there now.
    Replaced(Digest, Salt),
}

impl Seal {
    /// What the hash of the entry goes over: the digest of the text as it was written.
    pub(super) fn commitment(&self, text: Option<&str>) -> Digest {
        match self {
            Self::Whole(salt) => digest(salt, text),
            Self::Replaced(original, _) => *original,
        }
    }
}

/// The seals of an entry's texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seals(pub(super) [Seal; FIELDS]);

impl Seals {
    /// Of an entry whose texts are as they were written.
    pub fn whole(salts: Salts) -> Self {
        Self(salts.map(Seal::Whole))
    }
}

/// As stored: hexadecimal, a salt for a text as it was written, digest and salt for one that was
/// replaced; separated by commas.
impl std::fmt::Display for Seals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, seal) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            match seal {
                Seal::Whole(salt) => f.write_str(&hex(salt))?,
                Seal::Replaced(original, salt) => write!(f, "{}{}", hex(original), hex(salt))?,
            }
        }
        Ok(())
    }
}

impl std::str::FromStr for Seals {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let seals: Option<Vec<Seal>> = text.split(',').map(seal).collect();
        seals
            .and_then(|seals| seals.try_into().ok())
            .map(Self)
            .ok_or_else(|| format!("are not {FIELDS} seals"))
    }
}

fn seal(text: &str) -> Option<Seal> {
    match text.len() {
        32 => Some(Seal::Whole(unhex(text)?)),
        96 => {
            let (original, salt) = text.split_at_checked(64)?;
            Some(Seal::Replaced(unhex(original)?, unhex(salt)?))
        }
        _ => None,
    }
}

/// The digest of a text under its salt; none has one that no text can have.
pub(super) fn digest(salt: &Salt, text: Option<&str>) -> Digest {
    let mut sha = Sha256::new();
    sha.update(salt);
    match text {
        None => sha.update(u64::MAX.to_be_bytes()),
        Some(text) => {
            sha.update((text.len() as u64).to_be_bytes());
            sha.update(text.as_bytes());
        }
    }
    sha.finalize().into()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}
