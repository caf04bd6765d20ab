use serde_json::{Value, json};

use super::*;

fn object(bucket: &str, key: &str, region: Option<&str>) -> ObjectKey {
    ObjectKey {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        region: region.map(ToOwned::to_owned),
    }
}

fn own_form(name: &str, key: &str) -> Value {
    json!({ "Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-west-1", "eventName": name,
        "s3": { "s3SchemaVersion": "1.0", "bucket": { "name": "logs", "arn": "arn:aws:s3:::logs" },
                "object": { "key": key, "size": 1024, "eTag": "e" } },
    }] })
}

fn event_bridge(detail_type: &str) -> Value {
    json!({
        "version": "0", "source": "aws.s3", "detail-type": detail_type, "region": "eu-south-2",
        "detail": { "version": "0", "bucket": { "name": "logs" }, "object": { "key": "a b+c%20.gz", "size": 5 },
                    "reason": "PutObject" },
    })
}

fn in_sns(message: &str) -> String {
    json!({
        "Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:eu-west-1:111122223333:t",
        "Message": message, "Timestamp": "2026-11-20T09:00:00.000Z",
    })
    .to_string()
}

#[test]
fn word_of_objects_is_told_from_records() {
    let cloudtrail =
        json!({ "s3Bucket": "trail", "s3ObjectKey": ["AWSLogs/a+b.gz", "AWSLogs/c.gz"] });
    let record = json!({ "eventSource": "bedrock.amazonaws.com", "eventName": "Converse" });
    let file = json!({ "Records": [record.clone()] }).to_string();
    let envelope = json!({ "source": "aws.bedrock", "detail-type": "AWS API Call via CloudTrail", "detail": record });
    let decoded = Some("eu-west-1");
    let table: Vec<(String, Notice<'_>)> = vec![
        (
            own_form("ObjectCreated:Put", "AWSLogs/a+b/%C3%BC%2B.gz").to_string(),
            Notice::Objects(vec![object("logs", "AWSLogs/a b/ü+.gz", decoded)]),
        ),
        (
            own_form("s3:ObjectCreated:Put", "a").to_string(),
            Notice::Objects(vec![object("logs", "a", decoded)]),
        ),
        (
            own_form("ObjectRemoved:Delete", "a").to_string(),
            Notice::Nothing,
        ),
        (
            event_bridge("Object Created").to_string(),
            // EventBridge does not encode keys.
            Notice::Objects(vec![object("logs", "a b+c%20.gz", Some("eu-south-2"))]),
        ),
        (event_bridge("Object Deleted").to_string(), Notice::Nothing),
        (
            cloudtrail.to_string(),
            Notice::Objects(vec![
                object("trail", "AWSLogs/a+b.gz", None),
                object("trail", "AWSLogs/c.gz", None),
            ]),
        ),
        (
            json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "logs" })
                .to_string(),
            Notice::Nothing,
        ),
        ("CloudTrail validation message.".to_owned(), Notice::Nothing),
        (file.clone(), Notice::Records(file.clone().into())),
        (
            envelope.to_string(),
            Notice::Records(envelope.to_string().into()),
        ),
        ("no JSON".to_owned(), Notice::Records("no JSON".into())),
        ("[1,2]".to_owned(), Notice::Records("[1,2]".into())),
    ];
    for (body, want) in table {
        assert_eq!(notice(&body), want, "{body}");
        assert_eq!(notice(&in_sns(&body)), want, "in an SNS envelope: {body}");
        assert_eq!(notice(&in_sns(&in_sns(&body))), want, "in two: {body}");
    }
}

#[test]
fn what_names_nothing_is_unusable_and_says_why() {
    let mut nameless = own_form("ObjectCreated:Put", "a");
    nameless["Records"][0]["s3"]["bucket"] = json!({});
    let mut keyless = event_bridge("Object Created");
    keyless["detail"]["object"] = json!({});
    let not_text = own_form("ObjectCreated:Put", "%FF%FE");
    for body in [nameless, keyless, not_text] {
        assert_eq!(
            notice(&body.to_string()),
            Notice::Unusable("an S3 notification that names no bucket or key"),
            "{body}"
        );
    }
    let waiting = json!({ "Type": "SubscriptionConfirmation", "TopicArn": "arn", "Message": "You have chosen" });
    assert!(
        matches!(notice(&waiting.to_string()), Notice::Unusable(why) if why.contains("confirmed"))
    );
    let mut nested = "CloudTrail validation message.".to_owned();
    for _ in 0..5 {
        nested = in_sns(&nested);
    }
    assert!(matches!(notice(&nested), Notice::Unusable(_)));
}
