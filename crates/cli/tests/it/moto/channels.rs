//! `weir notify test` through Amazon SNS and SES.

use super::{Account, query};

/// What an answer in the query protocol says by a name.
fn said(answer: &str, name: &str) -> String {
    let (_, rest) = answer.split_once(&format!("<{name}>")).unwrap();
    rest.split_once('<').unwrap().0.to_owned()
}

#[test]
fn a_topic_is_tried_and_whoever_listens_is_told() {
    let account = Account::new();
    let name = format!("weir-{}", account.id);
    let named = [("Name", name.as_str())];
    let topic = said(
        &query("sns", "2010-03-31", "CreateTopic", &named),
        "TopicArn",
    );
    let queue = query("sqs", "2012-11-05", "CreateQueue", &[("QueueName", &name)]);
    let queue = said(&queue, "QueueUrl");
    let listener = topic.replacen(":sns:", ":sqs:", 1);
    let subscribe = [
        ("TopicArn", topic.as_str()),
        ("Protocol", "sqs"),
        ("Endpoint", listener.as_str()),
    ];
    query("sns", "2010-03-31", "Subscribe", &subscribe);
    let configuration = |topic: &str| {
        let text = format!("[notify]\nlanguage = \"en\"\n[notify.sns]\ntopic_arn = \"{topic}\"\n");
        account.world.write("weir.toml", text);
    };
    configuration(&topic);
    account
        .weir(&["notify", "test", "sns"])
        .ok()
        .says(&["channel `sns` works: whoever listens was told"]);
    let asked = [("QueueUrl", queue.as_str())];
    let got = query("sqs", "2012-11-05", "ReceiveMessage", &asked);
    assert!(got.contains("channel-test"), "{got}");

    configuration(&format!("{topic}-that-is-not-there"));
    let ran = account.weir(&["notify", "test", "sns"]).ends(1);
    assert!(ran.err.contains("channel `sns` does not work"), "{ran:?}");
}

#[test]
fn ses_is_tried_and_says_who_may_not_send() {
    let account = Account::new();
    let try_from = |from: &str| {
        account.world.write(
            "weir.toml",
            format!(
                "[notify]\nfrom = \"{from}\"\nadmins = [\"ops@example.com\"]\nlanguage = \"en\"\n[notify.ses]\nregion = \"us-east-1\"\n"
            ),
        );
        account.weir(&["notify", "test", "ses"])
    };
    let mine = format!("weir-{}@example.com", account.id);
    let identity = [("EmailAddress", mine.as_str())];
    query("ses", "2010-12-01", "VerifyEmailIdentity", &identity);
    try_from(&mine)
        .ok()
        .says(&["channel `ses` works: sent to ops@example.com"]);
    let nobody = format!("weir@{}.example.org", account.id);
    let ran = try_from(&nobody).ends(1);
    assert!(ran.err.contains("channel `ses` does not work"), "{ran:?}");
}
