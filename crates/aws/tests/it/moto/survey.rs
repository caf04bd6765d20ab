//! A look at an account.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use weir_aws::{AccountRole, AwsSettings, Connection, RightsOf};
use weir_core::ids::{AccountId, Region};
use weir_engine::ports::{EffectErrorKind, Feature, InvocationLog, Trail};
use weir_testkit::fakes::contract::Stage;

use super::rights::trail;
use super::stage::{MotoStage, control};

fn rights_of(stage: &MotoStage) -> RightsOf {
    RightsOf {
        account: stage.account.to_string(),
        ..RightsOf::default()
    }
}

/// The account, looked at by a user of its own with these policies.
async fn as_user(stage: &MotoStage, policies: &[&str]) -> Connection {
    let name = stage.name("weir");
    stage.make_user(&name).await;
    for (i, text) in policies.iter().enumerate() {
        let put = stage.client.put_user_policy().user_name(&name);
        let put = put.policy_name(format!("p{i}")).policy_document(*text);
        put.send().await.unwrap();
    }
    let key = stage
        .client
        .create_access_key()
        .user_name(&name)
        .send()
        .await;
    let key = key.unwrap().access_key.unwrap();
    let credentials = aws_sdk_iam::config::Credentials::new(
        key.access_key_id,
        key.secret_access_key,
        None,
        None,
        "test",
    );
    let config = stage.config.to_builder().credentials_provider(
        aws_sdk_iam::config::SharedCredentialsProvider::new(credentials),
    );
    Connection::over(config.build(), AwsSettings::default())
}

#[tokio::test]
async fn rights_that_are_as_printed_are_neither_too_few_nor_too_many() {
    let stage = MotoStage::new().await;
    let features = [Feature::Read, Feature::Enforce];
    let text = weir_aws::print_policy(&features, &rights_of(&stage));
    let connection = as_user(&stage, &[&text]).await;
    let found = connection
        .survey(rights_of(&stage), BTreeMap::new())
        .rights(&features)
        .await
        .unwrap();
    assert!(found.who.contains(":user/weir-"), "{found:?}");
    assert_eq!(found.missing, Vec::<String>::new());
    assert_eq!(found.excess, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_for_a_few_commands_may_be_taken_away_and_is_not_missed() {
    let stage = MotoStage::new().await;
    let features = [Feature::Read, Feature::Enforce];
    let text = weir_aws::print_policy(&features, &rights_of(&stage));
    let mut policy: Value = serde_json::from_str(&text).unwrap();
    let spare = ["WeirSetUp", "WeirBackfills", "WeirLooksAround"];
    let statements = policy["Statement"].as_array_mut().unwrap();
    statements.retain(|one| !spare.iter().any(|sid| one["Sid"] == *sid));
    let connection = as_user(&stage, &[&policy.to_string()]).await;
    let survey = connection.survey(rights_of(&stage), BTreeMap::new());
    let found = survey.rights(&features).await.unwrap();
    assert_eq!(found.missing, Vec::<String>::new());
}

#[tokio::test]
async fn rights_that_are_missing_and_those_that_nobody_needs_are_named() {
    let stage = MotoStage::new().await;
    let read = weir_aws::print_policy(&[Feature::Read], &rights_of(&stage));
    let deny = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Deny", "Action": "iam:ListUserTags", "Resource": "*" },
        { "Effect": "Allow", "Action": ["iam:AttachUserPolicy", "s3:*"], "Resource": "*" }] });
    let connection = as_user(&stage, &[&read, &deny.to_string()]).await;
    let survey = connection.survey(rights_of(&stage), BTreeMap::new());
    let found = survey.rights(&[Feature::Read]).await.unwrap();
    assert_eq!(found.missing, ["iam:ListUserTags"]);
    let expected = [
        "iam:AttachUserPolicy",
        "iam:AttachUserPolicy of any policy",
        "s3:DeleteObject",
    ];
    assert_eq!(found.excess, expected);
}

/// The role by which an account is reached, with this policy.
async fn role_of(stage: &MotoStage, policy: &str) -> AccountRole {
    stage.make_role("weir").await;
    let put = stage.client.put_role_policy().role_name("weir");
    let put = put.policy_name("weir").policy_document(policy);
    put.send().await.unwrap();
    AccountRole {
        role_arn: format!("arn:aws:iam::{}:role/weir", stage.account),
        external_id: None,
    }
}

#[tokio::test]
async fn the_role_in_each_account_is_asked_there_and_one_that_is_refused_hides_no_other() {
    let features = [Feature::Read, Feature::Enforce];
    let [home, whole, poor, closed] = [
        MotoStage::new().await,
        MotoStage::new().await,
        MotoStage::new().await,
        MotoStage::new().await,
    ];
    let all = |stage: &MotoStage| weir_aws::print_policy(&features, &rights_of(stage));
    let read = |stage: &MotoStage| weir_aws::print_policy(&[Feature::Read], &rights_of(stage));
    let roles = [
        (&whole, role_of(&whole, &all(&whole)).await),
        (&poor, role_of(&poor, &read(&poor)).await),
        (&closed, role_of(&closed, &all(&closed)).await),
    ];
    let shut = &roles[2].1.role_arn;
    let faults =
        json!([{ "action": "AssumeRole", "user": shut, "error": "AccessDenied", "times": null }]);
    control("POST", "/weir-test/faults", &faults).await;
    let elsewhere: BTreeMap<_, _> = roles
        .iter()
        .map(|(stage, _)| (stage.account.clone(), rights_of(stage)))
        .collect();
    let accounts = roles
        .iter()
        .map(|(stage, role)| (stage.account.clone(), role.clone()));
    let settings = AwsSettings {
        accounts: accounts.collect(),
        ..AwsSettings::default()
    };
    let survey =
        Connection::over(home.config.clone(), settings).survey(rights_of(&home), elsewhere);
    let found = survey.rights_elsewhere(&features).await.unwrap();
    let of = |account: &AccountId| {
        let one = found.iter().find(|one| one.account == *account).unwrap();
        one.found.clone()
    };

    let ours = of(&whole.account).unwrap();
    assert_eq!(ours.who, roles[0].1.role_arn);
    assert_eq!((ours.missing, ours.excess), (Vec::new(), Vec::new()));
    let lacking = of(&poor.account).unwrap();
    assert!(
        lacking.missing.contains(&"iam:PutRolePolicy".to_owned()),
        "{lacking:?}"
    );
    assert_eq!(lacking.excess, Vec::<String>::new());
    let refused = of(&closed.account).unwrap_err();
    assert_eq!(refused.kind, EffectErrorKind::Cannot);
    let (why, role) = (refused.to_string(), &roles[2].1.role_arn);
    let named = format!(
        "the role {role} of account {} was not assumed: ",
        closed.account
    );
    assert!(
        why.contains(&named) && why.contains("let the trust policy"),
        "{why}"
    );
}

#[tokio::test]
async fn a_trail_a_log_and_the_regions_of_an_account_are_found() {
    let stage = MotoStage::new().await;
    trail(&stage).await;
    let survey = stage.connection.survey(rights_of(&stage), BTreeMap::new());
    let eu = Region::new("eu-west-1");
    assert!(survey.regions().await.unwrap().contains(&eu));
    assert_eq!(survey.invocation_log(&eu).await.unwrap(), None);
    let client = aws_sdk_bedrock::Client::new(&stage.config);
    let s3 = aws_sdk_bedrock::types::S3Config::builder()
        .bucket_name("logs")
        .key_prefix("calls/");
    let logging = aws_sdk_bedrock::types::LoggingConfig::builder().s3_config(s3.build().unwrap());
    let put = client.put_model_invocation_logging_configuration();
    put.logging_config(logging.build()).send().await.unwrap();
    let expected = InvocationLog {
        bucket: Some(("logs".to_owned(), "calls".to_owned())),
        log_group: None,
    };
    assert_eq!(survey.invocation_log(&eu).await.unwrap(), Some(expected));
    let expected = Trail {
        name: "all".to_owned(),
        bucket: format!("trail-{}", stage.account),
        prefix: "weir".to_owned(),
        organisation: false,
        is_logging: true,
        reads: true,
    };
    assert_eq!(survey.trails(&eu).await.unwrap(), [expected]);
}

#[tokio::test]
async fn a_role_comes_with_what_it_trusts_and_all_it_may_do() {
    let stage = MotoStage::new().await;
    let name = stage.name("app");
    stage.make_role(&name).await;
    let put = stage
        .client
        .put_role_policy()
        .role_name(&name)
        .policy_name("own");
    let own = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#;
    put.policy_document(own).send().await.unwrap();
    let managed = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"bedrock:*","Resource":"*"}]}"#;
    let made = stage.client.create_policy().policy_name(&name);
    let made = made.policy_document(managed).send().await.unwrap();
    let attach = stage.client.attach_role_policy().role_name(&name);
    let attach = attach.policy_arn(made.policy.unwrap().arn.unwrap());
    attach.send().await.unwrap();
    let roles = stage
        .connection
        .survey(rights_of(&stage), BTreeMap::new())
        .roles()
        .await
        .unwrap();
    let [role] = roles.as_slice() else {
        panic!("{roles:?}");
    };
    assert_eq!(role.account, stage.account);
    assert!(
        role.arn.ends_with(&name) && role.trust.contains("Statement"),
        "{role:?}"
    );
    let all = role.policies.join(" ");
    assert!(all.contains("s3:Get*") && all.contains("bedrock:"), "{all}");
}
