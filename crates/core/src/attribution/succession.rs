//! Somebody else under a name that is on file (rules A9): a user that was deleted and made again, a
//! role that was built anew. The name is the same, the immutable id is not, so it is somebody else
//! until an administrator says otherwise.

use jiff::Timestamp;

use super::{Principal, user_id};
use crate::ids::{AccountId, UserId};
use crate::message::{About, Message, News};

/// One of several that bore the same name, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// AIDA…, AROA…, or a directory user id.
    pub stable_id: String,
    /// Whose calls its calls are.
    pub user: UserId,
    /// Its first call, as far as that was known when the change was seen.
    pub since: Timestamp,
    /// Whether an administrator said so. Of the first that was seen nobody has to.
    pub confirmed: bool,
}

/// Another holder of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The name.
    pub principal: Principal,
    /// The holder that was seen first.
    pub before: Holder,
    /// The other one: a user of its own, which inherits nothing.
    pub after: Holder,
}

/// What stands between a name and the id of another holder of it. IAM allows it in no name.
const SEPARATOR: char = '~';
/// The longest id of a user that a database keeps.
const LONGEST: usize = 191;

impl Succession {
    /// Another holder, whose first known call was at `since`, after `before`.
    pub fn of(
        principal: Principal,
        before: Holder,
        stable_id: String,
        since: Timestamp,
        home: Option<&AccountId>,
    ) -> Self {
        Self {
            before,
            after: Holder {
                user: newcomer(&principal, &stable_id, home),
                stable_id,
                since,
                confirmed: false,
            },
            principal,
        }
    }

    /// What administrators are told of it.
    pub fn message(&self, now: Timestamp) -> Message {
        Message {
            about: About::User {
                user: self.after.user.clone(),
                team: None,
            },
            at: now,
            news: News::UserSuccession {
                principal: self.principal.to_string(),
                before: self.before.user.clone(),
                since: self.after.since,
            },
        }
    }
}

/// The user that another holder of a name is: `ana~AIDA…`.
pub fn newcomer(principal: &Principal, stable_id: &str, home: Option<&AccountId>) -> UserId {
    let name = user_id(principal, home);
    let whole = format!("{name}{SEPARATOR}{stable_id}");
    let user: String = whole.chars().take(LONGEST).collect();
    UserId::new(user.trim_end())
}

/// Whose call it is among the holders of a name, sorted by first call: by id; without one, by time.
/// `None` for an id that none of them has.
pub(crate) fn holder<'a>(
    holders: &'a [Holder],
    stable_id: Option<&str>,
    at: Timestamp,
) -> Option<&'a Holder> {
    match stable_id {
        Some(id) => holders.iter().find(|holder| holder.stable_id == id),
        None => holders
            .iter()
            .rfind(|holder| holder.since <= at)
            .or_else(|| holders.first()),
    }
}

impl std::fmt::Display for Succession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            principal,
            before,
            after,
        } = self;
        write!(
            f,
            "{principal} is {} and was {} (`{}`)",
            after.stable_id, before.stable_id, before.user
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribution::PrincipalKind;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn held(stable_id: &str, since: i64) -> Holder {
        Holder {
            stable_id: stable_id.into(),
            user: stable_id.to_lowercase().as_str().into(),
            since: at(since),
            confirmed: false,
        }
    }

    #[test]
    fn a_call_is_its_ids_and_without_one_its_times() {
        let holders = [held("A", 10), held("B", 20), held("C", 30)];
        for (stable_id, second, whose) in [
            (Some("A"), 99, Some("a")),
            (Some("C"), 1, Some("c")),
            (Some("D"), 99, None),
            (None, 1, Some("a")),
            (None, 19, Some("a")),
            (None, 20, Some("b")),
            (None, 99, Some("c")),
        ] {
            let found = holder(&holders, stable_id, at(second));
            let user = found.map(|holder| holder.user.as_str());
            assert_eq!(user, whose, "{stable_id:?} at {second}");
        }
        assert_eq!(holder(&[], None, at(1)), None);
    }

    #[test]
    fn a_newcomer_is_named_after_the_name_and_its_own_id() {
        let principal = |account: &str, kind, name: &str, session: Option<&str>| Principal {
            account: account.into(),
            kind,
            name: name.into(),
            session: session.map(ToOwned::to_owned),
        };
        let home = AccountId::new("1");
        for (principal, user) in [
            (principal("1", PrincipalKind::IamUser, "ana", None), "ana~B"),
            (
                principal("2", PrincipalKind::IamUser, "ana", None),
                "2/ana~B",
            ),
            (principal("1", PrincipalKind::Role, "ci", None), "role/ci~B"),
            (
                principal("1", PrincipalKind::RoleSession, "dev", Some("carl")),
                "carl~B",
            ),
        ] {
            let made = Succession::of(principal, held("A", 1), "B".into(), at(2), Some(&home));
            assert_eq!(made.after.user.as_str(), user);
        }
        let long = principal("1", PrincipalKind::IamUser, &"n".repeat(128), None);
        let made = Succession::of(long, held("A", 1), "B".repeat(128), at(2), None);
        assert_eq!(made.after.user.as_str().len(), LONGEST);
    }
}
