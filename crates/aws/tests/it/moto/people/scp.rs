//! A service control policy that is given over to Weir.

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::PolicyType;
use serde_json::json;
use weir_core::rulebook::Scp;
use weir_engine::ports::{Comparison, EffectErrorKind, Ours};
use weir_engine::release;

use super::*;
use crate::moto::stage::{config_of, fresh_account};

const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Allow","Action":"*","Resource":"*"}]}"#;

pub(super) struct Organisation {
    pub(super) stage: MotoStage,
    client: Client,
    root: String,
    policy: String,
}

impl Organisation {
    /// With a policy of that text, attached to the root.
    async fn with(text: &str) -> Self {
        let made = Self::unattached(text).await;
        made.attach().await;
        made
    }

    /// As `weir enforce setup` asks for it.
    pub(super) async fn of_ours() -> Self {
        Self::with(&nobody()).await
    }

    async fn unattached(text: &str) -> Self {
        let account = fresh_account();
        let config = config_of(&account).await;
        let client = Client::new(&config);
        client.create_organization().send().await.unwrap();
        let roots = client.list_roots().send().await.unwrap();
        let root = roots.roots()[0].id().unwrap().to_owned();
        let made = client
            .create_policy()
            .name("WeirBlock")
            .description("of Weir")
            .r#type(PolicyType::ServiceControlPolicy)
            .content(text)
            .send()
            .await
            .unwrap();
        let summary = made.policy.unwrap().policy_summary.unwrap();
        let policy = summary.id.unwrap();
        let scp = Scp {
            management: account.clone(),
            policy: policy.clone(),
        };
        let settings = AwsSettings {
            identity_center: IdentityCenter::Scp(scp),
            ..AwsSettings::default()
        };
        let stage = MotoStage::over(account, config, settings);
        Self {
            stage,
            client,
            root,
            policy,
        }
    }

    async fn attach(&self) {
        let attach = self.client.attach_policy().policy_id(&self.policy);
        attach.target_id(&self.root).send().await.unwrap();
    }

    fn target(&self) -> TargetKey {
        TargetKey {
            account: self.stage.account.clone(),
            kind: TargetKind::Scp,
            id: self.policy.clone(),
        }
    }

    async fn text(&self) -> String {
        let describe = self.client.describe_policy().policy_id(&self.policy);
        let policy = describe.send().await.unwrap().policy.unwrap();
        policy.content.unwrap()
    }

    pub(super) async fn apply(&self, desired: &Desired) -> (bool, &'static str) {
        let access = self.stage.access();
        let applied = access.apply(&self.target(), desired).await.unwrap();
        assert!(applied.verified);
        let found = access.compare(&self.target(), desired).await.unwrap();
        assert_eq!(found, Comparison::Same);
        (applied.wrote, applied.mechanism)
    }

    async fn kind_of(&self, desired: &Desired) -> (EffectErrorKind, String) {
        let error = self.stage.access().apply(&self.target(), desired).await;
        let error = error.unwrap_err();
        (error.kind, error.why)
    }
}

fn nobody() -> String {
    people::text(&[], "aws", false)
}

#[tokio::test]
async fn a_policy_of_ours_denies_exactly_and_rests_afterwards() {
    let made = Organisation::with(&nobody()).await;
    let two = people_denied([1, 2]);
    assert_eq!(made.apply(&two).await, (true, "scp"));
    assert_eq!(made.apply(&two).await, (false, "scp"));
    let exact = people::text(&two.denied, "aws", false);
    assert!(policy_doc::same(&made.text().await, &exact));
    assert_eq!(
        made.stage.access().find_ours().await.unwrap().targets,
        [made.target()]
    );
    assert_eq!(made.apply(&Desired::default()).await, (true, "nothing"));
    assert_eq!(made.apply(&Desired::default()).await, (false, "nothing"));
    assert!(policy_doc::same(&made.text().await, &nobody()));
    let ours = made.stage.access().find_ours().await.unwrap();
    assert_eq!(ours, Ours::default());
}

#[tokio::test]
async fn a_policy_that_holds_anything_else_is_not_touched() {
    let ours: serde_json::Value = serde_json::from_str(&nobody()).unwrap();
    let theirs: serde_json::Value = serde_json::from_str(ALLOW).unwrap();
    let mixed = json!({ "Version": "2012-10-17",
        "Statement": [ours["Statement"][0], theirs["Statement"][0]] })
    .to_string();
    for text in [ALLOW, &mixed] {
        let made = Organisation::with(text).await;
        for desired in [people_denied([1]), Desired::default()] {
            let (kind, why) = made.kind_of(&desired).await;
            assert_eq!(kind, EffectErrorKind::Refused);
            assert!(why.contains("`Theirs`"), "{why}");
        }
        assert_eq!(made.text().await, text);
        let gaps = made.stage.access().unguarded().await.unwrap();
        assert!(gaps[0].missing.contains("not Weir's"), "{gaps:?}");
    }
}

#[tokio::test]
async fn a_policy_that_is_attached_to_nothing_denies_nobody() {
    let made = Organisation::unattached(&nobody()).await;
    let one = people_denied([1]);
    let (kind, why) = made.kind_of(&one).await;
    assert_eq!(kind, EffectErrorKind::Cannot);
    assert!(why.contains("attached to nothing"), "{why}");
    let access = made.stage.access();
    assert_eq!(access.unguarded().await.unwrap().len(), 1);
    let found = access.compare(&made.target(), &one).await.unwrap();
    assert_eq!(found, Comparison::DenyMissing);
    made.attach().await;
    made.apply(&one).await;
    assert_eq!(access.unguarded().await.unwrap(), []);
}

#[tokio::test]
async fn drift_and_trouble_with_the_policy() {
    let made = Organisation::with(&nobody()).await;
    let two = people_denied([1, 2]);
    made.apply(&two).await;
    for (denied, found) in [
        (people_denied([1]), Comparison::DenyMissing),
        (people_denied([1, 2, 3]), Comparison::DenyLeft),
    ] {
        let text = people::text(&denied.denied, "aws", false);
        let update = made.client.update_policy().policy_id(&made.policy);
        update.content(text).send().await.unwrap();
        let seen = made.stage.access().compare(&made.target(), &two).await;
        assert_eq!(seen.unwrap(), found);
        made.apply(&two).await;
    }
    for (action, error, kind) in [
        (
            "UpdatePolicy",
            "TooManyRequestsException",
            EffectErrorKind::Retry,
        ),
        (
            "UpdatePolicy",
            "ConcurrentModificationException",
            EffectErrorKind::Retry,
        ),
        (
            "UpdatePolicy",
            "AccessDeniedException",
            EffectErrorKind::Denied,
        ),
        (
            "DescribePolicy",
            "AccessDeniedException",
            EffectErrorKind::Denied,
        ),
        (
            "ListTargetsForPolicy",
            "AccessDeniedException",
            EffectErrorKind::Denied,
        ),
    ] {
        let fault = json!([{ "action": action, "user": made.policy, "error": error }]);
        made.stage.faults(fault).await;
        let (found, why) = made.kind_of(&people_denied([3])).await;
        assert_eq!(found, kind, "{action} {error}: {why}");
    }
    made.apply(&people_denied([3])).await;
}

#[tokio::test]
async fn a_policy_that_is_full_denies_as_many_as_fit() {
    let made = Organisation::with(&nobody()).await;
    let (kind, why) = made.kind_of(&people_denied(0..400)).await;
    assert_eq!(kind, EffectErrorKind::NoRoom, "{why}");
    let text = made.text().await;
    assert!(text.len() <= 10_240);
    assert!(people::reaches(&text).len() > 180);
    made.apply(&people_denied(300..400)).await;
    let ours = made.stage.access().find_ours().await.unwrap().targets;
    let released = release(&*made.stage.access(), ours).await;
    assert!(released.iter().all(|one| one.released), "{released:?}");
    assert!(policy_doc::same(&made.text().await, &nobody()));
}

#[tokio::test]
async fn a_policy_that_is_gone_is_not_a_person_that_is_gone() {
    let made = Organisation::unattached(&nobody()).await;
    let delete = made.client.delete_policy().policy_id(&made.policy);
    delete.send().await.unwrap();
    let (kind, why) = made.kind_of(&people_denied([1])).await;
    assert_eq!(kind, EffectErrorKind::Cannot);
    assert!(why.contains("enforcement.identity_center_scp"), "{why}");
}
