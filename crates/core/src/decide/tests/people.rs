//! Where and by what people of Identity Center are denied (rules E5).

use super::*;
use crate::access::{Reach, TargetKey, TargetKind};
use crate::attribution::Holder;
use crate::people::DirectoryPerson;
use crate::rulebook::IdentityCenter;

const ROLE: &str = "AWSReservedSSO_Dev_0123456789abcdef";

fn maria(stable_id: Option<&str>) -> Standing {
    let mut known = principal(
        PrincipalKind::IdentityCenter,
        ROLE,
        Some("maria@example.com"),
    );
    known.stable_id = stable_id.map(str::to_owned);
    Standing {
        principals: vec![known],
        usage: requests(1),
        ..ana()
    }
}

fn by(mechanism: IdentityCenter, listed: bool) -> Rulebook {
    let mut rules = rules_with(vec![daily("defaults", 1)], |settings| {
        settings.enforcement.mode = Some(Mode::Iam);
        settings.enforcement.identity_center = mechanism;
    });
    if listed {
        let person = DirectoryPerson {
            id: "d-maria".into(),
            user_name: "Maria".into(),
            email: Some("Maria@Example.com".into()),
            ..DirectoryPerson::default()
        };
        rules.directory = Arc::new(crate::people::PeopleBook::new([person]));
    }
    rules
}

fn policy() -> IdentityCenter {
    IdentityCenter::PermissionSetPolicy("WeirBlock".into())
}

fn scp(management: &str) -> IdentityCenter {
    let arn =
        format!("arn:aws:organizations::{management}:policy/o-abc/service_control_policy/p-block");
    IdentityCenter::Scp(arn.parse().unwrap())
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_carries_the_deny_is_what_is_configured() {
    use TargetKind::{IdentityCenter as Nothing, PermissionSetPolicy, Scp};
    let (own, other) = ("111122223333", "999999999999");
    let whole = Reach::Whole;
    let person = Reach::Person("d-maria".into());
    let session = Reach::Session("*:maria@example.com".into());
    let requested = TargetState::Requested;
    for (mechanism, stable_id, listed, (account, kind, id), reach, state) in [
        // Nothing is configured: by id or name, and nothing can be done.
        (
            IdentityCenter::None,
            Some("d-maria"),
            false,
            (own, Nothing, "d-maria"),
            whole.clone(),
            TargetState::Cannot,
        ),
        (
            IdentityCenter::None,
            None,
            false,
            (own, Nothing, "maria@example.com"),
            whole.clone(),
            TargetState::Cannot,
        ),
        // The id comes from a call, else from the directory, else there is only the session's name.
        (
            policy(),
            Some("d-maria"),
            false,
            (own, PermissionSetPolicy, "WeirBlock"),
            person.clone(),
            requested,
        ),
        (
            policy(),
            None,
            true,
            (own, PermissionSetPolicy, "WeirBlock"),
            person.clone(),
            requested,
        ),
        (
            policy(),
            None,
            false,
            (own, PermissionSetPolicy, "WeirBlock"),
            session.clone(),
            requested,
        ),
        // One policy for the organisation, which does not bind its management account.
        (
            scp(other),
            None,
            true,
            (other, Scp, "p-block"),
            person,
            requested,
        ),
        (
            scp(other),
            None,
            false,
            (other, Scp, "p-block"),
            session,
            requested,
        ),
        (
            scp(own),
            None,
            true,
            (own, Nothing, "d-maria"),
            whole,
            TargetState::Cannot,
        ),
    ] {
        let plan = decide_at(maria(stable_id), &by(mechanism.clone(), listed), NOON);
        let [change] = plan.access.as_slice() else {
            panic!("{mechanism:?}: {:?}", plan.access);
        };
        let target = TargetKey {
            account: account.into(),
            kind,
            id: id.into(),
        };
        assert_eq!(
            (&change.member.target, &change.member.reach, change.state),
            (&target, &reach, state),
            "{mechanism:?}"
        );
        let says_what_to_do = change.note.as_deref().is_some_and(|note| {
            note.contains("enforcement.identity_center") || note.contains("management account")
        });
        assert_eq!(says_what_to_do, state == TargetState::Cannot);
    }
}

/// Somebody whose calls named them in these ways, with the id if they told it.
fn called(spellings: &[(&str, Option<&str>)]) -> Standing {
    let principals = spellings.iter().map(|(session, id)| {
        let mut known = principal(PrincipalKind::IdentityCenter, ROLE, Some(session));
        known.stable_id = id.map(str::to_owned);
        known
    });
    Standing {
        principals: principals.collect(),
        ..maria(None)
    }
}

#[test]
fn a_name_is_denied_in_the_case_in_which_aws_sends_it() {
    let by_name = |name: &str| Reach::Session(format!("*:{name}"));
    let by_id = || Reach::Person("d-maria".into());
    for (spellings, listed, reaches) in [
        (vec![("Maria", None)], false, vec![by_name("Maria")]),
        // Each way of writing it is another name to IAM.
        (
            vec![("Maria", None), ("MARIA", None)],
            false,
            vec![by_name("Maria"), by_name("MARIA")],
        ),
        // The id holds for all of them, whether a call or the directory told it.
        (
            vec![("Maria", None), ("maria", Some("d-maria"))],
            false,
            vec![by_id()],
        ),
        (vec![("MARIA", None)], true, vec![by_id()]),
    ] {
        let plan = decide_at(called(&spellings), &by(policy(), listed), NOON);
        let found: Vec<_> = plan
            .access
            .iter()
            .map(|change| change.member.reach.clone())
            .collect();
        assert_eq!(found, reaches, "{spellings:?}");
    }
}

#[test]
fn a_name_that_went_to_somebody_else_denies_them_not() {
    let mut rules = by(policy(), false);
    let holder = |id: &str, user: &str, second| Holder {
        stable_id: id.into(),
        user: user.into(),
        since: jiff::Timestamp::from_second(second).unwrap(),
        confirmed: true,
    };
    let name = principal(PrincipalKind::IdentityCenter, ROLE, Some("maria")).principal;
    let holders = vec![
        holder("d-1", maria(None).user.as_str(), 1),
        holder("d-2", "other", 2),
    ];
    rules.holders.insert(name, holders);
    let plan = decide_at(called(&[("Maria", None)]), &rules, NOON);
    assert_eq!(plan.access[0].member.reach, Reach::Person("d-1".into()));
}

#[test]
fn a_deny_follows_the_mechanism_and_the_directory() {
    // Denied by name at first.
    let before = by(policy(), false);
    let plan = decide_at(maria(None), &before, NOON);
    let member = plan.access[0].member.clone();
    let standing = after(maria(None), &plan);
    assert!(is_aligned(&standing, &before));

    for now in [
        by(policy(), true),
        by(scp("999999999999"), false),
        by(IdentityCenter::None, false),
    ] {
        assert!(!is_aligned(&standing, &now), "somebody must look again");
        let plan = decide_at(standing.clone(), &now, NOON);
        let of = |denied: bool| {
            let mut changes = plan.access.iter();
            changes.find(|change| change.member.is_denied() == denied)
        };
        let (new, old) = (of(true).unwrap(), of(false).unwrap());
        assert_ne!(
            (&new.member.target, &new.member.reach),
            (&member.target, &member.reach)
        );
        assert_eq!(
            (&old.member.target, &old.member.reach),
            (&member.target, &member.reach)
        );
        assert_eq!(old.state, TargetState::Requested, "what was there goes");
    }
}

#[test]
fn the_arn_of_a_service_control_policy_names_its_account() {
    for (text, ok) in [
        (
            "arn:aws:organizations::111122223333:policy/o-a1/service_control_policy/p-b2",
            true,
        ),
        (
            "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
            false,
        ),
        (
            "arn:aws:organizations::111122223333:policy/o-a1/tag_policy/p-b2",
            false,
        ),
        ("p-b2", false),
        ("", false),
    ] {
        let parsed: Result<crate::rulebook::Scp, _> = text.parse();
        assert_eq!(parsed.is_ok(), ok, "{text}");
    }
}
