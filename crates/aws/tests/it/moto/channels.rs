//! SES and SNS.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sesv2::config::Credentials;
use serde_json::{Value, json};
use weir_aws::{ChannelSettings, Sender, SesSettings};
use weir_core::message::{Kind, Message};
use weir_engine::ports::EffectErrorKind;

use super::stage::{fresh_account, url};
use crate::channels::{channel, fresh_address, letter, mail, publish};

#[expect(
    clippy::disallowed_methods,
    reason = "where the server is, only the environment says"
)]
fn ses_url() -> String {
    std::env::var("WEIR_TEST_SES_URL").expect(
        "WEIR_TEST_SES_URL is not set: run `scripts/with-services.sh cargo nextest run --profile ci -p weir-aws`",
    )
}

#[tokio::test]
async fn mail_goes_through_ses_as_it_would_through_smtp() {
    let config = config(ses_url()).await;
    let through = |from: &str| {
        mail(channel(
            ChannelSettings {
                from: Some(Sender::parse(from).unwrap()),
                ses: Some(SesSettings::default()),
                ..ChannelSettings::default()
            },
            Some(&config),
        ))
    };
    aws_sdk_sesv2::Client::new(&config)
        .create_email_identity()
        .email_identity("weir@example.com")
        .send()
        .await
        .unwrap();
    let (to, message) = (fresh_address(), Message::sample(Kind::Blocked));
    let sent = letter(&message);
    through("Weir <weir@example.com>")
        .send(&to, &message.id(), &sent)
        .await
        .unwrap();

    let text = reqwest::get(format!("{}/moto-api/data.json", ses_url()))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let data: Value = serde_json::from_str(&text).unwrap();
    let mails = data["ses"]["RawMessage"].as_array().unwrap().iter();
    let is_ours = |mail: &&Value| mail["destinations"].to_string().contains(&to);
    let raw = mails.filter(is_ours).map(|mail| &mail["raw_data"]);
    let raw = raw.map(|raw| raw.as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(raw.len(), 1);
    assert!(raw[0].contains("multipart/alternative") && raw[0].contains(&to));

    let error = through("someone@else.example.com")
        .send(&to, &message.id(), &sent)
        .await
        .unwrap_err();
    assert_eq!(error.kind, EffectErrorKind::Denied, "{error}");
}

/// The default account of a local AWS.
async fn config(url: String) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .endpoint_url(url)
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .load()
        .await
}

/// A call to SQS by its JSON protocol: a queue is all that this test wants of it, and no SDK.
async fn sqs(operation: &str, input: Value) -> Value {
    let scope = "test/20261120/eu-west-1/sqs/aws4_request";
    let answer = reqwest::Client::new()
        .post(url())
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", format!("AmazonSQS.{operation}"))
        .header(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
        )
        .body(input.to_string())
        .send()
        .await
        .unwrap();
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_topic_gets_the_facts_a_short_subject_and_attributes_to_filter_by() {
    let config = config(url()).await;
    let name = format!("weir-{}", fresh_account());
    let sns = aws_sdk_sns::Client::new(&config);
    let topic = sns.create_topic().name(&name).send().await.unwrap();
    let topic = topic.topic_arn.unwrap();
    let queue = sqs("CreateQueue", json!({ "QueueName": name })).await;
    sns.subscribe()
        .topic_arn(&topic)
        .protocol("sqs")
        .endpoint(topic.replacen(":sns:", ":sqs:", 1))
        .send()
        .await
        .unwrap();
    let way = channel(
        ChannelSettings {
            sns: Some(topic.clone()),
            ..ChannelSettings::default()
        },
        Some(&config),
    );
    let message = publish(&way, Kind::Blocked).await.unwrap();

    let received = sqs("ReceiveMessage", json!({ "QueueUrl": queue["QueueUrl"] })).await;
    let body = received["Messages"][0]["Body"].as_str().unwrap();
    let delivered: Value = serde_json::from_str(body).unwrap();
    let subject = delivered["Subject"].as_str().unwrap();
    assert!(subject.len() < 100 && subject.is_ascii(), "{subject}");
    assert!(subject.starts_with("Weir: ana.lopez: acceso bloqueado"));
    let facts: Value = serde_json::from_str(delivered["Message"].as_str().unwrap()).unwrap();
    assert_eq!(facts, message.to_json());
    let text = |value| json!({ "Type": "String", "Value": value });
    let wanted = json!({
        "event_type": text("blocked"),
        "severity": text("critical"),
        "team": text("sap"),
        "user_id": text("ana.lopez"),
    });
    assert_eq!(delivered["MessageAttributes"], wanted);

    let gone = ChannelSettings {
        sns: Some(format!("{topic}-gone")),
        ..ChannelSettings::default()
    };
    let error = publish(&channel(gone, Some(&config)), Kind::Leak)
        .await
        .unwrap_err();
    assert_eq!(error.kind, EffectErrorKind::Gone, "{error}");
}
