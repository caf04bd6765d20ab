//! `weir doctor`: what it finds, and what it says to do about it.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use weir_core::ids::{AccountId, Region};
use weir_engine::notify::Language;
use weir_engine::ports::{
    EffectError, EffectErrorKind, Feature, FoundRole, InvocationLog, RightsFound, RightsIn, Survey,
    Trail,
};
use weir_engine::{Check, Level};
use weir_testkit::records::call;

use crate::world::{Like, World};

async fn check(world: &World, name: &str) -> Check {
    let checks = world.engine.doctor().await;
    checks.into_iter().find(|check| check.name == name).unwrap()
}

#[tokio::test]
async fn both_languages_say_the_same_of_the_same_checks() {
    let world = World::new().await;
    world.ingest(&[call("r1").by("ana").api_event()]).await;
    let english = world.engine.doctor_in(Language::En).await;
    let spanish = world.engine.doctor_in(Language::Es).await;
    assert_eq!(
        english,
        world.engine.doctor().await,
        "English, if nobody asks"
    );
    assert_eq!(english.len(), spanish.len());
    // What is no sentence is the same in both.
    let same = ["Identity Center", "AWS access"];
    for (english, spanish) in english.iter().zip(&spanish) {
        assert_eq!(english.level, spanish.level, "{english:?} {spanish:?}");
        assert_eq!(english.remedy.is_some(), spanish.remedy.is_some());
        let told = |check: &Check| (check.name, check.found.clone());
        if !same.contains(&english.name) {
            assert_ne!(told(english).0, told(spanish).0);
            assert_ne!(told(english).1, told(spanish).1, "{english:?}");
        }
    }
    let reminder = |checks: &[Check], name: &str| named(checks, name).remedy.clone().unwrap();
    assert!(reminder(&english, "teams").contains("tag them"));
    assert!(reminder(&spanish, "equipos").contains("etiquételos"));
}

#[tokio::test]
async fn before_anything_was_counted_the_first_thing_to_do_is_named() {
    let world = World::new().await;
    let first = check(&world, "intake").await;
    assert_eq!(first.level, Level::Warn);
    let remedy = first.remedy.unwrap();
    assert!(remedy.contains("weir ingest aws --last 24h"), "{remedy}");
    let called = call("r1").by("ana").at("2026-11-20T09:00:00Z");
    world.ingest(&[called.api_event()]).await;
    let then = check(&world, "intake").await;
    assert_eq!((then.level, &then.remedy), (Level::Ok, &None));
    assert!(then.found.ends_with("2026-11-20 09:00 UTC"), "{then:?}");
}

#[tokio::test]
async fn a_region_without_invocation_log_is_named() {
    for (at_once, level) in [(false, Level::Warn), (true, Level::Ok)] {
        let world = World::with(Like {
            settle_at_once: at_once,
            ..Like::default()
        })
        .await;
        let two_hours_ago = |id: &str, region: &str| {
            call(id)
                .by("ana")
                .in_region(region)
                .tokens(100, 50)
                .at("2026-11-20T09:00:00Z")
        };
        let logged = two_hours_ago("r1", "us-east-1");
        let unlogged = two_hours_ago("r2", "eu-west-1");
        world
            .ingest(&[
                logged.api_event(),
                logged.log_entry(),
                unlogged.api_event(),
                // Its log may still be on its way.
                call("r3").in_region("eu-south-2").tokens(1, 1).api_event(),
            ])
            .await;
        let check = check(&world, "invocation logs").await;
        assert_eq!(check.level, level, "{check:?}");
        assert!(check.found.starts_with("none in eu-west-1"), "{check:?}");
        assert!(!check.found.contains("us-east-1"), "{check:?}");
        assert!(!check.found.contains("eu-south-2"), "{check:?}");
        let remedy = check.remedy.unwrap_or_default();
        assert_eq!(remedy.contains("model invocation logging"), !at_once);
    }
}

#[tokio::test]
async fn calls_without_counts_are_told_after_a_day() {
    let world = World::new().await;
    let stream = |id: &str, at: &str| call(id).by("ana").at(at).streamed().api_event();
    world
        .ingest(&[
            stream("r1", "2026-11-19T09:00:00Z"),
            stream("r2", "2026-11-18T09:00:00Z"),
            stream("r3", "2026-11-20T09:00:00Z"),
            call("r4")
                .by("ana")
                .at("2026-11-18T09:00:00Z")
                .denied()
                .api_event(),
        ])
        .await;
    let found = check(&world, "counts").await;
    assert_eq!(found.level, Level::Warn);
    assert!(
        found.found.contains("without any: 2 (2 of ") && found.found.contains(" in eu-west-1)"),
        "{found:?}"
    );
    // What is told is told as of now: a month later nobody asks any more.
    world.clock.advance(SignedDuration::from_hours(40 * 24));
    assert_eq!(check(&world, "counts").await.level, Level::Ok);
}

#[tokio::test]
async fn operations_that_nobody_knows_are_named() {
    let world = World::new().await;
    let earlier = |id: &str| call(id).by("ana").at("2026-11-20T10:00:00Z").tokens(10, 5);
    world.ingest(&[earlier("r1").api_event()]).await;
    assert_eq!(check(&world, "operations").await.level, Level::Ok);
    let mut event = earlier("r2").api_event();
    event["eventName"] = "ChatCompletions".into();
    assert_eq!(world.ingest(&[event]).await.new, 1);
    let found = check(&world, "operations").await;
    assert_eq!(found.level, Level::Warn);
    assert!(
        found.found.contains(": 1 (ChatCompletions: 1)"),
        "{found:?}"
    );
    world.clock.advance(SignedDuration::from_hours(8 * 24));
    assert_eq!(check(&world, "operations").await.level, Level::Ok);
}

const OPEN: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"People","Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"}}]}"#;
const FIXED: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"People","Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"},
     "Condition":{"StringEquals":{"sts:RoleSessionName":"${aws:username}"}}}]}"#;

#[tokio::test]
async fn a_role_whose_callers_choose_their_session_names_is_not_trusted_in_silence() {
    let world = World::with(Like {
        session_roles: vec!["dev"],
        ..Like::default()
    })
    .await;
    world
        .aws
        .role("dev", |role| OPEN.clone_into(&mut role.trust));
    let sessions: Vec<_> = (0..51)
        .map(|i| {
            let draft = call(&format!("r{i}")).by_session("dev", &format!("made-up-{i}"));
            draft.api_event()
        })
        .collect();
    world.ingest(&sessions[..50]).await;
    let found = check(&world, "session names").await;
    assert_eq!(found.level, Level::Warn);
    assert!(
        found
            .found
            .contains("statement `People` of its trust policy does not fix")
            && !found.found.contains("new names"),
        "{found:?}"
    );
    assert!(found.remedy.unwrap_or_default().contains("${aws:username}"));
    world
        .aws
        .role("dev", |role| FIXED.clone_into(&mut role.trust));
    assert_eq!(check(&world, "session names").await.level, Level::Ok);
    world.ingest(&sessions).await;
    let found = check(&world, "session names").await;
    assert!(
        found
            .found
            .contains("`dev` in 111122223333 showed 51 new names"),
        "{found:?}"
    );
    world.clock.advance(SignedDuration::from_hours(25));
    assert_eq!(check(&world, "session names").await.level, Level::Ok);
}

#[tokio::test]
async fn trusted_roles_that_are_not_there_and_missing_credentials_are_said() {
    let like = || Like {
        session_roles: vec!["dev"],
        ..Like::default()
    };
    let world = World::with(like()).await;
    world.calls("ana", 0..1).await; // makes the home account known
    let found = check(&world, "session names").await;
    assert!(found.found.contains("`dev` is no role in"), "{found:?}");
    let blind = World::with(Like {
        without_aws: true,
        ..like()
    })
    .await;
    let found = check(&blind, "session names").await;
    assert!(found.found.contains("without AWS credentials"), "{found:?}");
    let found = check(&World::new().await, "session names").await;
    assert_eq!(found.level, Level::Ok);
}

#[tokio::test]
async fn what_is_not_known_of_people_is_a_list_of_things_to_do() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.aws.user("ben", |user| user.login_profile = true);
    for name in ["ana", "ben"] {
        world.ingest(&[call(name).by(name).api_event()]).await;
    }
    for (name, level, words) in [
        ("teams", Level::Warn, "1 in none: ben"),
        ("addresses", Level::Warn, "1 without an e-mail address: ben"),
        ("classes", Level::Ok, "person or a machine"),
        (
            "not enforceable",
            Level::Ok,
            "everybody who calls can be denied",
        ),
        // No look at the account is possible here.
        ("AWS rights", Level::Ok, "not compared"),
        ("ways around Deny", Level::Ok, "not looked for"),
    ] {
        let check = check(&world, name).await;
        assert_eq!(check.level, level, "{check:?}");
        assert!(check.found.contains(words), "{check:?}");
    }
}

#[tokio::test]
async fn whoever_comes_by_a_way_that_cannot_be_denied_is_named_before_it_is_blocked() {
    let world = World::new().await;
    world
        .ingest(&[call("r1").by_person("eva@example.com").api_event()])
        .await;
    let check = check(&world, "not enforceable").await;
    assert_eq!(check.level, Level::Warn, "{check:?}");
    assert!(check.found.contains("eva@example.com"), "{check:?}");
}

/// An account as a test says it is.
struct Looked {
    roles: Vec<FoundRole>,
    rights: Result<RightsFound, EffectError>,
    elsewhere: Vec<RightsIn>,
}

#[async_trait]
impl Survey for Looked {
    async fn roles(&self) -> Result<Vec<FoundRole>, EffectError> {
        Ok(self.roles.clone())
    }

    async fn rights(&self, _features: &[Feature]) -> Result<RightsFound, EffectError> {
        self.rights.clone()
    }

    async fn rights_elsewhere(&self, _features: &[Feature]) -> Result<Vec<RightsIn>, EffectError> {
        Ok(self.elsewhere.clone())
    }

    async fn regions(&self) -> Result<Vec<Region>, EffectError> {
        Ok(Vec::new())
    }

    async fn invocation_log(&self, _region: &Region) -> Result<Option<InvocationLog>, EffectError> {
        Ok(None)
    }

    async fn trails(&self, _region: &Region) -> Result<Vec<Trail>, EffectError> {
        Ok(Vec::new())
    }
}

async fn looked(roles: Vec<FoundRole>, rights: Result<RightsFound, EffectError>) -> Vec<Check> {
    let elsewhere = Vec::new();
    looked_at(Looked {
        roles,
        rights,
        elsewhere,
    })
    .await
}

async fn looked_at(survey: Looked) -> Vec<Check> {
    let world = World::new().await;
    let engine = world.engine(&Like::default());
    engine.with_survey(Some(Arc::new(survey))).doctor().await
}

fn named<'a>(checks: &'a [Check], name: &str) -> &'a Check {
    checks.iter().find(|check| check.name == name).unwrap()
}

#[tokio::test]
async fn a_role_that_leads_around_a_deny_is_named_with_who_may_assume_it() {
    let role = |name: &str, principal: &str| FoundRole {
        account: AccountId::new("111122223333"),
        name: name.to_owned(),
        arn: format!("arn:aws:iam::111122223333:role/{name}"),
        trust: format!(
            r#"{{"Statement":{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal}}}}}"#
        ),
        policies: vec![
            r#"{"Statement":{"Effect":"Allow","Action":"bedrock:*","Resource":"*"}}"#.to_owned(),
        ],
    };
    let none = RightsFound::default();
    let open = role("app", r#"{"AWS":"arn:aws:iam::111122223333:root"}"#);
    let lambda = role("batch", r#"{"Service":"lambda.amazonaws.com"}"#);
    let checks = looked(vec![lambda.clone(), open], Ok(none.clone())).await;
    let check = named(&checks, "ways around Deny");
    assert_eq!(check.level, Level::Warn);
    let expected = "roles that may use Bedrock can be assumed (1): arn:aws:iam::111122223333:role/app \
                    by whoever in 111122223333 may call sts:AssumeRole";
    assert_eq!(check.found, expected);
    let checks = looked(vec![lambda], Ok(none)).await;
    assert_eq!(named(&checks, "ways around Deny").level, Level::Ok);
}

#[tokio::test]
async fn rights_that_are_missing_or_too_many_are_named_and_where_nobody_knows_that_is_said() {
    let rights = |missing: &[&str], excess: &[&str]| {
        let all = |some: &[&str]| some.iter().map(ToString::to_string).collect();
        Ok(RightsFound {
            who: "arn:aws:iam::111122223333:role/weir".to_owned(),
            missing: all(missing),
            excess: all(excess),
        })
    };
    let denied = Err(EffectError::new(
        EffectErrorKind::Denied,
        "Simulate",
        "AccessDenied",
    ));
    for (rights, level, words) in [
        (
            rights(&[], &[]),
            Level::Ok,
            "has those of read,enforce, and no others",
        ),
        (
            rights(&["iam:GetRole"], &[]),
            Level::Warn,
            "lacks 1 of read,enforce: iam:GetRole",
        ),
        (
            rights(&[], &["iam:PassRole"]),
            Level::Warn,
            "more than read,enforce needs: iam:PassRole",
        ),
        (
            rights(&["iam:GetRole"], &["s3:*"]),
            Level::Warn,
            "iam:GetRole; and has more",
        ),
        (denied, Level::Warn, "nobody knows: Simulate: AccessDenied"),
    ] {
        let checks = looked(Vec::new(), rights).await;
        let check = named(&checks, "AWS rights");
        assert_eq!(check.level, level, "{check:?}");
        assert!(check.found.contains(words), "{check:?}");
        assert_eq!(check.remedy.is_some(), level == Level::Warn);
    }
}

#[tokio::test]
async fn the_rights_of_each_role_in_another_account_are_compared_and_a_refused_one_hides_no_other()
{
    let found = |account: &str, missing: &[&str]| RightsFound {
        who: format!("arn:aws:iam::{account}:role/weir"),
        missing: missing.iter().map(ToString::to_string).collect(),
        excess: Vec::new(),
    };
    let refused = EffectError::new(
        EffectErrorKind::Cannot,
        "account 444455556666",
        "the role was not assumed: AccessDenied",
    );
    let is_in = |account: &str, found| RightsIn {
        account: AccountId::new(account),
        found,
    };
    let checks = looked_at(Looked {
        roles: Vec::new(),
        rights: Ok(found("111122223333", &[])),
        elsewhere: vec![
            is_in("444455556666", Err(refused)),
            is_in(
                "777788889999",
                Ok(found("777788889999", &["iam:PutRolePolicy"])),
            ),
        ],
    })
    .await;
    let check = named(&checks, "AWS rights");
    assert_eq!(check.level, Level::Warn);
    let expected = "arn:aws:iam::111122223333:role/weir has those of read,enforce, and no others; \
                    whether rights are missing in 444455556666, or too many, nobody knows: \
                    account 444455556666: the role was not assumed: AccessDenied; \
                    arn:aws:iam::777788889999:role/weir lacks 1 of read,enforce: iam:PutRolePolicy";
    assert_eq!(check.found, expected);
    let remedy = check.remedy.as_deref().unwrap();
    let expected = "what the role in 444455556666 needs, \
                    `weir aws-policy --feature read,enforce --account 444455556666` shows; \
                    compare arn:aws:iam::777788889999:role/weir with \
                    `weir aws-policy --feature read,enforce --account 777788889999`";
    assert_eq!(remedy, expected);
}
