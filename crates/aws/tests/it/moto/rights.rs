//! `weir aws-policy`: the documents allow what the adapters call, and nothing else. That nothing is
//! called which no document allows, [`super::recorder`] holds in every test.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use weir_aws::{
    AccountRole, AwsSettings, ChannelSettings, Connection, DatabaseSecret, RightsOf, Sender,
    SesSettings, UserMechanism,
};
use weir_core::access::{Desired, TargetKey, TargetKind};
use weir_core::attribution::{Principal, PrincipalKind};
use weir_core::ids::{KeyId, Region};
use weir_core::message::{Kind, Message};
use weir_core::provision::{Change, Holder, KeyKind};
use weir_engine::clock::{Clock, FakeClock, WallClock};
use weir_engine::metrics::{Fact, SPECS};
use weir_engine::ports::{Feature, ObjectKey};
use weir_testkit::fakes::contract::{Stage, denied};

use super::recorder::allowed;
use super::stage::{MotoStage, call_as, fresh_account};
use crate::channels::{channel, letter, mail, publish};

/// What stands in the document and was not used, and the other way round.
pub(super) fn holds(feature: Feature, used: &BTreeSet<String>) {
    let allowed = allowed(&[feature]);
    let excess: Vec<_> = allowed.difference(used).collect();
    let missing: Vec<_> = used.difference(&allowed).collect();
    assert!(
        excess.is_empty(),
        "{feature} allows what nobody calls: {excess:?}"
    );
    assert!(
        missing.is_empty(),
        "{feature} lacks what is called: {missing:?}"
    );
}

#[tokio::test]
async fn whoever_reads_may_do_what_it_does_and_no_more() {
    let other = fresh_account();
    let role = AccountRole {
        role_arn: format!("arn:aws:iam::{other}:role/weir"),
        external_id: None,
    };
    let stage = MotoStage::with(AwsSettings {
        accounts: BTreeMap::from([(other.clone(), role)]),
        ..AwsSettings::default()
    })
    .await;
    let (account, name) = (stage.account.clone(), stage.name("ana"));
    stage.make_user(&name).await;
    stage.make_role(&name).await;
    let directory = stage.directory();
    for kind in [PrincipalKind::IamUser, PrincipalKind::Role] {
        let principal = Principal {
            account: account.clone(),
            kind,
            name: name.clone(),
            session: None,
        };
        directory.caller(&principal).await.unwrap();
    }
    directory.trust_policy(&account, &name).await.unwrap();
    let profile = format!("arn:aws:bedrock:eu-west-1:{account}:application-inference-profile/none");
    directory.profile(&profile).await.unwrap_err();
    let there = Principal {
        account: other,
        kind: PrincipalKind::Role,
        name: name.clone(),
        session: None,
    };
    directory.caller(&there).await.unwrap_err();
    sources(&stage).await;
    survey(&stage, &name).await;
    telling(&stage).await;
    holds(Feature::Read, &stage.recorder.used());
}

/// Nothing of this is there, which AWS says only after the right was used.
async fn sources(stage: &MotoStage) {
    let (sources, now) = (&stage.connection.sources, WallClock.now());
    let bucket = format!("weir-{}", stage.account);
    sources.objects.list(&bucket, "", None).await.unwrap_err();
    let object = ObjectKey {
        bucket,
        key: "none".to_owned(),
        region: None,
    };
    assert!(sources.objects.open(&object).await.is_err());
    let queue = format!("{}/{}/none", super::stage::url(), stage.account);
    let (queues, hold, receipts) = (&sources.queues, Duration::ZERO, ["r".to_owned()]);
    queues.receive(&queue, hold).await.unwrap_err();
    queues.delete(&queue, &receipts).await.unwrap_err();
    queues.extend(&queue, &receipts, hold).await.unwrap_err();
    let group = "none".parse().unwrap();
    let logs = &sources.log_groups;
    logs.events(&group, now, now, None).await.unwrap_err();
    let history = &sources.history;
    history.events("eu-west-1", now, now, None).await.unwrap();
    // This server does not speak CloudWatch's protocol; the request is made.
    let (metering, eu) = (&stage.connection.metering, Region::new("eu-west-1"));
    let _ = metering.invocations(&stage.account, &eu, now, now).await;
    let fact = Fact {
        spec: SPECS[0],
        labels: SPECS[0].labels.iter().map(ToString::to_string).collect(),
        amount: 1,
    };
    let _ = stage.connection.figures.put(&[fact], now).await;
}

async fn survey(stage: &MotoStage, role: &str) {
    trail(stage).await;
    let survey = stage
        .connection
        .survey(RightsOf::default(), BTreeMap::new());
    let eu = Region::new("eu-west-1");
    survey.regions().await.unwrap();
    survey.invocation_log(&eu).await.unwrap();
    assert_eq!(survey.trails(&eu).await.unwrap().len(), 1);
    // The role of these credentials is not there, so the user that is asks in its place.
    let _ = survey.rights(&[]).await;
    let simulate = stage.recorder.over(&stage.config);
    let arn = format!("arn:aws:iam::{}:role/{role}", stage.account);
    let request = aws_sdk_iam::Client::new(&simulate).simulate_principal_policy();
    let request = request.policy_source_arn(arn).action_names("iam:GetRole");
    request.send().await.unwrap();
}

pub(super) async fn trail(stage: &MotoStage) {
    let bucket = format!("trail-{}", stage.account);
    let s3 = aws_sdk_s3::config::Builder::from(&stage.config)
        .force_path_style(true)
        .build();
    let eu = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint("eu-west-1".into())
        .build();
    aws_sdk_s3::Client::from_conf(s3)
        .create_bucket()
        .bucket(&bucket)
        .create_bucket_configuration(eu)
        .send()
        .await
        .unwrap();
    let service = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";
    for (operation, body) in [
        (
            "CreateTrail",
            json!({ "Name": "all", "S3BucketName": bucket, "S3KeyPrefix": "weir", "IsMultiRegionTrail": true }),
        ),
        ("StartLogging", json!({ "Name": "all" })),
    ] {
        let target = format!("{service}.{operation}");
        call_as(&stage.config, "cloudtrail", &target, &body).await;
    }
}

async fn telling(stage: &MotoStage) {
    let config = stage.recorder.over(&stage.config);
    let message = Message::sample(Kind::Blocked);
    let sent = letter(&message);
    let ses = channel(
        ChannelSettings {
            from: Some(Sender::parse("weir@example.com").unwrap()),
            ses: Some(SesSettings::default()),
            ..ChannelSettings::default()
        },
        Some(&config),
    );
    let _ = mail(ses).send("ana@example.com", "id", &sent).await;
    let topic = format!("arn:aws:sns:eu-west-1:{}:none", stage.account);
    let sns = channel(
        ChannelSettings {
            sns: Some(topic),
            ..ChannelSettings::default()
        },
        Some(&config),
    );
    let _ = publish(&sns, Kind::Blocked).await;
    let clock = FakeClock::at("2026-11-20T11:00:00Z".parse().unwrap());
    let secret = DatabaseSecret::new(&config, "none", Arc::new(clock));
    secret.login(false).await.unwrap_err();
}

#[tokio::test]
async fn whoever_enforces_may_do_what_it_does_and_no_more() {
    let stage = MotoStage::new().await;
    let (attaching, account) = (stage.access(), stage.account.clone());
    attaching.set_up().await.unwrap();
    // Five versions in all: the oldest has to go.
    for i in 0..4 {
        let text = json!({ "Version": "2012-10-17", "Statement": [
            { "Sid": format!("Old{i}"), "Effect": "Deny", "Action": "s3:*", "Resource": "*" }] });
        let arn = stage.managed_arn();
        let version = stage.client.create_policy_version().policy_arn(arn);
        let version = version.policy_document(text.to_string());
        version.set_as_default(true).send().await.unwrap();
    }
    attaching.set_up().await.unwrap();
    let inline = Connection::over(
        stage.recorder.over(&stage.config),
        AwsSettings {
            iam_user: UserMechanism::Inline,
            ..AwsSettings::default()
        },
    );
    let name = stage.name("ana");
    stage.make_user(&name).await;
    stage.make_role(&name).await;
    for (access, kind) in [
        (&attaching, TargetKind::IamUser),
        (&inline.access, TargetKind::IamUser),
        (&attaching, TargetKind::Role),
    ] {
        let target = TargetKey {
            account: account.clone(),
            kind,
            id: name.clone(),
        };
        assert!(access.apply(&target, &denied()).await.unwrap().verified);
        access.compare(&target, &denied()).await.unwrap();
        access.apply(&target, &Desired::default()).await.unwrap();
    }
    let long_term = stage.make_key(&name).await;
    let key = stage.client.create_access_key().user_name(&name);
    let key = key.send().await.unwrap().access_key.unwrap();
    let keys = [long_term, KeyId::new(key.access_key_id)];
    assert_eq!(
        attaching.keys(&account, &name, &keys).await.unwrap().len(),
        2
    );
    let off = attaching.set_keys(&account, &name, &keys, false).await;
    off.unwrap();
    assert_eq!(attaching.find_ours().await.unwrap().unread, []);
    let survey = stage
        .connection
        .survey(RightsOf::default(), BTreeMap::new());
    assert_eq!(survey.roles().await.unwrap().len(), 1);
    holds(Feature::Enforce, &stage.recorder.used());
}

#[tokio::test]
async fn whoever_hands_out_access_may_do_what_it_does_and_no_more() {
    let stage = MotoStage::new().await;
    let (user, group) = (stage.name("ana"), stage.name("team"));
    let policy = format!("arn:aws:iam::{}:policy/weir/access/sap", stage.account);
    stage.make_role(&user).await;
    let hands = &stage.connection.provisioning;
    for change in &given(&user, &group, &policy) {
        hands.perform(change).await.unwrap();
    }
    for kind in [KeyKind::AccessKey, KeyKind::Bedrock] {
        let key = hands.make_key(&user, kind, None).await.unwrap().id;
        let (user, off) = (user.clone(), key.clone());
        let active = false;
        let switch = Change::SetKey {
            user: user.clone(),
            key: off,
            kind,
            active,
        };
        hands.perform(&switch).await.unwrap();
        let delete = Change::DeleteKey { user, key, kind };
        hands.perform(&delete).await.unwrap();
    }
    hands.make_login(&user).await.unwrap();
    hands.group(&group).await.unwrap().unwrap();
    hands.user(&user).await.unwrap().unwrap();
    assert_eq!(hands.inline_policy(&user, "none").await.unwrap(), None);
    hands.policy(&policy).await.unwrap().unwrap();
    hands.keys(&user).await.unwrap();
    hands.groups().await.unwrap();
    hands.users().await.unwrap();
    hands.policies().await.unwrap();
    let account = &stage.account;
    let profile = format!("arn:aws:bedrock:eu-west-1:{account}:application-inference-profile/none");
    stage.directory().profile(&profile).await.unwrap_err();
    for change in &taken(&user, &group, &policy) {
        // What is not there, and what this server does not know, was asked for all the same.
        let _ = hands.perform(change).await;
    }
    holds(Feature::Provision, &stage.recorder.used());
}

/// Everything that gives something.
fn given(user: &str, group: &str, policy: &str) -> Vec<Change> {
    let text = weir_core::policy_doc::managed();
    let (user, group, arn) = (user.to_owned(), group.to_owned(), policy.to_owned());
    let tags = BTreeMap::from([("Team".to_owned(), "sap".to_owned())]);
    let mut all = vec![
        Change::CreateGroup {
            group: group.clone(),
        },
        Change::PutGroupPolicy {
            group: group.clone(),
            policy: "WeirTeam".to_owned(),
            text: text.clone(),
        },
        Change::CreateUser {
            user: user.clone(),
            tags: BTreeMap::new(),
        },
        Change::SetTags {
            user: user.clone(),
            tags,
        },
        Change::AddToGroup {
            user: user.clone(),
            group: group.clone(),
        },
        Change::CreatePolicy {
            policy: "sap".to_owned(),
            text: text.clone(),
            description: String::new(),
        },
        Change::AddVersion {
            arn: arn.clone(),
            text,
        },
    ];
    for holder in [
        Holder::User(user.clone()),
        Holder::Group(group),
        Holder::Role(user),
    ] {
        all.push(Change::Attach {
            arn: arn.clone(),
            to: holder.clone(),
        });
        all.push(Change::Detach {
            arn: arn.clone(),
            from: holder,
        });
    }
    all
}

/// Everything that takes something away.
fn taken(user: &str, group: &str, policy: &str) -> Vec<Change> {
    let (id, serial, name) = ("none".to_owned(), "none".to_owned(), "none".to_owned());
    let (user, group, arn) = (user.to_owned(), group.to_owned(), policy.to_owned());
    let of = || user.clone();
    vec![
        Change::DeleteLogin { user: of() },
        Change::DeleteCertificate {
            user: of(),
            id: id.clone(),
        },
        Change::DeleteSshKey { user: of(), id },
        Change::DeactivateMfa {
            user: of(),
            serial: serial.clone(),
        },
        Change::DeleteVirtualMfa { user: of(), serial },
        Change::DeleteBoundary { user: of() },
        Change::DeleteInline {
            policy: name.clone(),
            from: Holder::User(of()),
        },
        Change::DeleteInline {
            policy: name,
            from: Holder::Group(group.clone()),
        },
        Change::RemoveFromGroup {
            user: of(),
            group: group.clone(),
        },
        Change::DeleteUser { user: of() },
        Change::DeleteGroup { group },
        Change::DeleteVersion {
            arn: arn.clone(),
            version: "v1".to_owned(),
        },
        Change::DeletePolicy { arn },
    ]
}

#[test]
fn a_document_fits_into_a_managed_policy() {
    for feature in Feature::ALL {
        let text = weir_aws::print_policy(&[feature], &RightsOf::default());
        let size = text.chars().filter(|one| !one.is_whitespace()).count();
        assert!(size <= 6_144, "{feature}: {size}");
    }
}
