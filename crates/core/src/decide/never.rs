//! Whom automation never denies: `enforcement.never` (rules E10).

use crate::attribution::{Principal, PrincipalKind};
use crate::ids::UserId;
use crate::standing::KnownPrincipal;

use super::matches_pattern;

/// Whether a pattern names a user: by the id, or by a name or an ARN of one of its identities.
pub(super) fn names(pattern: &str, user: &UserId, principals: &[KnownPrincipal]) -> bool {
    let mut known = principals.iter().map(|known| &known.principal);
    if pattern.starts_with("arn:") {
        let pattern = &without_path(pattern);
        return known.any(|principal| {
            let arns = arns(principal, pattern);
            arns.iter().any(|arn| matches_pattern(pattern, arn))
        });
    }
    matches_pattern(pattern, user.as_str())
        || known.any(|principal| matches_pattern(pattern, &principal.name))
}

/// Whether a pattern leaves the name to a `*` behind a path: nobody can tell whom it means, for calls of roles
/// do not name the path.
pub fn is_only_a_path(pattern: &str) -> bool {
    let resource = RESOURCES.iter().find_map(|kind| pattern.split_once(kind));
    resource.is_some_and(|(_, rest)| rest.ends_with("/*"))
}

const RESOURCES: [&str; 2] = [":user/", ":role/"];

/// The pattern without the path of a user or role: ARNs of sessions do not have it.
fn without_path(pattern: &str) -> String {
    for kind in RESOURCES {
        if let Some((before, rest)) = pattern.split_once(kind) {
            let name = rest.rsplit('/').next().unwrap_or(rest);
            return format!("{before}{kind}{name}");
        }
    }
    pattern.to_owned()
}

/// How a principal may be named, in the partition that the pattern names: an account lies in one.
fn arns(principal: &Principal, pattern: &str) -> Vec<String> {
    let Principal {
        account,
        kind,
        name,
        session,
    } = principal;
    let partition = match pattern
        .strip_prefix("arn:")
        .and_then(|arn| arn.split_once(':'))
    {
        Some((partition, _)) if !partition.contains('*') => partition,
        _ => "aws",
    };
    match kind {
        PrincipalKind::IamUser => vec![format!("arn:{partition}:iam::{account}:user/{name}")],
        PrincipalKind::Root => vec![format!("arn:{partition}:iam::{account}:root")],
        _ => {
            let mut arns = vec![format!("arn:{partition}:iam::{account}:role/{name}")];
            if let Some(session) = session {
                arns.push(format!(
                    "arn:{partition}:sts::{account}:assumed-role/{name}/{session}"
                ));
            }
            arns
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AccountId;

    fn known(account: &str, kind: PrincipalKind, name: &str) -> KnownPrincipal {
        KnownPrincipal {
            principal: Principal {
                account: AccountId::new(account),
                kind,
                name: name.to_owned(),
                session: None,
            },
            stable_id: None,
        }
    }

    #[test]
    fn a_pattern_names_a_user_by_id_name_or_arn() {
        use PrincipalKind::{IamUser, Role};
        let ana = ("ana", known("111122223333", IamUser, "ana"));
        let far = (
            "999988887777/break-glass-1",
            known("999988887777", IamUser, "break-glass-1"),
        );
        let role = (
            "role/break-glass",
            known("111122223333", Role, "break-glass"),
        );
        let linked = ("ana", known("111122223333", IamUser, "ana-admin"));
        for (pattern, (user, principal), expected) in [
            ("ana", &ana, true),
            ("an", &ana, false),
            ("arn:aws:iam::111122223333:user/ana", &ana, true),
            // As IAM prints it.
            ("arn:aws:iam::111122223333:user/teams/data/ana", &ana, true),
            ("arn:aws:iam::111122223333:user/teams/*/ana", &ana, true),
            ("arn:aws:iam::111122223333:user/teams/data/eva", &ana, false),
            ("arn:aws:iam::999988887777:user/teams/data/ana", &ana, false),
            ("arn:*:iam::*:user/a*", &ana, true),
            ("break-glass-*", &far, true),
            ("break-glass*", &role, true),
            (
                "arn:aws:iam::111122223333:role/service/break-glass",
                &role,
                true,
            ),
            ("arn:aws:iam::111122223333:user/break-glass", &role, false),
            ("ana-admin", &linked, true),
        ] {
            let principals = std::slice::from_ref(principal);
            let found = names(pattern, &UserId::new(*user), principals);
            assert_eq!(found, expected, "{pattern} {user}");
        }
    }

    #[test]
    fn a_pattern_that_is_only_a_path_tells_nobody() {
        for (pattern, expected) in [
            ("arn:aws:iam::111122223333:user/eng/*", true),
            (
                "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*",
                true,
            ),
            ("arn:aws:iam::111122223333:role/*", false),
            ("arn:aws:iam::111122223333:user/eng/a*", false),
            ("arn:aws:sts::111122223333:assumed-role/Admin/*", false),
        ] {
            assert_eq!(is_only_a_path(pattern), expected, "{pattern}");
        }
    }
}
