//! What a check says, in the language of whoever asks: both stand side by side, so that none is forgotten. What
//! AWS, a database or a provider said stays as they said it.

use crate::notify::Language;
use crate::report::{Check, Level};

/// A text in the language that is asked for: `say!(language, "none", "ninguno")`; names in braces are taken
/// from where it stands.
macro_rules! say {
    ($language:expr, $english:literal, $spanish:literal $(,)?) => {
        match $language {
            $crate::notify::Language::En => format!($english),
            $crate::notify::Language::Es => format!($spanish),
        }
    };
}
pub(super) use say;

/// The first few of a list that may be long.
pub(super) fn some<T: AsRef<str>>(language: Language, list: &[T]) -> String {
    const FEW: usize = 5;
    let few: Vec<_> = list.iter().take(FEW).map(AsRef::as_ref).collect();
    let few = few.join("; ");
    match list.len().saturating_sub(FEW) {
        0 => few,
        more => say!(language, "{few}; and {more} more", "{few}; y {more} más"),
    }
}

/// A check without its name.
pub(super) struct Finding {
    level: Level,
    found: String,
    remedy: Option<String>,
}

impl Finding {
    pub(super) fn ok(found: String) -> Self {
        Self {
            level: Level::Ok,
            found,
            remedy: None,
        }
    }

    pub(super) fn warn(found: String, remedy: String) -> Self {
        Self {
            level: Level::Warn,
            found,
            remedy: Some(remedy),
        }
    }

    pub(super) fn fail(found: String, remedy: String) -> Self {
        Self {
            level: Level::Fail,
            found,
            remedy: Some(remedy),
        }
    }

    /// As bad as it has to be, or only worth a look.
    pub(super) fn bad(needed: bool, found: String, remedy: String) -> Self {
        if needed {
            Self::fail(found, remedy)
        } else {
            Self::warn(found, remedy)
        }
    }

    /// Both as one: as bad as the worse, with what is to be done about each.
    pub(super) fn and(self, other: Self) -> Self {
        let remedies: Vec<_> = self.remedy.into_iter().chain(other.remedy).collect();
        Self {
            level: self.level.max(other.level),
            found: format!("{}; {}", self.found, other.found),
            remedy: (!remedies.is_empty()).then(|| remedies.join("; ")),
        }
    }

    pub(super) fn named(self, name: &'static str) -> Check {
        let Self {
            level,
            found,
            remedy,
        } = self;
        Check {
            name,
            level,
            found,
            remedy,
        }
    }
}

/// What a person needs to do who has given Weir no credentials.
pub(super) fn give_credentials(language: Language) -> String {
    say!(
        language,
        "give Weir credentials by the usual AWS environment or profile",
        "dele credenciales a Weir por el entorno o el perfil habituales de AWS",
    )
}
