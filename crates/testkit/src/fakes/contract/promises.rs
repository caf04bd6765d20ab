//! The promises, one function each.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "the functions are tests, and a test that fails panics"
)]

use std::collections::BTreeMap;

use weir_core::access::{Denial, Desired, Reach, TargetKey, TargetKind};
use weir_core::attribution::{Principal, PrincipalKind};
use weir_core::block::Until;
use weir_core::ids::{AccountId, KeyId, ModelId};
use weir_core::policy_doc;
use weir_core::trust::{self, SessionName};
use weir_engine::ports::{Comparison, EffectErrorKind};

use super::{Stage, denied, desired, theirs};

async fn user(stage: &dyn Stage, what: &str) -> TargetKey {
    let id = stage.name(what);
    stage.make_user(&id).await;
    stage.access().set_up().await.expect("set up");
    TargetKey {
        account: stage.account().await,
        kind: TargetKind::IamUser,
        id,
    }
}

async fn apply(stage: &dyn Stage, target: &TargetKey, desired: &Desired) -> &'static str {
    let applied = stage.access().apply(target, desired).await.expect("apply");
    assert!(applied.verified, "{target}: read back");
    let found = stage
        .access()
        .compare(target, desired)
        .await
        .expect("compare");
    assert_eq!(found, Comparison::Same, "{target}");
    applied.mechanism
}

async fn kind_of_failure(
    stage: &dyn Stage,
    target: &TargetKey,
    desired: &Desired,
) -> EffectErrorKind {
    stage
        .access()
        .apply(target, desired)
        .await
        .expect_err("the write fails")
        .kind
}

/// Deny present and exact, then gone; what others put there stays; all of it repeatable.
pub async fn denies_and_allows_a_user(stage: &dyn Stage) {
    let target = user(stage, "ana").await;
    stage.attach_others(&target.id, 2).await;
    stage.put_other(&target.id, "Theirs", &theirs(1)).await;
    let others = stage.others(&target.id).await;

    for _ in 0..2 {
        assert_eq!(apply(stage, &target, &denied()).await, "attached-policy");
        let ours = stage.ours_of_user(&target.id).await;
        assert_eq!(ours.len(), 1);
        assert!(
            policy_doc::same(&ours[0], &policy_doc::managed()),
            "{}",
            ours[0]
        );
    }
    let again = stage
        .access()
        .apply(&target, &denied())
        .await
        .expect("again");
    assert!(!again.wrote);

    for _ in 0..2 {
        assert_eq!(apply(stage, &target, &Desired::default()).await, "nothing");
        assert_eq!(stage.ours_of_user(&target.id).await, Vec::<String>::new());
    }
    assert_eq!(stage.others(&target.id).await, others);
}

/// Ten managed policies: the Deny is written inline, and removed again.
pub async fn writes_inline_where_no_policy_can_be_attached(stage: &dyn Stage) {
    let target = user(stage, "full").await;
    stage.attach_others(&target.id, 10).await;
    assert_eq!(apply(stage, &target, &denied()).await, "inline-policy");
    let ours = stage.ours_of_user(&target.id).await;
    let exact = policy_doc::user(&denied().denied[0].1, "aws");
    assert!(policy_doc::same(&ours[0], &exact), "{}", ours[0]);
    apply(stage, &target, &Desired::default()).await;
    assert_eq!(stage.ours_of_user(&target.id).await, Vec::<String>::new());
    assert_eq!(stage.others(&target.id).await.0.len(), 10);
}

/// Neither form has room: an error that says so, and nothing half done.
pub async fn says_when_there_is_no_room(stage: &dyn Stage) {
    let target = user(stage, "stuffed").await;
    stage.attach_others(&target.id, 10).await;
    stage.put_other(&target.id, "Theirs", &theirs(1_900)).await;
    assert_eq!(
        kind_of_failure(stage, &target, &denied()).await,
        EffectErrorKind::NoRoom
    );
    assert_eq!(stage.ours_of_user(&target.id).await, Vec::<String>::new());
}

/// A single model is denied inline, and exactly that one; everything afterwards takes its place.
pub async fn denies_a_single_model(stage: &dyn Stage) {
    let target = user(stage, "model").await;
    let models = BTreeMap::from([(ModelId::new("anthropic.claude-opus-5-5"), Until::Indefinite)]);
    let one = desired(
        Reach::Whole,
        Denial {
            models,
            ..Denial::default()
        },
    );
    assert_eq!(apply(stage, &target, &one).await, "inline-policy");
    let ours = stage.ours_of_user(&target.id).await;
    assert!(
        ours[0].contains("foundation-model/anthropic.claude-opus-5-5"),
        "{}",
        ours[0]
    );
    assert_eq!(apply(stage, &target, &denied()).await, "attached-policy");
    assert_eq!(stage.ours_of_user(&target.id).await.len(), 1);
    assert_eq!(apply(stage, &target, &one).await, "inline-policy");
    apply(stage, &target, &Desired::default()).await;
}

/// All denied sessions of a role share one policy, which goes with the last of them.
pub async fn sessions_of_a_role_share_one_policy(stage: &dyn Stage) {
    let id = stage.name("gateway");
    stage.make_role(&id).await;
    let target = TargetKey {
        account: stage.account().await,
        kind: TargetKind::Role,
        id,
    };
    let denial = denied().denied[0].1.clone();
    let ana = (Reach::Session("AROAEXAMPLE:ana".to_owned()), denial.clone());
    let bob = (Reach::SourceIdentity("bob".to_owned()), denial);
    let both = Desired {
        denied: vec![ana.clone(), bob],
    };
    assert_eq!(apply(stage, &target, &both).await, "role-policy");
    let ours = stage.ours_of_role(&target.id).await;
    assert_eq!(ours.len(), 1);
    assert!(ours[0].contains("AROAEXAMPLE:ana") && ours[0].contains("aws:SourceIdentity"));
    apply(stage, &target, &Desired { denied: vec![ana] }).await;
    let ours = stage.ours_of_role(&target.id).await;
    assert!(!ours[0].contains("bob"), "{}", ours[0]);
    apply(stage, &target, &Desired::default()).await;
    assert_eq!(stage.ours_of_role(&target.id).await, Vec::<String>::new());
}

/// A principal that does not exist is `Gone`, whatever is wanted of it.
pub async fn tells_when_a_principal_is_gone(stage: &dyn Stage) {
    let target = user(stage, "leaver").await;
    apply(stage, &target, &denied()).await;
    stage.delete_user(&target.id).await;
    for wanted in [denied(), Desired::default()] {
        assert_eq!(
            kind_of_failure(stage, &target, &wanted).await,
            EffectErrorKind::Gone
        );
        let compared = stage.access().compare(&target, &wanted).await;
        assert_eq!(compared.expect_err("gone").kind, EffectErrorKind::Gone);
    }
    let role = TargetKey {
        kind: TargetKind::Role,
        id: stage.name("no-role"),
        ..target
    };
    assert_eq!(
        kind_of_failure(stage, &role, &denied()).await,
        EffectErrorKind::Gone
    );
}

/// Throttling may be repeated, a missing right may not; afterwards all is as if nothing happened.
pub async fn tells_throttling_from_a_missing_right(stage: &dyn Stage) {
    let target = user(stage, "unlucky").await;
    for kind in [EffectErrorKind::Retry, EffectErrorKind::Denied] {
        stage.fail_write(&target.id, kind).await;
        assert_eq!(kind_of_failure(stage, &target, &denied()).await, kind);
        assert_eq!(stage.ours_of_user(&target.id).await, Vec::<String>::new());
    }
    apply(stage, &target, &denied()).await;
}

/// A write that lands late is not called verified; once landed, it is.
pub async fn does_not_trust_a_write_it_cannot_see(stage: &dyn Stage) {
    let target = user(stage, "late").await;
    stage.delay_write(&target.id).await;
    let applied = stage
        .access()
        .apply(&target, &denied())
        .await
        .expect("apply");
    assert!(applied.wrote && !applied.verified);
    stage.land_writes(&target.id).await;
    let found = stage
        .access()
        .compare(&target, &denied())
        .await
        .expect("compare");
    assert_eq!(found, Comparison::Same);
}

/// Drift is seen in both directions.
pub async fn sees_drift_both_ways(stage: &dyn Stage) {
    let target = user(stage, "drift").await;
    let compare = async |wanted: Desired| {
        stage
            .access()
            .compare(&target, &wanted)
            .await
            .expect("compare")
    };
    assert_eq!(compare(denied()).await, Comparison::DenyMissing);
    apply(stage, &target, &denied()).await;
    assert_eq!(compare(Desired::default()).await, Comparison::DenyLeft);
}

/// What nothing in IAM can deny, or lives elsewhere, is `Cannot`, and nothing is tried.
pub async fn never_pretends(stage: &dyn Stage) {
    let account = stage.account().await;
    let elsewhere = AccountId::new("999999999999");
    for (account, kind) in [
        (&account, TargetKind::IdentityCenter),
        (&account, TargetKind::Undeniable),
        (&elsewhere, TargetKind::IamUser),
        (&elsewhere, TargetKind::Role),
    ] {
        let target = TargetKey {
            account: account.clone(),
            kind,
            id: stage.name("nobody"),
        };
        assert_eq!(
            kind_of_failure(stage, &target, &denied()).await,
            EffectErrorKind::Cannot,
            "{target}"
        );
    }
}

/// Set-up may be repeated, and everything of ours is found by name.
pub async fn finds_everything_of_ours(stage: &dyn Stage) {
    let target = user(stage, "found").await;
    let role = TargetKey {
        kind: TargetKind::Role,
        id: stage.name("found-role"),
        ..target.clone()
    };
    stage.make_role(&role.id).await;
    apply(stage, &target, &denied()).await;
    let session = desired(
        Reach::Session("AROAX:s".to_owned()),
        denied().denied[0].1.clone(),
    );
    apply(stage, &role, &session).await;
    assert!(!stage.access().set_up().await.expect("set up").changed());
    let found = stage.access().find_ours().await.expect("find").targets;
    assert!(found.contains(&target) && found.contains(&role));
    apply(stage, &target, &Desired::default()).await;
    apply(stage, &role, &Desired::default()).await;
    let found = stage.access().find_ours().await.expect("find").targets;
    assert!(!found.contains(&target) && !found.contains(&role));
}

/// A role that has no room for all sessions takes as many as fit, and says so; a session that is
/// allowed again goes out of the text all the same.
pub async fn fills_a_role_with_as_many_as_fit(stage: &dyn Stage) {
    let id = stage.name("crowd");
    stage.make_role(&id).await;
    let target = TargetKey {
        account: stage.account().await,
        kind: TargetKind::Role,
        id,
    };
    let denial = denied().denied[0].1.clone();
    let session = |i| Reach::Session(format!("AROAEXAMPLEEXAMPLE12:person-{i:04}"));
    let sessions = |from: u32| Desired {
        denied: (from..400).map(|i| (session(i), denial.clone())).collect(),
    };
    let all = sessions(0);
    let kind = kind_of_failure(stage, &target, &all).await;
    assert_eq!(kind, EffectErrorKind::NoRoom);
    let ours = stage.ours_of_role(&target.id).await;
    assert!(policy_doc::size(&ours[0]) <= 10_240);
    assert!(ours[0].contains("person-0000") && ours[0].contains("person-0150"));
    assert_eq!(
        kind_of_failure(stage, &target, &sessions(1)).await,
        EffectErrorKind::NoRoom
    );
    let ours = stage.ours_of_role(&target.id).await;
    assert!(!ours[0].contains("person-0000"), "allowed again");
    apply(stage, &target, &sessions(390)).await;
}

/// Keys are switched off and on; one that is gone is passed over.
pub async fn switches_keys(stage: &dyn Stage) {
    let target = user(stage, "tool").await;
    let keys = vec![
        stage.make_key(&target.id).await,
        stage.make_key(&target.id).await,
    ];
    let (access, account) = (stage.access(), &target.account);
    let active = async || {
        let found = access.keys(account, &target.id, &keys).await;
        let found = found.expect("keys");
        assert_eq!(found.len(), 2, "an inactive key is there all the same");
        found.iter().filter(|(_, active)| *active).count()
    };
    assert_eq!(active().await, 2);
    access
        .set_keys(account, &target.id, &keys[..1], false)
        .await
        .expect("off");
    assert_eq!(active().await, 1);
    access
        .set_keys(account, &target.id, &keys[..1], true)
        .await
        .expect("on");
    assert_eq!(active().await, 2);
    let unknown = [KeyId::new("ACCAAAAAAAAAAAAAAAAAAAA")];
    access
        .set_keys(account, &target.id, &unknown, false)
        .await
        .expect("nothing to do");
    let found = access.keys(account, &target.id, &unknown).await;
    assert_eq!(found.expect("keys"), []);
}

/// Tags without regard to the case of keys, groups, password; nobody is `Gone`.
pub async fn says_who_a_caller_is(stage: &dyn Stage) {
    let target = user(stage, "caller").await;
    stage
        .tag_user(
            &target.id,
            &[("team", "SAP"), ("PERSON", "Ana Díaz"), ("Email", "")],
        )
        .await;
    let group = stage.name("team_sap_group");
    stage.join(&target.id, &group).await;
    stage.make_login(&target.id).await;
    let principal = |name: &str| Principal {
        account: target.account.clone(),
        kind: PrincipalKind::IamUser,
        name: name.to_owned(),
        session: None,
    };
    let facts = stage
        .directory()
        .caller(&principal(&target.id))
        .await
        .expect("facts");
    assert_eq!(facts.team_tag.as_deref(), Some("SAP"));
    assert_eq!(facts.person.as_deref(), Some("Ana Díaz"));
    assert_eq!((facts.email, facts.exempt), (None, false));
    assert_eq!((facts.groups, facts.login_profile), (vec![group], true));
    let nobody = stage
        .directory()
        .caller(&principal(&stage.name("nobody")))
        .await;
    assert_eq!(nobody.expect_err("nobody").kind, EffectErrorKind::Gone);
    let (account, _) = stage.directory().whoami().await.expect("whoami");
    assert_eq!(account, target.account);
}

/// A trust policy comes as the JSON text that was set, and a role that is not there is gone.
pub async fn reads_the_trust_policy_of_a_role(stage: &dyn Stage) {
    let (role, account) = (stage.name("trusting"), stage.account().await);
    stage.make_role(&role).await;
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "People",
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{account}:root") },
            "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "sts:RoleSessionName": "${aws:username}" } },
        }],
    });
    stage.trust_role(&role, &policy.to_string()).await;
    let directory = stage.directory();
    let read = directory.trust_policy(&account, &role).await;
    let read = read.expect("a trust policy");
    let as_json: serde_json::Value = serde_json::from_str(&read).expect("JSON");
    assert_eq!(as_json, policy);
    assert_eq!(
        trust::session_name(&read).expect("readable"),
        SessionName::Pinned
    );
    let nobody = stage.name("nobody");
    let gone = directory.trust_policy(&account, &nobody).await;
    assert_eq!(gone.expect_err("no role").kind, EffectErrorKind::Gone);
}
