//! Identities as administrators name them.

use super::{Principal, PrincipalKind};
use crate::ids::AccountId;

/// The longest name of an identity that is stored; AWS gives none of half that length.
const LONGEST: usize = 128;

/// Reads an ARN, or `ACCOUNT/KIND/NAME[/SESSION]`: one identity. Of roles that are not among `session_roles`
/// the session names nobody.
pub fn named(text: &str, session_roles: &[String]) -> Result<Principal, String> {
    let principal = parse(text, session_roles)?;
    let session = principal.session.as_deref().unwrap_or_default();
    if [principal.name.as_str(), session]
        .iter()
        .any(|part| part.chars().count() > LONGEST)
    {
        return Err(format!(
            "a name of more than {LONGEST} characters is none that AWS gives"
        ));
    }
    check_session(&principal)?;
    Ok(principal)
}

fn parse(text: &str, session_roles: &[String]) -> Result<Principal, String> {
    let wrong = || {
        format!(
            "`{text}` is not an identity: write arn:aws:iam::111122223333:user/ana, \
             arn:aws:sts::111122223333:assumed-role/ROLE/SESSION, or ACCOUNT/KIND/NAME[/SESSION] as \
             `weir user show` prints it"
        )
    };
    if text.starts_with("arn:") {
        return of_arn(text, session_roles).ok_or_else(wrong);
    }
    let mut parts = text.splitn(4, '/');
    let (account, kind, name) = (parts.next(), parts.next(), parts.next());
    let (Some(account), Some(kind), Some(name)) = (account, kind, name) else {
        return Err(wrong());
    };
    let kind: PrincipalKind = kind.parse()?;
    let session = parts.next().map(str::to_owned);
    if name.is_empty() || !is_account(account) {
        return Err(wrong());
    }
    Ok(Principal {
        account: AccountId::new(account),
        kind,
        name: name.to_owned(),
        session,
    })
}

fn of_arn(text: &str, session_roles: &[String]) -> Option<Principal> {
    let mut parts = text.splitn(6, ':').skip(2);
    let (service, _region) = (parts.next()?, parts.next()?);
    let account = parts.next().filter(|account| is_account(account))?;
    let (kind, rest) = parts.next()?.split_once('/')?;
    let (kind, name, session) = match (service, kind) {
        ("iam", "user") => (PrincipalKind::IamUser, rest.rsplit('/').next()?, None),
        ("iam", "role") => (PrincipalKind::Role, rest.rsplit('/').next()?, None),
        ("sts", "assumed-role") => {
            let (role, session) = rest.split_once('/')?;
            if role.starts_with("AWSReservedSSO_") {
                (
                    PrincipalKind::IdentityCenter,
                    role,
                    Some(session.to_owned()),
                )
            } else if session_roles.iter().any(|known| known == role) {
                (PrincipalKind::RoleSession, role, Some(session.to_owned()))
            } else {
                // The session name is chosen by the caller and proves nothing (rules A3).
                (PrincipalKind::Role, role, None)
            }
        }
        _ => return None,
    };
    let account = AccountId::new(account);
    (!name.is_empty()).then(|| Principal {
        account,
        kind,
        name: name.to_owned(),
        session,
    })
}

/// What stands for other names in a policy is in no name that AWS gives a session.
fn check_session(principal: &Principal) -> Result<(), String> {
    let session = principal.session.as_deref().unwrap_or_default();
    let good = |c: char| c.is_alphanumeric() || "_+=,.@-".contains(c);
    match session.chars().find(|c| !good(*c)) {
        None => Ok(()),
        Some(c) => Err(format!(
            "`{c}` is in no name of a session: AWS allows letters, digits and _+=,.@- only. Name one \
             identity, as `weir user show` prints it"
        )),
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SSO: &str = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Dev_0123456789abcdef";

    #[test]
    fn a_session_keeps_the_case_that_aws_gave_it() {
        let principal = parse(&format!("{SSO}/Ana.Diaz"), &[]).unwrap();
        assert_eq!(principal.session.as_deref(), Some("Ana.Diaz"));
        assert_eq!(check_session(&principal), Ok(()));
    }

    #[test]
    fn a_name_that_stands_for_others_is_refused() {
        for session in ["*", "an?", "${aws:userid}", "a b"] {
            let principal = parse(&format!("{SSO}/{session}"), &[]).unwrap();
            let error = check_session(&principal).unwrap_err();
            assert!(error.contains("no name of a session"), "{error}");
        }
        let plain = parse("111122223333/source-identity/ci/*", &[]).unwrap();
        assert!(check_session(&plain).is_err());
        let user = parse("arn:aws:iam::111122223333:user/ana", &[]).unwrap();
        assert_eq!(check_session(&user), Ok(()));
    }
}
