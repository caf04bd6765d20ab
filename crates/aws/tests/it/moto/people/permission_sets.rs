//! Policies that permission sets refer to.

use serde_json::{Value, json};
use weir_engine::ports::{Comparison, EffectErrorKind, Ours, Unguarded};
use weir_engine::release;

use super::*;

async fn kind_of(stage: &MotoStage, desired: &Desired) -> (EffectErrorKind, String) {
    let error = stage.access().apply(&target(stage), desired).await;
    let error = error.unwrap_err();
    (error.kind, error.why)
}

/// Applies, and looks again.
async fn apply(stage: &MotoStage, desired: &Desired) -> (bool, &'static str) {
    let access = stage.access();
    let applied = access.apply(&target(stage), desired).await.unwrap();
    assert!(applied.verified);
    let found = access.compare(&target(stage), desired).await.unwrap();
    assert_eq!(found, Comparison::Same);
    (applied.wrote, applied.mechanism)
}

async fn ready(policies: u8) -> (MotoStage, String) {
    let stage = stage_with(policies).await;
    stage.access().set_up().await.unwrap();
    let role = stage.make_sso_role("Developers").await;
    for number in 1..=usize::from(policies) {
        stage.refer(&role, number).await;
    }
    (stage, role)
}

#[tokio::test]
async fn nobody_is_denied_by_a_policy_that_nothing_refers_to() {
    let stage = stage_with(1).await;
    let role = stage.make_sso_role("Developers").await;
    let one = people_denied([1]);
    let (kind, why) = kind_of(&stage, &one).await;
    assert_eq!(kind, EffectErrorKind::Cannot);
    assert!(why.contains("weir enforce setup"), "{why}");
    assert!(stage.access().set_up().await.unwrap().changed());
    assert!(!stage.access().set_up().await.unwrap().changed());
    let (kind, why) = kind_of(&stage, &one).await;
    assert_eq!(kind, EffectErrorKind::Cannot);
    assert!(
        why.contains("no permission set refers to WeirBlock"),
        "{why}"
    );
    assert!(stage.denied_by(1).await.is_empty());
    stage.refer(&role, 1).await;
    assert_eq!(apply(&stage, &one).await, (true, "permission-set-policy"));
}

#[tokio::test]
async fn a_deny_of_people_is_exact_repeatable_and_gone_without_a_trace() {
    let (stage, role) = ready(1).await;
    let theirs = stage.client.put_role_policy().role_name(&role);
    let allow = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"bedrock:*","Resource":"*"}]}"#;
    let put = theirs.policy_name("Theirs").policy_document(allow);
    put.send().await.unwrap();
    let nobody = stage.managed_text(&stage.policy(1)).await;

    let session = Reach::Session("*:odd+name=a,b@x-y.example".to_owned());
    let mut both = people_denied([1]);
    both.denied.push((session.clone(), denial()));
    both.denied.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(apply(&stage, &both).await, (true, "permission-set-policy"));
    assert_eq!(apply(&stage, &both).await, (false, "permission-set-policy"));
    let text = stage.managed_text(&stage.policy(1)).await;
    let exact = people::text(&both.denied, "aws", true);
    assert!(policy_doc::same(&text, &exact), "{text}");
    let text: Value = serde_json::from_str(&text).unwrap();
    let statements = text["Statement"].as_array().unwrap().iter();
    let named = statements.filter_map(|one| one["Condition"].get("StringEquals"));
    let named: Vec<_> = named.collect();
    let id = "92670bc1c9-0000-4000-8000-000000000001";
    assert_eq!(
        named,
        [&json!({ "identitystore:userId": id })],
        "nobody else"
    );

    assert_eq!(apply(&stage, &Desired::default()).await, (true, "nothing"));
    assert_eq!(apply(&stage, &Desired::default()).await, (false, "nothing"));
    let text = stage.managed_text(&stage.policy(1)).await;
    assert!(policy_doc::same(&text, &nobody), "{text}");
    let found = stage.client.get_role_policy().role_name(&role);
    let found = found.policy_name("Theirs").send().await.unwrap();
    assert_eq!(super::super::stage::decoded(&found.policy_document), allow);
}

#[tokio::test]
async fn iam_users_stay_denied_while_people_come_and_go() {
    let (stage, _) = ready(1).await;
    let fixed: Value = serde_json::from_str(&policy_doc::managed()).unwrap();
    // More rounds than a policy has versions.
    for round in 0..7 {
        apply(&stage, &people_denied(round..round + 2)).await;
        let text = stage.managed_text(&stage.policy(1)).await;
        let text: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(text["Statement"][0], fixed["Statement"][0]);
        assert!(!stage.access().set_up().await.unwrap().changed());
        assert_eq!(stage.denied_by(1).await.len(), 2, "set-up lets nobody out");
    }
}

#[tokio::test]
async fn drift_of_the_shared_policy_is_seen_and_repaired() {
    let (stage, _) = ready(1).await;
    let wanted = people_denied([1, 2]);
    apply(&stage, &wanted).await;
    for (denied, found) in [
        (people_denied([1]), Comparison::DenyMissing),
        (people_denied([1, 2, 3]), Comparison::DenyLeft),
        (people_denied([]), Comparison::DenyMissing),
    ] {
        stage.overwrite(&denied).await;
        let seen = stage.access().compare(&target(&stage), &wanted).await;
        assert_eq!(seen.unwrap(), found);
        assert_eq!(apply(&stage, &wanted).await.1, "permission-set-policy");
        assert_eq!(stage.denied_by(1).await.len(), 2);
    }
}

#[tokio::test]
async fn many_people_spread_over_the_policies_that_every_role_has() {
    let (stage, _) = ready(2).await;
    let all = people_denied(0..230);
    assert_eq!(apply(&stage, &all).await, (true, "permission-set-policy"));
    let (first, second) = (stage.denied_by(1).await, stage.denied_by(2).await);
    assert!(first.is_disjoint(&second));
    assert_eq!(first.len() + second.len(), 230);
    for number in [1, 2] {
        let text = stage.managed_text(&stage.policy(number)).await;
        assert!(policy_doc::size(&text) <= 6_144, "{number}");
    }
    // Whoever is allowed again goes out where they are; nobody else moves.
    apply(&stage, &people_denied(1..230)).await;
    assert_eq!(stage.denied_by(2).await, second);
    assert!(!stage.denied_by(1).await.contains(&person(0)));

    // A second permission set that has the first policy only: what is in the other does not hold there.
    let other = stage.make_sso_role("Analysts").await;
    stage.refer(&other, 1).await;
    let (kind, why) = kind_of(&stage, &people_denied(1..230)).await;
    assert_eq!(kind, EffectErrorKind::NoRoom);
    assert!(why.contains("WeirBlock-2"), "{why}");
    assert_eq!(
        stage.denied_by(2).await,
        second,
        "and still denies the others"
    );
    let missing = Unguarded {
        account: stage.account.clone(),
        place: other.clone(),
        missing: "the policy WeirBlock-2".to_owned(),
    };
    assert_eq!(stage.access().unguarded().await.unwrap(), [missing]);
    stage.refer(&other, 2).await;
    apply(&stage, &people_denied(1..230)).await;
    assert_eq!(stage.access().unguarded().await.unwrap(), []);
}

#[tokio::test]
async fn as_many_as_fit_are_denied_and_the_rest_is_told() {
    let (stage, _) = ready(1).await;
    let (kind, why) = kind_of(&stage, &people_denied(0..300)).await;
    assert_eq!(kind, EffectErrorKind::NoRoom);
    assert!(
        why.contains("enforcement.identity_center_policies"),
        "{why}"
    );
    let denied = stage.denied_by(1).await;
    assert!(denied.len() > 100, "{}", denied.len());
    assert!(denied.contains(&person(0)));
    kind_of(&stage, &people_denied(1..300)).await;
    assert!(
        !stage.denied_by(1).await.contains(&person(0)),
        "allowed again"
    );
    assert_eq!(stage.denied_by(1).await.len(), denied.len());
}

#[tokio::test]
async fn trouble_with_the_shared_policy_is_told_apart_and_outlasted() {
    let (stage, _) = ready(1).await;
    let arn = stage.policy(1);
    let one = people_denied([1]);
    for (action, error, kind) in [
        ("CreatePolicyVersion", "Throttling", EffectErrorKind::Retry),
        (
            "CreatePolicyVersion",
            "AccessDenied",
            EffectErrorKind::Denied,
        ),
        ("GetPolicy", "AccessDenied", EffectErrorKind::Denied),
        (
            "ListEntitiesForPolicy",
            "AccessDenied",
            EffectErrorKind::Denied,
        ),
    ] {
        let fault = json!([{ "action": action, "user": arn, "error": error }]);
        stage.faults(fault).await;
        assert_eq!(kind_of(&stage, &one).await.0, kind, "{action}");
        assert!(stage.denied_by(1).await.is_empty());
    }
    // The answer is lost, the work is done.
    let lost = json!([{ "action": "CreatePolicyVersion", "user": arn, "error": "InternalFailure", "apply": true }]);
    stage.faults(lost).await;
    assert_eq!(kind_of(&stage, &one).await.0, EffectErrorKind::Retry);
    assert_eq!(apply(&stage, &one).await, (false, "permission-set-policy"));
}

#[tokio::test]
async fn everything_of_people_is_found_and_released_without_a_database() {
    let (stage, _) = ready(2).await;
    apply(&stage, &people_denied(0..200)).await;
    // Whatever is configured by then.
    let later = weir_aws::Connection::over(stage.config.clone(), AwsSettings::default());
    let ours = later.access.find_ours().await.unwrap();
    assert_eq!(ours.targets, [target(&stage)]);
    let released = release(&*later.access, ours.targets).await;
    assert!(released.iter().all(|one| one.released), "{released:?}");
    assert!(stage.denied_by(1).await.is_empty() && stage.denied_by(2).await.is_empty());
    assert_eq!(later.access.find_ours().await.unwrap(), Ours::default());
}

#[tokio::test]
async fn roles_without_the_policy_are_listed() {
    let stage = stage_with(1).await;
    let role = stage.make_sso_role("Developers").await;
    stage.make_role("ordinary").await;
    let missing = |place: &str, missing: String| Unguarded {
        account: stage.account.clone(),
        place: place.to_owned(),
        missing,
    };
    let no_policy = format!("the policy {}", stage.policy(1));
    let found = stage.access().unguarded().await.unwrap();
    assert_eq!(found, [missing("the account", no_policy)]);
    stage.access().set_up().await.unwrap();
    let found = stage.access().unguarded().await.unwrap();
    assert_eq!(found, [missing(&role, "the policy WeirBlock".to_owned())]);
    stage.refer(&role, 1).await;
    assert_eq!(stage.access().unguarded().await.unwrap(), []);
}
