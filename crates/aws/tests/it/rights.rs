//! The rights that Weir asks for.

use serde_json::{Value, json};
use weir_aws::RightsOf;
use weir_engine::ports::{Feature, LogGroup};

const OWN: [Feature; 2] = [Feature::Read, Feature::Enforce];

fn home() -> RightsOf {
    RightsOf {
        account: "111122223333".to_owned(),
        ..RightsOf::default()
    }
}

#[test]
fn weir_may_attach_nothing_but_its_own_policy() {
    let text = weir_aws::print_policy(&OWN, &home());
    let policy: Value = serde_json::from_str(&text).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    let attaching: Vec<_> = statements
        .iter()
        .filter(|one| one["Action"].to_string().contains("AttachUserPolicy"))
        .collect();
    assert_eq!(attaching.len(), 1);
    assert_eq!(
        attaching[0]["Condition"]["ArnEquals"]["iam:PolicyARN"],
        json!(["arn:aws:iam::111122223333:policy/weir/WeirBlock"])
    );
    for statement in statements {
        let actions = statement["Action"].to_string();
        assert!(!actions.contains('*'), "{actions}");
        assert_eq!(statement["Effect"], "Allow");
    }
}

#[test]
fn the_rights_are_written_in_the_callers_partition() {
    let text = weir_aws::print_policy(
        &OWN,
        &RightsOf {
            partition: "aws-us-gov".to_owned(),
            ..RightsOf::default()
        },
    );
    assert!(text.contains("arn:aws-us-gov:iam::*:user/*"));
    assert!(!text.contains("arn:aws:"));
}

#[test]
fn what_a_server_reads_is_named_and_nothing_is_named_that_it_does_not() {
    let sids = |queues: &[String], groups: &[LogGroup]| -> Vec<(String, Value)> {
        let of = RightsOf {
            queues: queues.to_vec(),
            opens_objects: !queues.is_empty(),
            log_groups: groups.to_vec(),
            ..home()
        };
        let text = weir_aws::print_policy(&OWN, &of);
        let policy: Value = serde_json::from_str(&text).unwrap();
        let statements = policy["Statement"].as_array().unwrap().iter();
        statements
            .map(|one| {
                (
                    one["Sid"].as_str().unwrap().to_owned(),
                    one["Resource"].clone(),
                )
            })
            .filter(|(sid, _)| sid.contains("Reads") || sid.contains("Follows"))
            .filter(|(sid, _)| sid != "WeirReadsItsDenials")
            .collect()
    };
    assert_eq!(sids(&[], &[]), Vec::new());
    let queue = "https://sqs.eu-west-1.amazonaws.com/111122223333/weir".to_owned();
    let arn = "arn:aws:logs:eu-west-1:111122223333:log-group:bedrock";
    assert_eq!(
        sids(&[queue], &[arn.parse().unwrap()]),
        vec![
            (
                "WeirReadsItsQueues".to_owned(),
                json!("arn:aws:sqs:eu-west-1:111122223333:weir")
            ),
            (
                "WeirReadsWhatQueuesName".to_owned(),
                json!("arn:aws:s3:::*/AWSLogs/*")
            ),
            (
                "WeirFollowsItsLogGroups".to_owned(),
                json!([arn, format!("{arn}:*")])
            ),
        ]
    );
}

#[test]
fn figures_may_be_put_in_our_namespaces_only_and_only_where_they_are() {
    let find = |puts: bool| -> Option<Value> {
        let of = RightsOf {
            puts_figures: puts,
            ..home()
        };
        let text = weir_aws::print_policy(&OWN, &of);
        assert!(text.contains("cloudwatch:GetMetricData"));
        let policy: Value = serde_json::from_str(&text).unwrap();
        let mut statements = policy["Statement"].as_array().unwrap().iter();
        statements
            .find(|one| one["Sid"] == "WeirPutsItsFigures")
            .cloned()
    };
    assert_eq!(find(false), None);
    let namespaces = &find(true).unwrap()["Condition"]["StringEquals"]["cloudwatch:namespace"];
    assert_eq!(namespaces.as_array().unwrap().len(), 5);
    assert!(namespaces.to_string().contains("UserMetrics/BedrockUsage"));
}

#[test]
fn an_operator_may_touch_what_is_ours_but_not_the_deny() {
    let of = RightsOf {
        partition: "aws-us-gov".to_owned(),
        ..home()
    };
    let text = weir_aws::print_policy(&[Feature::Provision], &of);
    let policy: Value = serde_json::from_str(&text).unwrap();
    assert!(!text.contains("arn:aws:"));
    for statement in policy["Statement"].as_array().unwrap() {
        let (actions, resource) = (
            statement["Action"].to_string(),
            statement["Resource"].to_string(),
        );
        assert!(!actions.contains('*'), "{actions}");
        let writes = [
            "Create", "Delete", "Put", "Attach", "Detach", "Update", "Tag", "Add",
        ];
        if writes
            .iter()
            .any(|verb| actions.contains(&format!("iam:{verb}")))
        {
            assert_ne!(resource, "\"*\"", "{actions}");
            assert!(!resource.contains("policy/weir/*"), "{actions}");
        }
        if actions.contains("AttachUserPolicy") {
            let only = &statement["Condition"]["ArnLike"]["iam:PolicyARN"];
            let ours = "arn:aws-us-gov:iam::111122223333:policy/weir/access/*";
            assert_eq!(*only, json!([ours]));
        }
    }
}

#[test]
fn other_accounts_channels_and_secrets_are_reached_only_where_they_are_configured() {
    let sids = |of: &RightsOf| -> Vec<String> {
        let text = weir_aws::print_policy(&[Feature::Read], of);
        let policy: Value = serde_json::from_str(&text).unwrap();
        let statements = policy["Statement"].as_array().unwrap().iter();
        let sids = statements.map(|one| one["Sid"].as_str().unwrap().to_owned());
        sids.skip(4).collect()
    };
    assert_eq!(sids(&home()), Vec::<String>::new());
    let all = RightsOf {
        ses_from: Some("weir@example.com".to_owned()),
        topic: Some("arn:aws:sns:eu-west-1:111122223333:weir".to_owned()),
        secret: Some("weir".to_owned()),
        roles: vec!["arn:aws:iam::999999999999:role/weir".to_owned()],
        ..home()
    };
    let expected = [
        "WeirSendsMail",
        "WeirPublishesToItsTopic",
        "WeirLogsInToItsDatabase",
        "WeirReachesOtherAccounts",
    ];
    assert_eq!(sids(&all), expected);
}

#[test]
fn inline_policies_can_be_left_out_and_everybody_is_told_what_a_thief_could_do() {
    let of = RightsOf {
        inline: false,
        ..home()
    };
    let text = weir_aws::print_policy(&[Feature::Enforce], &of);
    assert!(!text.contains("iam:PutUserPolicy") && text.contains("iam:AttachUserPolicy"));
    for feature in Feature::ALL {
        assert!(weir_aws::stolen(feature).starts_with("Whoever steals"));
    }
}
