//! Who called, case by case.

use super::*;

const HOME: &str = "111122223333";

fn settings(change: impl FnOnce(&mut AttributionSettings)) -> AttributionSettings {
    let mut settings = AttributionSettings {
        home_account: Some(HOME.into()),
        ..Default::default()
    };
    change(&mut settings);
    settings
}

fn session(role: &str, name: &str, source: Option<&str>) -> Identity {
    Identity::RoleSession {
        role: role.into(),
        session: name.into(),
        stable_id: None,
        source_identity: source.map(ToOwned::to_owned),
    }
}

fn iam(name: &str) -> Identity {
    Identity::IamUser {
        name: name.into(),
        stable_id: None,
    }
}

fn center(name: &str) -> Identity {
    Identity::IdentityCenter {
        role: "AWSReservedSSO_SapDevelopers_0123456789abcdef".into(),
        session: name.into(),
        directory_id: None,
    }
}

#[test]
fn identities_become_users() {
    let settings = settings(|s| s.session_roles = vec!["trusted".into()]);
    let service = Identity::Service {
        name: "bedrock.amazonaws.com".into(),
    };
    let unknown = Identity::Unknown { seen: "x".into() };
    for (account, identity, user) in [
        (HOME, iam("ana.lopez"), "ana.lopez"),
        (HOME, iam("root"), "name/root"),
        (HOME, iam("unknown"), "name/unknown"),
        ("999988887777", iam("ana.lopez"), "999988887777/ana.lopez"),
        (
            "999988887777",
            center("Maria@Example.com"),
            "maria@example.com",
        ),
        (HOME, session("build", "i-0abc", None), "role/build"),
        (HOME, session("build", "i-0abc", Some("eva")), "eva"),
        (HOME, session("trusted", "eva", None), "eva"),
        (
            "999988887777",
            session("build", "x", None),
            "999988887777/role/build",
        ),
        (HOME, Identity::Root, "root"),
        ("999988887777", service, "service/bedrock.amazonaws.com"),
        ("999988887777", unknown, "unknown"),
    ] {
        let principal = principal(&account.into(), &identity, &settings);
        let id = user_id(&principal, settings.home_account.as_ref());
        assert_eq!(id.as_str(), user, "{identity:?}");
    }
    let nobody_prefixed = principal(&"999988887777".into(), &iam("ana"), &settings);
    assert_eq!(user_id(&nobody_prefixed, None).as_str(), "ana");
}

#[test]
fn team_names_are_normalised_once() {
    for (text, team) in [
        ("team_sap_group", "sap"),
        (" SAP ", "sap"),
        ("sap", "sap"),
        ("team_sap", "sap"),
        ("data_group", "data"),
        ("", "unassigned"),
        ("team__group", "unassigned"),
    ] {
        assert_eq!(team_name(text).as_str(), team, "{text:?}");
    }
}

#[test]
fn the_team_comes_from_the_tag_then_the_permission_set_then_a_group() {
    let pattern = Regex::new("^(.+)Developers$").unwrap();
    let settings = settings(|s| s.permission_set_team_pattern = Some(pattern));
    let facts = |tag: Option<&str>, groups: &[&str]| CallerFacts {
        team_tag: tag.map(ToOwned::to_owned),
        groups: groups.iter().map(|&group| group.to_owned()).collect(),
        ..CallerFacts::default()
    };
    for (identity, facts, team) in [
        (
            iam("a"),
            facts(Some("CRM"), &["team_sap_group"]),
            Some("crm"),
        ),
        (
            iam("a"),
            facts(Some(" "), &["admins", "team_sap_group"]),
            Some("sap"),
        ),
        (iam("a"), facts(None, &["admins"]), None),
        (center("m@x.org"), facts(None, &[]), Some("sap")),
    ] {
        let principal = principal(&HOME.into(), &identity, &settings);
        let found = looked_up_team(&principal, &facts, None, &settings);
        assert_eq!(found.as_ref().map(TeamId::as_str), team);
    }
}

#[test]
fn people_are_told_from_workloads() {
    let console = CallerFacts {
        login_profile: true,
        ..CallerFacts::default()
    };
    let person = CallerFacts {
        person: Some("Ana".into()),
        ..CallerFacts::default()
    };
    let nothing = CallerFacts::default();
    for (identity, facts, class_) in [
        (center("m@x.org"), None, Some(UserClass::Human)),
        (iam("ana"), Some(&console), Some(UserClass::Human)),
        (iam("ana"), Some(&person), Some(UserClass::Human)),
        (iam("svc"), Some(&nothing), Some(UserClass::Workload)),
        (iam("whoever"), None, None),
        (
            session("r", "s", None),
            Some(&person),
            Some(UserClass::Workload),
        ),
        (Identity::Root, None, Some(UserClass::Unknown)),
    ] {
        let principal = principal(&HOME.into(), &identity, &settings(|_| {}));
        assert_eq!(class(&principal, facts), class_, "{identity:?}");
    }
}

#[test]
fn a_coding_tool_is_known_before_the_sdk_it_is_built_on() {
    let table = AttributionSettings::default().user_agents;
    for (agent, tool) in [
        (
            "claude-cli/2.4.1 (external, cli) aws-sdk-js/3.1010.0",
            Some("claude-code"),
        ),
        ("Boto3/1.43.11 md/Botocore#1.43.11", Some("boto3")),
        ("OpenAI/Python 1.50.0", Some("openai-sdk")),
        ("Mozilla/5.0", None),
    ] {
        let found = tool_of_agent(agent, &table);
        assert_eq!(found.as_ref().map(ToolId::as_str), tool, "{agent}");
    }
}

#[test]
fn bedrock_keys_are_told_apart_by_the_iam_user_that_holds_them() {
    use crate::rulebook::{KeyOwner, KeyState, StoredRules};
    let key = |id: &str, tool: &str, holder: Option<&str>| {
        let owner = KeyOwner::new(UserId::new("ana"), ToolId::new(tool), true, true);
        let iam_user = holder.map(ToOwned::to_owned);
        (crate::ids::KeyId::new(id), KeyOwner { iam_user, ..owner })
    };
    let noon: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let tool_at = |keys: Vec<_>, caller: Option<&str>, at: Timestamp| {
        let stored = StoredRules {
            keys,
            ..StoredRules::default()
        };
        let zone = crate::calendar::Zone::named("UTC").unwrap();
        let rules = Rulebook::new(
            std::sync::Arc::default(),
            zone,
            std::sync::Arc::default(),
            stored,
        );
        rules
            .bearer_tool(&UserId::new("ana"), caller, at)
            .map(ToString::to_string)
    };
    let tool = |keys: Vec<_>, caller: Option<&str>| tool_at(keys, caller, noon);
    let (own, apart) = (Some("ana"), Some("ana--kiro"));
    let both = || vec![key("ACCA1", "cline", own), key("ACCA2", "kiro", apart)];
    for (keys, caller, wanted) in [
        (both(), own, Some("cline")),
        (both(), apart, Some("kiro")),
        (both(), None, None),
        (vec![key("ACCA1", "cline", None)], own, Some("cline")),
        // Of one key nobody knows the holder: it may be this call's.
        (
            vec![key("ACCA1", "cline", own), key("ACCA2", "kiro", None)],
            own,
            None,
        ),
        (vec![], own, None),
    ] {
        assert_eq!(
            tool(keys.clone(), caller).as_deref(),
            wanted,
            "{keys:?} {caller:?}"
        );
    }
    let mut all = vec![key("ACCA1", "cline", own), key("ACCA2", "kiro", own)];
    assert_eq!(tool(all.clone(), own), None);
    all[1].1.state = KeyState::Revoked;
    assert_eq!(
        tool(all, own).as_deref(),
        Some("cline"),
        "what is revoked is not used"
    );
    // One key ended by itself at noon, the other was made an hour later.
    let mut all = vec![key("ACCA1", "cline", own), key("ACCA2", "kiro", own)];
    let hours = |hours| noon + jiff::SignedDuration::from_hours(hours);
    all[0].1.expires_at = Some(noon);
    all[1].1.created_at = Some(hours(1));
    for (at, wanted) in [(-1, Some("cline")), (0, None), (1, Some("kiro"))] {
        let found = tool_at(all.clone(), own, hours(at));
        assert_eq!(found.as_deref(), wanted, "{at}");
    }
}

/// Who somebody is who came through Identity Center: user, team, person, e-mail.
fn from_directory(
    session: &str,
    directory_id: Option<&str>,
    change: impl FnOnce(&mut AttributionSettings, &mut Rulebook),
) -> (String, String, Option<String>, Option<String>) {
    use crate::people::{DirectoryPerson, PeopleBook};
    let mut rules = Rulebook::new(
        std::sync::Arc::default(),
        crate::calendar::Zone::named("UTC").unwrap(),
        std::sync::Arc::default(),
        crate::rulebook::StoredRules::default(),
    );
    let person = |id: &str, user_name: &str, group: &str| DirectoryPerson {
        id: id.to_owned(),
        user_name: user_name.to_owned(),
        person: Some(format!("Person {id}")),
        email: Some(format!("{id}@example.com")),
        groups: vec!["everybody".to_owned(), group.to_owned()],
    };
    rules.directory = std::sync::Arc::new(PeopleBook::new([
        person("d-1", "Maria", "team_SAP_group"),
        person("d-2", "other", "no team"),
    ]));
    let mut own = settings(|_| ());
    change(&mut own, &mut rules);
    rules.settings = std::sync::Arc::new(crate::rulebook::Settings {
        attribution: own,
        ..crate::rulebook::Settings::default()
    });
    let record = Record {
        request: "r".into(),
        source: crate::record::Source::ApiCall,
        at: "2026-11-20T11:00:00Z".parse().unwrap(),
        account: HOME.into(),
        region: "eu-west-1".into(),
        operation: "Converse".into(),
        identity: Identity::IdentityCenter {
            role: "AWSReservedSSO_SapDevelopers_0123456789abcdef".into(),
            session: session.to_owned(),
            directory_id: directory_id.map(ToOwned::to_owned),
        },
        model_sent: None,
        model_resource: None,
        inference_region: None,
        tokens: None,
        failure: None,
        tier: None,
        client: crate::record::Client::default(),
        metadata: std::collections::BTreeMap::new(),
    };
    let found = attribute(&record, &Sighting::default(), &rules);
    let team = found.team.to_string();
    (found.user.to_string(), team, found.person, found.email)
}

#[test]
fn the_directory_says_who_comes_through_identity_center_unless_an_administrator_does() {
    let some = |text: &str| Some(text.to_owned());
    let plain = |_: &mut AttributionSettings, _: &mut Rulebook| ();
    // By user name, whatever its case; by id, whatever the session is called.
    for (session, id) in [("MARIA", None), ("maria", Some("d-1")), ("m", Some("d-1"))] {
        let (user, team, person, email) = from_directory(session, id, plain);
        assert_eq!(user, session.to_lowercase());
        assert_eq!((team.as_str(), person), ("sap", some("Person d-1")));
        assert_eq!(email, some("d-1@example.com"));
    }
    // Somebody else who is called the same is not in the directory.
    let (_, team, person, _) = from_directory("maria", Some("d-9"), plain);
    assert_eq!((team.as_str(), person), ("unassigned", None));
    // No group names a team: the permission set may.
    let (_, team, person, _) = from_directory("other", None, |settings, _| {
        settings.permission_set_team_pattern = Regex::new("^(.+)Developers$").ok();
    });
    assert_eq!((team.as_str(), person), ("sap", some("Person d-2")));
    // The address of the directory goes before one that the session is called by.
    let (_, _, _, email) = from_directory("d-2@example.com", None, plain);
    assert_eq!(email, some("d-2@example.com"));
    // What an administrator said wins.
    let (_, team, person, email) = from_directory("maria", None, |_, rules| {
        let said = Person {
            team: Some(TeamId::new("web")),
            email: some("boss@example.com"),
            ..Person::default()
        };
        rules.people.insert(UserId::new("maria"), said);
    });
    assert_eq!((team.as_str(), person), ("web", some("Person d-1")));
    assert_eq!(email, some("boss@example.com"));
}

#[test]
fn a_session_of_identity_center_keeps_its_case_while_no_id_is_told() {
    let center = |session: &str, id: Option<&str>| Identity::IdentityCenter {
        role: "AWSReservedSSO_Dev_0123456789abcdef".into(),
        session: session.into(),
        directory_id: id.map(ToOwned::to_owned),
    };
    let home = AccountId::new(HOME);
    let of = |identity| principal(&home, &identity, &settings(|_| ()));
    let (sent, told) = (
        of(center("Ana.Diaz", None)),
        of(center("Ana.Diaz", Some("d-1"))),
    );
    assert_eq!(sent.session.as_deref(), Some("Ana.Diaz"));
    assert_eq!(told.session.as_deref(), Some("ana.diaz"));
    assert_eq!(sent.folded(), told.folded());
    for principal in [&sent, &told] {
        assert_eq!(user_id(principal, Some(&home)).as_str(), "ana.diaz");
    }
    // A role that people assume themselves regards case, as IAM does.
    let role = Principal {
        kind: PrincipalKind::RoleSession,
        ..sent
    };
    assert_eq!(*role.folded(), role);
}

#[test]
fn a_link_holds_in_whatever_case_the_name_is_written() {
    let linked = |written: &str, comes: &str, id: Option<&str>| {
        let (user, ..) = from_directory(comes, id, |_, rules| {
            let stored = crate::rulebook::StoredRules {
                links: vec![(
                    Principal {
                        account: HOME.into(),
                        kind: PrincipalKind::IdentityCenter,
                        name: "AWSReservedSSO_SapDevelopers_0123456789abcdef".into(),
                        session: Some(written.into()),
                    },
                    UserId::new("eva"),
                )],
                ..crate::rulebook::StoredRules::default()
            };
            let zone = crate::calendar::Zone::named("UTC").unwrap();
            let made = Rulebook::new(
                rules.settings.clone(),
                zone,
                std::sync::Arc::default(),
                stored,
            );
            rules.links = made.links;
        });
        user
    };
    assert_eq!(linked("Maria", "maria", Some("d-1")), "eva");
    assert_eq!(linked("maria", "MARIA", None), "eva");
    assert_eq!(linked("Maria", "Mario", None), "mario");
}
