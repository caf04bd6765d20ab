//! `[privacy]`

use serde::Deserialize;
use weir_core::pseudonym::People;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PrivacySection {
    /// How people are shown to operators who only look.
    people: PeopleWord,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PeopleWord {
    #[default]
    Named,
    Pseudonym,
}

impl PrivacySection {
    pub(crate) fn people(&self) -> People {
        match self.people {
            PeopleWord::Named => People::Named,
            PeopleWord::Pseudonym => People::Pseudonym,
        }
    }
}
