//! Webhooks and chats, against a receiver on this machine.

use serde_json::Value;
use standardwebhooks::Webhook;
use weir_aws::{ChannelSettings, ChatSettings, Secret, WebhookSettings};
use weir_core::message::Kind;
use weir_engine::ports::{EffectErrorKind, Way};

use crate::channels::{Receiver, channel, publish};

/// `whsec_` and base64 of 32 bytes.
const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

fn webhook(url: &str) -> Way {
    let settings = ChannelSettings {
        webhooks: vec![WebhookSettings {
            name: "audit".to_owned(),
            url: Secret::new(url),
            secret: Secret::new(SECRET),
        }],
        ..ChannelSettings::default()
    };
    channel(settings, None)
}

fn chat(url: &str) -> Way {
    let settings = ChannelSettings {
        chats: vec![ChatSettings {
            name: "ops".to_owned(),
            url: Secret::new(url),
        }],
        ..ChannelSettings::default()
    };
    channel(settings, None)
}

#[tokio::test]
async fn a_webhook_gets_a_signed_cloud_event() {
    let receiver = Receiver::new("204 No Content").await;
    let way = webhook(&format!("{}/weir?a=b", receiver.url));
    let message = publish(&way, Kind::Blocked).await.unwrap();

    let got = receiver.all().remove(0);
    assert_eq!(got.path, "/weir?a=b");
    assert_eq!(
        got.headers["content-type"],
        "application/cloudevents+json; charset=utf-8"
    );
    let event: Value = serde_json::from_str(&got.body).unwrap();
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["id"], message.id());
    assert_eq!(event["type"], "weir.blocked");
    assert_eq!(event["source"], "weir");
    assert_eq!(event["subject"], "user:ana.lopez");
    assert_eq!(event["time"], "2026-11-20T15:42:00Z");
    assert_eq!(event["data"], message.to_json());

    // Verified by the library that the makers of Standard Webhooks publish. It refuses old
    // timestamps, and ours stands still: so the signature is compared.
    let verifier = Webhook::new(SECRET).unwrap();
    let at: i64 = got.headers["webhook-timestamp"].parse().unwrap();
    assert_eq!(at, 1_795_189_320);
    let wanted = verifier
        .sign(&got.headers["webhook-id"], at, got.body.as_bytes())
        .unwrap();
    assert_eq!(got.headers["webhook-signature"], wanted);
}

#[tokio::test]
async fn the_adapter_says_whether_to_try_again() {
    for (status, kind) in [
        ("503 Service Unavailable", EffectErrorKind::Retry),
        ("429 Too Many Requests", EffectErrorKind::Retry),
        ("401 Unauthorized", EffectErrorKind::Denied),
        ("400 Bad Request", EffectErrorKind::Denied),
    ] {
        let receiver = Receiver::new(status).await;
        let error = publish(&webhook(&receiver.url), Kind::Leak)
            .await
            .unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.to_string().starts_with("webhook audit: "), "{error}");
    }
    let error = publish(&webhook("http://127.0.0.1:1/"), Kind::Leak)
        .await
        .unwrap_err();
    assert_eq!(error.kind, EffectErrorKind::Retry, "{error}");
}

#[tokio::test]
async fn nobody_sends_us_elsewhere() {
    let receiver = Receiver::new("302 Found").await;
    let error = publish(&webhook(&receiver.url), Kind::Leak)
        .await
        .unwrap_err();
    assert_eq!(error.kind, EffectErrorKind::Denied, "{error}");
    assert_eq!(receiver.all().len(), 1);
}

#[tokio::test]
async fn a_chat_gets_one_line_and_its_url_is_never_shown() {
    let receiver = Receiver::new("200 OK").await;
    let way = chat(&format!("{}/services/T0/B0/hunter2", receiver.url));
    publish(&way, Kind::Blocked).await.unwrap();
    let body: Value = serde_json::from_str(&receiver.all().remove(0).body).unwrap();
    assert_eq!(
        body["text"],
        ":red_circle: ana.lopez: acceso bloqueado: peticiones al día, 350 de 350"
    );
    let error = publish(&chat("http://127.0.0.1:1/hunter2"), Kind::Blocked)
        .await
        .unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
    let settings = format!("{:?}", Secret::new("hunter2"));
    assert!(!settings.contains("hunter2"));
}
