//! From calls to the mailbox: the whole engine, a fake AWS, a real mail server.

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use jiff::SignedDuration;
use serde_json::{Value, json};
use weir_aws::{ChannelSettings, Sender, SmtpSecurity, channels_over};
use weir_core::calendar::WindowKind;
use weir_core::ids::UserId;
use weir_core::intake;
use weir_core::message::default_routes;
use weir_core::quota::{Action, DEFAULT_WARN, Limit, Metric, Quota, Scope};
use weir_core::rulebook::{Mode, Settings};
use weir_engine::clock::{Clock, FakeClock};
use weir_engine::notify::Language;
use weir_engine::{Actor, Engine, Input, Options, Parts, Post, ReadBack};
use weir_store::{RuleChange, Store};
use weir_testkit::fakes::{FakeAws, memory_store};
use weir_testkit::records::call;
use weir_testkit::wire::lines;

use super::{control, mailbox, settings};
use crate::channels::fresh_address;
use crate::moto::stage::{config_of, control as aws_control, fresh_account};

const NOON: &str = "2026-11-20T11:00:00Z";

struct World {
    clock: Arc<FakeClock>,
    aws: Arc<FakeAws>,
    store: Arc<dyn Store>,
    /// Where Ana reads.
    address: String,
    counts: Engine,
}

impl World {
    async fn new() -> Self {
        let (clock, aws) = (
            Arc::new(FakeClock::at(NOON.parse().unwrap())),
            FakeAws::new(),
        );
        let address = fresh_address();
        aws.user("ana", |user| {
            user.login_profile = true;
            user.tags.insert("Email".to_owned(), address.clone());
        });
        let store = memory_store().await;
        let counts = engine(&store, &clock, &aws, None);
        for window in [WindowKind::Day, WindowKind::Month] {
            let quota = RuleChange::SetQuota(Quota {
                scope: Scope::User(UserId::new("ana")),
                metric: Metric::Requests,
                window,
                limit: Limit::Of(3),
                action: Action::Block,
                warn: DEFAULT_WARN.to_vec(),
                author: "a test".to_owned(),
                additions: Vec::new(),
            });
            let by = Actor::default();
            counts
                .change_quotas(vec![quota], "a test", &by)
                .await
                .unwrap();
        }
        Self {
            clock,
            aws,
            store,
            address,
            counts,
        }
    }

    /// A process that sends.
    async fn server(&self) -> Engine {
        self.server_with(None).await
    }

    /// A process that also publishes.
    async fn server_with(&self, topic: Option<&Topic>) -> Engine {
        let smtp = settings(SmtpSecurity::StartTls).await;
        let settings = ChannelSettings {
            from: Some(Sender::parse("Weir <weir@example.com>").unwrap()),
            smtp: Some(smtp),
            sns: topic.map(|topic| topic.arn.clone()),
            ..ChannelSettings::default()
        };
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as _;
        let config = topic.map(|topic| &topic.config);
        let post = Post {
            routes: default_routes(&settings.names()),
            channels: channels_over(settings, config, &clock).unwrap(),
            admins: Vec::new(),
            language: Language::En,
            contact: None,
        };
        engine(&self.store, &self.clock, &self.aws, Some(post))
    }

    async fn calls(&self, requests: std::ops::Range<u32>) {
        let at = self.clock.now() - SignedDuration::from_secs(1);
        let events: Vec<Value> = requests
            .map(|nth| call(&format!("r{nth}")).by("ana").at_time(at).api_event())
            .collect();
        let input = Input {
            source: "test".to_owned(),
            reader: Box::new(Cursor::new(lines(&events))),
            options: intake::Options::default(),
        };
        self.counts.ingest(vec![input], &|_| {}).await.unwrap();
    }

    async fn got(&self) -> Vec<Value> {
        mailbox(&self.address).await
    }
}

/// A topic of a local AWS.
struct Topic {
    config: SdkConfig,
    arn: String,
}

impl Topic {
    async fn new() -> Self {
        let account = fresh_account();
        let config = config_of(&account).await;
        let sns = aws_sdk_sns::Client::new(&config);
        let made = sns.create_topic().name("weir").send().await.unwrap();
        let arn = made.topic_arn.unwrap();
        Self { config, arn }
    }

    /// Every call to publish here fails, until told otherwise.
    async fn throttle(&self) {
        let fault = json!([{ "action": "Publish", "user": self.arn, "error": "Throttling", "times": null }]);
        aws_control("POST", "/weir-test/faults", &fault).await;
    }

    async fn recover(&self) {
        let faults = format!("/weir-test/faults?user={}", self.arn);
        aws_control("DELETE", &faults, &json!([])).await;
    }

    /// How often publishing a message of this type was tried, and succeeded.
    async fn published(&self, event: &str) -> (usize, usize) {
        let calls = format!("/weir-test/calls?user={}", self.arn);
        let answer = aws_control("GET", &calls, &json!([])).await;
        let calls: Vec<Value> = serde_json::from_str(&answer).unwrap();
        let is_it = |call: &&Value| {
            let message = call["params"]["Message"].as_str();
            let message: Value = serde_json::from_str(message.unwrap_or("null")).unwrap();
            call["action"] == "Publish" && message["event_type"] == event
        };
        let tried: Vec<_> = calls.iter().filter(is_it).collect();
        let succeeded = tried.iter().filter(|call| call["error"].is_null()).count();
        (tried.len(), succeeded)
    }
}

fn engine(
    store: &Arc<dyn Store>,
    clock: &Arc<FakeClock>,
    aws: &Arc<FakeAws>,
    post: Option<Post>,
) -> Engine {
    let mut settings = Settings::default();
    settings.enforcement.mode = Some(Mode::Iam);
    Engine::new(Parts {
        store: Arc::clone(store),
        settings: Arc::new(settings),
        clock: Arc::clone(clock) as Arc<_>,
        access: Some(Arc::clone(aws) as Arc<_>),
        directory: Some(Arc::clone(aws) as Arc<_>),
        post,
        options: Options {
            read_back: ReadBack {
                first: Duration::ZERO,
                total: Duration::from_millis(2),
            },
            patience: Duration::ZERO,
            ..Options::default()
        },
    })
}

#[tokio::test]
async fn calls_block_and_one_mail_says_until_when_and_midnight_brings_no_second() {
    let world = World::new().await;
    let server = world.server().await;
    world.calls(0..3).await;
    assert!(world.aws.show_user("ana").unwrap().weir_attached);
    assert_eq!(
        world.got().await,
        Vec::<Value>::new(),
        "whoever counts has no channels"
    );
    server.tick().await.unwrap();
    let mail = world.got().await.remove(0);
    // The day and the month are used up: access is lost until the latest of them.
    assert_eq!(
        mail["subject"],
        "Your access is blocked until Tue 1 Dec 2026, 00:00 CET"
    );
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("Until: Tue 1 Dec 2026, 00:00 CET"), "{text}");

    world.calls(3..5).await;
    world.clock.advance(SignedDuration::from_hours(13));
    server.tick().await.unwrap();
    assert_eq!(
        world.got().await.len(),
        1,
        "a monthly offender, after the reset"
    );
    world.clock.advance(SignedDuration::from_hours(24 * 10));
    server.tick().await.unwrap();
    let subjects: Vec<_> = world
        .got()
        .await
        .iter()
        .map(|mail| mail["subject"].clone())
        .collect();
    assert_eq!(subjects[1], "You have access to Amazon Bedrock again");
    assert_eq!(subjects.len(), 2);
}

#[tokio::test]
async fn a_server_that_refuses_for_a_while_gets_the_mail_once() {
    let world = World::new().await;
    let server = world.server().await;
    let refusal = json!({
        "to": world.address, "answer": "451 4.7.1 come back later", "times": 2,
    });
    control("POST", "/refuse", &refusal.to_string()).await;
    world.calls(0..3).await;
    for (pause, expected) in [(0, 0), (1, 0), (30, 0), (60, 1), (3_600, 1)] {
        world.clock.advance(SignedDuration::from_secs(pause));
        server.tick().await.unwrap();
        assert_eq!(world.got().await.len(), expected, "after {pause} s more");
    }
}

#[tokio::test]
async fn two_servers_at_once_send_one_mail() {
    let world = World::new().await;
    let (one, other) = (world.server().await, world.server().await);
    world.calls(0..3).await;
    let (first, second) = tokio::join!(one.tick(), other.tick());
    assert_eq!(first.unwrap().mail.sent + second.unwrap().mail.sent, 1);
    assert_eq!(world.got().await.len(), 1);
}

#[tokio::test]
async fn while_sns_throttles_the_mail_goes_out_and_the_alert_follows_once() {
    let (world, topic) = (World::new().await, Topic::new().await);
    let server = world.server_with(Some(&topic)).await;
    topic.throttle().await;
    world.calls(0..3).await;
    for (pause, tried) in [(0, 1), (10, 2), (30, 3)] {
        world.clock.advance(SignedDuration::from_secs(pause));
        server.tick().await.unwrap();
        assert_eq!(world.got().await.len(), 1, "after {pause} s more");
        assert_eq!(
            topic.published("blocked").await,
            (tried, 0),
            "after {pause} s more"
        );
    }
    topic.recover().await;
    for pause in [120, 3_600] {
        world.clock.advance(SignedDuration::from_secs(pause));
        server.tick().await.unwrap();
        assert_eq!(
            topic.published("blocked").await,
            (4, 1),
            "after {pause} s more"
        );
        assert_eq!(world.got().await.len(), 1, "after {pause} s more");
    }
}
