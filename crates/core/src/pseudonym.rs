//! Pseudonyms in place of people, for operators who only look (rules P3).

use std::fmt;

use crate::operator::digest;

/// `privacy.people`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum People {
    /// By their names.
    #[default]
    Named,
    /// By pseudonyms.
    Pseudonym,
}

impl People {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Pseudonym => "pseudonym",
        }
    }
}

/// Makes pseudonyms: the same of the same name as long as the key is the same. Who lacks the key can
/// neither go back nor try names.
#[derive(Clone, PartialEq, Eq)]
pub struct Pseudonyms {
    key: String,
}

impl Pseudonyms {
    /// By a key of 256 random bits, as text.
    pub fn new(key: String) -> Self {
        Self { key }
    }

    /// What stands for a name. 64 bits: of a million users two share one once in 37 million installations.
    pub fn of(&self, name: &str) -> String {
        let digest = digest(&format!("{}\n{name}", self.key));
        format!("user-{}", &digest[..16])
    }
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonyms(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_stable_and_tells_nothing_without_the_key() {
        let ours = Pseudonyms::new("a key".to_owned());
        let theirs = Pseudonyms::new("another".to_owned());
        assert_eq!(ours.of("ana"), ours.of("ana"));
        assert_ne!(ours.of("ana"), ours.of("luis"));
        assert_ne!(ours.of("ana"), theirs.of("ana"));
        assert!(!format!("{ours:?}").contains("a key"));
    }
}
