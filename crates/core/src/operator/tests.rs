//! Who may do what, as a table.

use jiff::{SignedDuration, Timestamp};

use super::*;

#[test]
fn every_role_and_permission() {
    use Permission as P;
    use Reach::{Everything as All, Nothing as No, OwnTeam as Own, OwnUser as Me};
    let table = [
        //                      developer team viewer operator admin
        (P::ReadOwn, [Me, No, No, No, No]),
        (P::ReadUsage, [No, Own, All, All, All]),
        (P::ReadPrices, [No, All, All, All, All]),
        (P::ReadAudit, [No, No, All, All, All]),
        (P::ReadSystem, [No, No, All, All, All]),
        (P::Block, [No, Own, No, All, All]),
        (P::LiftOthersBlock, [No, No, No, No, All]),
        (P::ChangeQuotas, [No, No, No, No, All]),
        (P::ChangePrices, [No, No, No, No, All]),
        (P::ChangePeople, [No, No, No, No, All]),
        (P::MakeTokens, [No, All, All, All, All]),
        (P::ManageOperators, [No, No, No, No, All]),
        (P::ManageSystem, [No, No, No, No, All]),
    ];
    assert_eq!(table.map(|(permission, _)| permission), Permission::ALL);
    for (permission, expected) in table {
        let found = Role::ALL.map(|role| reach(role, permission));
        assert_eq!(found, expected, "{permission:?}");
    }
}

#[test]
fn a_team_goes_with_the_role_team_and_no_other() {
    let sap = || Some(TeamId::new("sap"));
    assert_eq!(Rights::new(Role::Team, None, None), Err(BadRights::NoTeam));
    for role in [Role::Viewer, Role::Operator, Role::Admin] {
        assert_eq!(Rights::new(role, sap(), None), Err(BadRights::NeedlessTeam));
        assert!(Rights::new(role, None, None).is_ok());
    }
    let rights = Rights::new(Role::Team, sap(), None).unwrap();
    let within = rights.within(Permission::ReadUsage).unwrap();
    assert!(within.holds(&TeamId::new("sap")));
    assert!(!within.holds(&TeamId::new("web")));
    assert_eq!(rights.within(Permission::ReadAudit), None);
}

#[test]
fn a_user_goes_with_the_role_developer_and_no_other() {
    let ana = || Some(UserId::new("ana"));
    let sap = || Some(TeamId::new("sap"));
    let long = "a".repeat(192);
    for nobody in [None, Some(" "), Some("unknown"), Some(long.as_str())] {
        let without = Rights::new(Role::Developer, None, nobody.map(UserId::new));
        assert_eq!(without, Err(BadRights::NoUser), "{nobody:?}");
    }
    let with_both = Rights::new(Role::Developer, sap(), ana());
    assert_eq!(with_both, Err(BadRights::NeedlessTeam));
    for role in [Role::Viewer, Role::Operator, Role::Admin] {
        let with = Rights::new(role, None, ana());
        assert_eq!(with, Err(BadRights::NeedlessUser));
    }
    let with_both = Rights::new(Role::Team, sap(), ana());
    assert_eq!(with_both, Err(BadRights::NeedlessUser));
    let rights = Rights::new(Role::Developer, None, ana()).unwrap();
    assert_eq!(rights.own(Permission::ReadOwn), ana().as_ref());
    for permission in Permission::ALL {
        assert_eq!(rights.may(permission), permission == Permission::ReadOwn);
        assert_eq!(rights.within(permission), None, "no team, and not all");
    }
}

#[test]
fn a_token_has_no_more_than_its_owner() {
    use Role::{Admin, Developer, Operator, Team, Viewer};
    let of = |role| {
        let team = (role == Team).then(|| TeamId::new("sap"));
        let user = (role == Developer).then(|| UserId::new("ana"));
        Rights::new(role, team, user).unwrap()
    };
    for (owner, token, left, may) in [
        (Admin, Admin, Admin, true),
        (Admin, Viewer, Viewer, true),
        (Operator, Viewer, Viewer, true),
        // The owner had more once.
        (Operator, Admin, Operator, false),
        (Viewer, Operator, Viewer, false),
        (Team, Team, Team, true),
        (Team, Admin, Team, false),
        (Team, Viewer, Team, false),
        // The owner had a team once.
        (Admin, Team, Viewer, false),
        (Developer, Developer, Developer, true),
        (Developer, Admin, Developer, false),
        (Developer, Team, Developer, false),
        // The owner had a user once.
        (Admin, Developer, Developer, false),
        (Team, Developer, Developer, false),
    ] {
        assert_eq!(of(owner).narrowed(token).role(), left, "{owner} {token}");
        assert_eq!(of(owner).may_issue(token), may, "{owner} {token}");
    }
    let left = of(Admin).narrowed(Developer);
    assert!(Permission::ALL.into_iter().all(|any| !left.may(any)));
}

#[test]
fn names() {
    for (typed, name) in [
        ("ana", Some("ana")),
        (" Ana.Diaz@example.com ", Some("ana.diaz@example.com")),
        ("", None),
        ("ana diaz", None),
        ("ana/weir", None),
        ("añá", None),
    ] {
        let found = OperatorName::new(typed).ok();
        assert_eq!(found.as_ref().map(OperatorName::as_str), name, "{typed}");
    }
    assert!(OperatorName::new(&"a".repeat(65)).is_err());
}

#[test]
fn passwords() {
    for (password, expected) in [
        ("correct horse battery", Ok(())),
        ("ñandú y más cosas", Ok(())),
        ("short", Err(BadPassword::Short)),
        ("aaaaaaaaaaaaaaaa", Err(BadPassword::Obvious)),
        ("ana.diaz@example.com", Err(BadPassword::Obvious)),
    ] {
        let found = check_password("ana.diaz@example.com", password);
        assert_eq!(found, expected, "{password}");
    }
    let long = "abcde".repeat(60);
    assert_eq!(check_password("ana", &long), Err(BadPassword::Long));
}

#[test]
fn the_more_failures_the_longer_the_pause() {
    let start: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    let pause = |failures| {
        let attempts = Attempts {
            failures,
            last: start,
        };
        let next = Pace::ACCOUNT.waits(attempts, start);
        next.map_or(0, |next| next.duration_since(start).as_secs())
    };
    let found = [0, 1, 4, 5, 6, 7, 10, 11, 400].map(pause);
    assert_eq!(found, [0, 0, 0, 1, 2, 4, 32, 60, 60]);

    let pace = Pace::ACCOUNT;
    let mut attempts = None;
    for failures in 1..=3 {
        attempts = Some(pace.after(attempts, start));
        assert_eq!(attempts.map(|now| now.failures), Some(failures));
    }
    let tomorrow = start + SignedDuration::from_hours(24);
    assert_eq!(pace.after(attempts, tomorrow).failures, 1, "forgotten");
}
