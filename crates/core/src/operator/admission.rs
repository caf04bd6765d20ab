//! Whom single sign-on lets in, and as what. Who somebody is, the provider proved; here is only decided what
//! that makes of them.

use std::collections::BTreeSet;

use super::{BadRights, OperatorName, Rights, Role, digest};
use crate::ids::{TeamId, UserId};

/// A person as a provider vouches for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// Who they are.
    pub identity: Identity,
    /// What they are called there; they may have chosen it themselves.
    pub user_name: Option<String>,
    /// Their address, if the provider says that it is theirs.
    pub email: Option<String>,
    /// Which user they are, if the provider tells.
    pub own_user: Option<OwnUser>,
    /// The groups they are in.
    pub groups: BTreeSet<String>,
}

/// How a provider tells which user somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnUser {
    /// The one who has this address, which it verified.
    WithEmail(String),
    /// This one: it knows users by their ids.
    Id(UserId),
}

/// Who somebody is for a provider: never their address or name, which are given to others after them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Its word for them, which it gives to nobody else.
    pub subject: String,
}

/// What members of a group may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRights {
    group: String,
    entitled: Entitled,
}

/// What somebody is let in as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entitled {
    /// With these rights.
    As(Rights),
    /// As the developer of the user they are.
    OwnUser,
    /// Not at all.
    Nobody,
}

impl GroupRights {
    /// What a group may do; a team goes with the role team, and which user a developer is, the provider tells of each.
    pub fn new(group: String, role: Role, team: Option<TeamId>) -> Result<Self, BadRights> {
        let entitled = match (role, team) {
            (Role::Developer, None) => Entitled::OwnUser,
            (Role::Developer, Some(_)) => return Err(BadRights::NeedlessTeam),
            (role, team) => Entitled::As(Rights::new(role, team, None)?),
        };
        Ok(Self { group, entitled })
    }
}

/// Who is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The first line whose group somebody is in counts.
    pub groups: Vec<GroupRights>,
    /// Everybody else.
    pub others: Entitled,
}

impl Admission {
    /// What the members of these groups are let in as.
    pub fn entitled(&self, groups: &BTreeSet<String>) -> &Entitled {
        let first = self.groups.iter().find(|line| groups.contains(&line.group));
        first.map_or(&self.others, |line| &line.entitled)
    }
}

/// Names for a new operator, the best first: the address, the user name; then the first of them
/// with digits of the identity behind, which nobody else has. A name that is taken stays whose it is.
pub fn sign_in_names(person: &Vouched) -> Vec<OperatorName> {
    let Vouched {
        identity,
        user_name,
        email,
        own_user: _,
        groups: _,
    } = person;
    let told = [email.as_deref(), user_name.as_deref()];
    let told = told.into_iter().flatten().map(spelt).collect::<Vec<_>>();
    let Identity { issuer, subject } = identity;
    let own = &digest(&format!("{issuer}\n{subject}"))[..12];
    let first = told.first().map_or("sso", String::as_str);
    let unique = format!("{first:.48}-{own}");
    let names = told.iter().chain([&unique]);
    names
        .filter_map(|name| OperatorName::new(name).ok())
        .collect()
}

/// A text with `-` for what no name of an operator has.
fn spelt(text: &str) -> String {
    let good = |letter: char| letter.is_ascii_alphanumeric() || "._-@".contains(letter);
    let lower = text.trim().to_lowercase();
    let spelt = lower
        .chars()
        .map(|letter| if good(letter) { letter } else { '-' });
    spelt.take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn line(group: &str, role: Role, team: Option<&str>) -> GroupRights {
        GroupRights::new(group.to_owned(), role, team.map(TeamId::new)).unwrap()
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        let entry = Admission {
            groups: vec![
                line("weir-admins", Role::Admin, None),
                line("sap-leads", Role::Team, Some("sap")),
                line("developers", Role::Developer, None),
            ],
            others: Entitled::Nobody,
        };
        let sap = Rights::new(Role::Team, Some(TeamId::new("sap")), None).unwrap();
        for (member_of, expected) in [
            (
                &["sap-leads", "weir-admins"][..],
                Entitled::As(Rights::admin()),
            ),
            (&["sap-leads", "developers"], Entitled::As(sap)),
            (&["developers", "football"], Entitled::OwnUser),
            (&["football", "Weir-Admins"], Entitled::Nobody),
            (&[], Entitled::Nobody),
        ] {
            let found = entry.entitled(&groups(member_of));
            assert_eq!(*found, expected, "{member_of:?}");
        }
        let open = Admission {
            others: Entitled::OwnUser,
            ..entry
        };
        assert_eq!(*open.entitled(&groups(&[])), Entitled::OwnUser);
    }

    #[test]
    fn a_line_has_the_team_of_its_role() {
        let of = |role, team: Option<&str>| {
            GroupRights::new("g".to_owned(), role, team.map(TeamId::new))
        };
        assert_eq!(of(Role::Team, None), Err(BadRights::NoTeam));
        assert_eq!(of(Role::Admin, Some("sap")), Err(BadRights::NeedlessTeam));
        assert_eq!(
            of(Role::Developer, Some("sap")),
            Err(BadRights::NeedlessTeam)
        );
    }

    #[test]
    fn names_for_a_new_operator() {
        let of = |user_name: Option<&str>, email: Option<&str>| {
            let person = Vouched {
                identity: Identity {
                    issuer: "https://id.example.com".to_owned(),
                    subject: "4711".to_owned(),
                },
                user_name: user_name.map(str::to_owned),
                email: email.map(str::to_owned),
                own_user: None,
                groups: BTreeSet::new(),
            };
            let names = sign_in_names(&person).into_iter();
            names.map(|name| name.to_string()).collect::<Vec<_>>()
        };
        let found = of(Some("Ana Díaz"), Some("ana@example.com"));
        assert_eq!(found[..2], ["ana@example.com", "ana-d-az"]);
        assert!(found[2].starts_with("ana@example.com-"), "{found:?}");
        let alone = of(None, None);
        assert!(
            alone[0].starts_with("sso-") && alone.len() == 1,
            "{alone:?}"
        );
        let long = "ñ".repeat(200);
        for name in of(Some(&long), None) {
            assert!(name.len() <= 64, "{name}");
        }
    }
}
