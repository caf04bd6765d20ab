//! Set-up, other accounts, inference profiles, limits that moto enforces.

use std::collections::BTreeMap;

use serde_json::json;
use weir_aws::{AccountRole, AwsSettings, UserMechanism};
use weir_core::access::{Desired, TargetKey, TargetKind};
use weir_core::policy_doc;
use weir_engine::ports::{Comparison, EffectErrorKind, PolicyStep};
use weir_testkit::fakes::contract::{Stage, denied, theirs};

use super::stage::{MotoStage, control, fresh_account};

#[tokio::test]
async fn setup_makes_the_policy_and_corrects_another_text() {
    let stage = MotoStage::new().await;
    let plan = stage.access().foresee_set_up().await.unwrap();
    let made = vec![(stage.managed_arn(), PolicyStep::Make)];
    assert_eq!(plan.policies, made);
    // Nothing was changed by looking.
    let first = stage.access().set_up().await.unwrap();
    assert_eq!(first.policies, made);
    assert!(!stage.access().set_up().await.unwrap().changed());
    // Five versions in all: the oldest has to go.
    for i in 0..4 {
        let other = json!({ "Version": "2012-10-17", "Statement": [
            { "Sid": format!("Old{i}"), "Effect": "Deny", "Action": "s3:*", "Resource": "*" }] });
        let version = stage
            .client
            .create_policy_version()
            .policy_arn(stage.managed_arn());
        version
            .policy_document(other.to_string())
            .set_as_default(true)
            .send()
            .await
            .unwrap();
    }
    let plan = stage.access().foresee_set_up().await.unwrap();
    assert_eq!(plan.policies[0].1, PolicyStep::Correct);
    assert_eq!(stage.access().set_up().await.unwrap(), plan);
    let text = stage.managed_text(&stage.managed_arn()).await;
    assert!(policy_doc::same(&text, &policy_doc::managed()), "{text}");
    assert!(!stage.access().set_up().await.unwrap().changed());
}

#[tokio::test]
async fn without_setup_the_deny_is_written_inline() {
    let stage = MotoStage::new().await;
    let id = stage.name("early");
    stage.make_user(&id).await;
    let target = TargetKey {
        account: stage.account().await,
        kind: TargetKind::IamUser,
        id,
    };
    let applied = stage.access().apply(&target, &denied()).await.unwrap();
    assert_eq!(
        (applied.verified, applied.mechanism),
        (true, "inline-policy")
    );
}

#[tokio::test]
async fn mechanism_inline_falls_back_to_the_managed_policy() {
    let settings = AwsSettings {
        iam_user: UserMechanism::Inline,
        ..AwsSettings::default()
    };
    let stage = MotoStage::with(settings).await;
    stage.access().set_up().await.unwrap();
    let id = stage.name("inline");
    stage.make_user(&id).await;
    let target = TargetKey {
        account: stage.account().await,
        kind: TargetKind::IamUser,
        id,
    };
    let applied = stage.access().apply(&target, &denied()).await.unwrap();
    assert_eq!(
        (applied.verified, applied.mechanism),
        (true, "inline-policy")
    );
    stage
        .access()
        .apply(&target, &Desired::default())
        .await
        .unwrap();
    stage.put_other(&target.id, "Theirs", &theirs(1_900)).await;
    let applied = stage.access().apply(&target, &denied()).await.unwrap();
    assert_eq!(
        (applied.verified, applied.mechanism),
        (true, "attached-policy")
    );
}

#[tokio::test]
async fn a_configured_role_reaches_another_account() {
    let other = fresh_account();
    let role = AccountRole {
        role_arn: format!("arn:aws:iam::{other}:role/weir"),
        external_id: Some("an-external-id".to_owned()),
    };
    let accounts = BTreeMap::from([(other.clone(), role)]);
    let stage = MotoStage::with(AwsSettings {
        accounts,
        ..AwsSettings::default()
    })
    .await;
    let there = aws_sdk_iam::Client::new(&super::stage::config_of(&other).await);
    let id = stage.name("abroad");
    there.create_user().user_name(&id).send().await.unwrap();
    stage.access().set_up().await.unwrap();

    let target = TargetKey {
        account: other,
        kind: TargetKind::IamUser,
        id: id.clone(),
    };
    let applied = stage.access().apply(&target, &denied()).await.unwrap();
    assert!(applied.verified);
    let attached = there
        .list_attached_user_policies()
        .user_name(&id)
        .send()
        .await
        .unwrap();
    assert_eq!(attached.attached_policies().len(), 1);
    let ours = stage.access().find_ours().await.unwrap();
    assert_eq!(ours.targets, [target]);
}

#[tokio::test]
async fn an_inference_profile_is_looked_up_in_its_region() {
    let stage = MotoStage::new().await;
    let account = stage.account().await;
    let arn =
        format!("arn:aws:bedrock:eu-central-1:{account}:application-inference-profile/p{account}");
    let models: Vec<_> = ["eu-central-1", "eu-west-1"]
        .iter()
        .map(|region| json!({ "modelArn": format!("arn:aws:bedrock:{region}::foundation-model/amazon.nova-lite-v1:0") }))
        .collect();
    let profile = json!({ "inferenceProfileArn": arn, "models": models });
    control("POST", "/weir-test/inference-profiles", &profile).await;
    let behind = stage.directory().profile(&arn).await.unwrap();
    assert!(
        behind.ends_with("foundation-model/amazon.nova-lite-v1:0"),
        "{behind}"
    );
    let unknown = stage.directory().profile(&format!("{arn}x")).await;
    assert_eq!(unknown.unwrap_err().kind, EffectErrorKind::Gone);
    assert_eq!(stage.config.region().unwrap().as_ref(), "eu-west-1");
}

#[tokio::test]
async fn an_unreachable_aws_is_tried_again() {
    let settings = AwsSettings {
        endpoint_url: Some("http://127.0.0.1:9".to_owned()),
        region: Some("eu-west-1".to_owned()),
        ..AwsSettings::default()
    };
    let connection = weir_aws::connect(settings)
        .await
        .expect("credentials of the environment");
    let error = connection.directory.whoami().await.unwrap_err();
    assert_eq!(error.kind, EffectErrorKind::Retry, "{error}");
}

#[tokio::test]
async fn a_deny_that_somebody_removed_is_missing() {
    let stage = MotoStage::new().await;
    stage.access().set_up().await.unwrap();
    let id = stage.name("removed");
    stage.make_user(&id).await;
    let target = TargetKey {
        account: stage.account().await,
        kind: TargetKind::IamUser,
        id: id.clone(),
    };
    stage.access().apply(&target, &denied()).await.unwrap();
    let detach = stage
        .client
        .detach_user_policy()
        .user_name(&id)
        .policy_arn(stage.managed_arn());
    detach.send().await.unwrap();
    let found = stage.access().compare(&target, &denied()).await.unwrap();
    assert_eq!(found, Comparison::DenyMissing);
    assert!(
        stage
            .calls(&id)
            .await
            .contains(&"AttachUserPolicy".to_owned())
    );
}
