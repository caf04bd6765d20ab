//! What a provider tells of a person.

use std::collections::{BTreeMap, BTreeSet};

use openidconnect::core::CoreGenderClaim;
use openidconnect::{
    AdditionalClaims, EndUserEmail, EndUserUsername, IdTokenClaims, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use weir_core::ids::UserId;
use weir_core::operator::OwnUser;

/// All claims that the library knows no name for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Others(BTreeMap<String, Value>);

impl AdditionalClaims for Others {}

pub(super) type Claims = IdTokenClaims<Others, CoreGenderClaim>;
pub(super) type MoreClaims = UserInfoClaims<Others, CoreGenderClaim>;

/// What is told of a person.
#[derive(Default)]
pub(super) struct Told {
    pub(super) user_name: Option<String>,
    /// Only if it is verified.
    pub(super) email: Option<String>,
    others: BTreeMap<String, Value>,
}

impl Told {
    pub(super) fn of(claims: &Claims) -> Self {
        Self::new(
            claims.preferred_username(),
            claims.email(),
            claims.email_verified(),
            claims.additional_claims(),
        )
    }

    pub(super) fn of_more(claims: &MoreClaims) -> Self {
        Self::new(
            claims.preferred_username(),
            claims.email(),
            claims.email_verified(),
            claims.additional_claims(),
        )
    }

    fn new(
        user_name: Option<&EndUserUsername>,
        email: Option<&EndUserEmail>,
        verified: Option<bool>,
        others: &Others,
    ) -> Self {
        let email = email.filter(|_| verified == Some(true));
        let mut others = others.0.clone();
        // It has a name of its own in the library, and may be named as a claim all the same.
        if let Some(name) = user_name {
            let key = "preferred_username".to_owned();
            others.insert(key, name.as_str().into());
        }
        Self {
            user_name: user_name.map(|name| name.to_string()),
            email: email.map(|email| email.to_string()),
            others,
        }
    }

    /// What is not told yet, from elsewhere.
    pub(super) fn add(&mut self, more: Self) {
        let Self {
            user_name,
            email,
            others,
        } = more;
        self.user_name = self.user_name.take().or(user_name);
        self.email = self.email.take().or(email);
        for (name, value) in others {
            self.others.entry(name).or_insert(value);
        }
    }

    /// The groups, if the claim is there: a list of names, or one name.
    pub(super) fn groups(&self, claim: &str) -> Option<BTreeSet<String>> {
        Some(match self.claim(claim)? {
            Value::String(name) => [name.clone()].into(),
            Value::Array(names) => names
                .iter()
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect(),
            _ => BTreeSet::new(),
        })
    }

    /// Which user it is: by the claim alone where there is one, else by the verified address.
    pub(super) fn own_user(&self, claim: Option<&str>) -> Option<OwnUser> {
        let Some(claim) = claim else {
            return self.email.clone().map(OwnUser::WithEmail);
        };
        let id = self.claim(claim)?.as_str()?.trim();
        (!id.is_empty()).then(|| OwnUser::Id(UserId::new(id)))
    }

    fn claim(&self, name: &str) -> Option<&Value> {
        self.others.get(name).or_else(|| {
            let mut parts = name.split('.');
            let first = self.others.get(parts.next()?)?;
            parts.try_fold(first, |value, part| value.get(part))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(others: &str) -> Told {
        Told {
            others: serde_json::from_str(others).unwrap(),
            ..Told::default()
        }
    }

    #[test]
    fn groups_are_a_list_or_one_and_may_be_inside() {
        let told = told(
            r#"{"groups": ["a", "b", 7], "one": "c", "a.b": ["d"], "realm": {"roles": ["e"]}, "no": 1}"#,
        );
        for (claim, expected) in [
            ("groups", Some(&["a", "b"][..])),
            ("one", Some(&["c"])),
            ("a.b", Some(&["d"])),
            ("realm.roles", Some(&["e"])),
            ("no", Some(&[])),
            ("nothing", None),
            ("realm.nothing", None),
        ] {
            let expected =
                expected.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
            assert_eq!(told.groups(claim), expected, "{claim}");
        }
    }

    #[test]
    fn a_user_is_told_by_the_claim_alone_where_there_is_one() {
        let mut told = told(r#"{"weir": " ana.lopez ", "empty": "", "list": ["ana.lopez"]}"#);
        told.email = Some("ana@example.com".to_owned());
        let by_address = OwnUser::WithEmail("ana@example.com".to_owned());
        let by_id = OwnUser::Id(UserId::new("ana.lopez"));
        assert_eq!(told.own_user(None), Some(by_address));
        assert_eq!(told.own_user(Some("weir")), Some(by_id));
        for claim in ["empty", "list", "missing"] {
            assert_eq!(told.own_user(Some(claim)), None, "{claim}");
        }
    }
}
