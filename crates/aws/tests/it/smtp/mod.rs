//! Mail through a real SMTP server that demands TLS and a login, read back from it.

mod telling;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use weir_aws::{ChannelSettings, Secret, Sender, SmtpSecurity, SmtpSettings};
use weir_core::message::{Kind, Message};
use weir_engine::ports::{EffectErrorKind, Mail};

use crate::channels::{channel, fresh_address, letter, mail};

#[expect(
    clippy::disallowed_methods,
    reason = "where the server is, only the environment says"
)]
fn url() -> String {
    std::env::var("WEIR_TEST_SMTP_URL").expect(
        "WEIR_TEST_SMTP_URL is not set: run `scripts/with-services.sh cargo nextest run --profile ci -p weir-aws`",
    )
}

async fn control(method: &str, path: &str, body: &str) -> Value {
    let address = url().trim_start_matches("http://").to_owned();
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.0\r\nhost: {address}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// The settings that are right, for tests to make wrong.
async fn settings(security: SmtpSecurity) -> SmtpSettings {
    let about = control("GET", "/", "").await;
    let text = |key: &str| about[key].as_str().unwrap().to_owned();
    let port = match security {
        SmtpSecurity::Tls => &about["tls"],
        SmtpSecurity::StartTls | SmtpSecurity::Plain => &about["starttls"],
    };
    SmtpSettings {
        host: text("host"),
        port: u16::try_from(port.as_u64().unwrap()).unwrap(),
        security,
        login: Some((text("user"), Secret::new(text("password")))),
        authority: Some(text("ca").into_bytes()),
    }
}

fn through(smtp: SmtpSettings) -> std::sync::Arc<dyn Mail> {
    mail(channel(
        ChannelSettings {
            from: Some(Sender::parse("Weir <weir@example.com>").unwrap()),
            smtp: Some(smtp),
            ..ChannelSettings::default()
        },
        None,
    ))
}

async fn mailbox(address: &str) -> Vec<Value> {
    let mails = control("GET", &format!("/mails?to={address}"), "").await;
    mails.as_array().unwrap().clone()
}

#[tokio::test]
async fn mail_arrives_encrypted_in_html_and_text_with_starttls_and_with_tls() {
    for security in [SmtpSecurity::StartTls, SmtpSecurity::Tls] {
        let smtp = through(settings(security).await);
        let to = fresh_address();
        let message = Message::sample(Kind::Blocked);
        let sent = letter(&message);
        smtp.send(&to, &message.id(), &sent).await.unwrap();

        let got = mailbox(&to).await.remove(0);
        assert_eq!(got["encrypted"], true);
        assert_eq!(got["from"], "weir@example.com");
        assert_eq!(got["subject"], sent.subject);
        let lines = |text: &str| text.replace("\r\n", "\n").trim_end().to_owned();
        assert_eq!(lines(got["text"].as_str().unwrap()), lines(&sent.text));
        assert_eq!(lines(got["html"].as_str().unwrap()), lines(&sent.html));
        let headers = got["headers"].as_array().unwrap();
        assert!(headers.contains(&json!(["Auto-Submitted", "auto-generated"])));
        assert!(headers.contains(&json!(["From", "Weir <weir@example.com>"])));
    }
}

#[tokio::test]
async fn a_repeat_has_the_same_id_and_another_message_another() {
    let smtp = through(settings(SmtpSecurity::StartTls).await);
    let to = fresh_address();
    for kind in [Kind::Blocked, Kind::Blocked, Kind::Unblocked] {
        let message = Message::sample(kind);
        smtp.send(&to, &message.id(), &letter(&message))
            .await
            .unwrap();
    }
    let mails = mailbox(&to).await;
    let ids: Vec<_> = mails.iter().map(|mail| &mail["message_id"]).collect();
    assert!(ids[0] == ids[1] && ids[1] != ids[2], "{ids:?}");
}

#[tokio::test]
async fn what_the_server_says_decides_whether_to_try_again() {
    let smtp = through(settings(SmtpSecurity::StartTls).await);
    let message = Message::sample(Kind::Blocked);
    for (answer, kind) in [
        (
            "451 4.7.1 greylisted, come back later",
            EffectErrorKind::Retry,
        ),
        ("550 5.1.1 no such mailbox", EffectErrorKind::Refused),
        ("550 no such mailbox", EffectErrorKind::Refused),
        (
            "550 5.4.5 daily user sending limit exceeded",
            EffectErrorKind::Denied,
        ),
        ("550 5.1.8 bad sender", EffectErrorKind::Denied),
        ("554 5.7.1 message blocked", EffectErrorKind::Denied),
        ("552 5.2.2 mailbox full", EffectErrorKind::Denied),
    ] {
        let to = fresh_address();
        let refusal = json!({ "to": to, "answer": answer }).to_string();
        control("POST", "/refuse", &refusal).await;
        let error = smtp
            .send(&to, &message.id(), &letter(&message))
            .await
            .unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        // The connection is good for the next mail all the same.
        smtp.send(&to, &message.id(), &letter(&message))
            .await
            .unwrap();
        assert_eq!(mailbox(&to).await.len(), 1);
    }
    let error = smtp
        .send("nobody", &message.id(), &letter(&message))
        .await
        .unwrap_err();
    assert_eq!(error.kind, EffectErrorKind::Refused, "{error}");
}

#[tokio::test]
async fn a_wrong_password_or_certificate_needs_an_administrator_and_sends_nothing() {
    let good = settings(SmtpSecurity::StartTls).await;
    let wrong_password = SmtpSettings {
        login: Some(("weir".to_owned(), Secret::new("hunter2"))),
        ..good.clone()
    };
    let unknown_authority = SmtpSettings {
        authority: None,
        ..good.clone()
    };
    let other_name = SmtpSettings {
        host: "127.0.0.1".to_owned(),
        ..good.clone()
    };
    let message = Message::sample(Kind::Blocked);
    for smtp in [wrong_password, unknown_authority, other_name] {
        let to = fresh_address();
        let shown = format!("{smtp:?}");
        let error = through(smtp)
            .send(&to, &message.id(), &letter(&message))
            .await
            .unwrap_err();
        assert_eq!(error.kind, EffectErrorKind::Denied, "{error}");
        assert!(
            !format!("{error} {shown}").contains("hunter2"),
            "{error} {shown}"
        );
        assert!(mailbox(&to).await.is_empty());
    }
}

#[tokio::test]
async fn no_server_is_tried_again() {
    let nowhere = SmtpSettings {
        port: 1,
        ..settings(SmtpSecurity::StartTls).await
    };
    let message = Message::sample(Kind::Blocked);
    let error = through(nowhere)
        .send("ana@example.com", &message.id(), &letter(&message))
        .await
        .unwrap_err();
    assert_eq!(error.kind, EffectErrorKind::Retry, "{error}");
}
