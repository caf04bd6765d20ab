//! An account of its own with buckets, queues and log groups, and an engine over an empty database.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use weir_aws::{AwsSettings, Connection};
use weir_core::calendar::WindowKind;
use weir_core::ids::{AccountId, UserId};
use weir_core::intake::Options as Reading;
use weir_core::quota::{Action, Limit, Metric, Quota, Scope};
use weir_core::rulebook::{Mode, Settings};
use weir_engine::clock::{Clock, WallClock};
use weir_engine::ports::{QueueMessage, Sources};
use weir_engine::{Actor, BackfillStep, Engine, Options, Parts};
use weir_store::{RuleChange, Store};
use weir_testkit::wire::lines;

use crate::moto::recorder::Recorder;
use crate::moto::stage::{config_of, fresh_account};

pub(crate) struct Mill {
    pub(crate) account: AccountId,
    pub(crate) config: SdkConfig,
    pub(crate) sources: Sources,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) engine: Engine,
    /// What a backfill told.
    pub(crate) told: Mutex<Vec<BackfillStep>>,
}

impl Mill {
    pub(crate) async fn new() -> Self {
        let store = weir_store::open("sqlite::memory:").await.unwrap();
        store.migrate().await.unwrap();
        store.set_zone("Europe/Madrid").await.unwrap();
        Self::over(store).await
    }

    /// With a database that fails, because it has no tables.
    pub(crate) async fn broken() -> Self {
        Self::over(weir_store::open("sqlite::memory:").await.unwrap()).await
    }

    async fn over(store: Arc<dyn Store>) -> Self {
        let account = fresh_account();
        let config = config_of(&account).await;
        let heard = Recorder::default().over(&config);
        let sources = Connection::over(heard, AwsSettings::default()).sources;
        let mut settings = Settings::default();
        settings.enforcement.mode = Some(Mode::DryRun);
        let engine = Engine::new(Parts {
            store: Arc::clone(&store),
            settings: Arc::new(settings),
            clock: Arc::new(WallClock),
            access: None,
            directory: None,
            post: None,
            options: Options {
                patience: Duration::ZERO,
                ..Options::default()
            },
        });
        Self {
            account,
            config,
            sources,
            store,
            engine,
            told: Mutex::default(),
        }
    }

    pub(crate) async fn invocations(&self) -> u64 {
        self.store.health().await.unwrap().invocations
    }

    pub(crate) async fn dead_letters(&self) -> Vec<String> {
        let letters = self.store.dead_letters(100).await.unwrap();
        letters
            .into_iter()
            .map(|row| format!("{}: {}", row.letter.source, row.letter.reason))
            .collect()
    }

    pub(crate) async fn requests_per_day(&self, user: &str, limit: i64) {
        let quota = Quota {
            scope: Scope::User(UserId::new(user)),
            metric: Metric::Requests,
            window: WindowKind::Day,
            limit: Limit::Of(limit),
            action: Action::Block,
            warn: Vec::new(),
            author: "maria".to_owned(),
            additions: Vec::new(),
        };
        self.engine
            .change_quotas(
                vec![RuleChange::SetQuota(quota)],
                "a test",
                &Actor::default(),
            )
            .await
            .unwrap();
    }

    pub(crate) fn watch(&self) -> impl Fn(BackfillStep) + Send + Sync {
        |step| self.told.lock().unwrap().push(step)
    }

    // --- S3 ---

    pub(crate) async fn bucket(&self) -> String {
        let bucket = format!("weir-{}", self.account);
        let place = CreateBucketConfiguration::builder()
            .location_constraint(BucketLocationConstraint::EuWest1)
            .build();
        self.s3()
            .create_bucket()
            .bucket(&bucket)
            .create_bucket_configuration(place)
            .send()
            .await
            .unwrap();
        bucket
    }

    pub(crate) async fn put(&self, bucket: &str, key: &str, body: Vec<u8>) {
        self.s3()
            .put_object()
            .bucket(bucket)
            .key(key)
            .body(body.into())
            .send()
            .await
            .unwrap();
    }

    fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config)
            .force_path_style(true)
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }

    // --- SQS ---

    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.config)
    }

    pub(crate) async fn queue(&self) -> String {
        let name = format!("weir-{}", self.account);
        let made = self.sqs().create_queue().queue_name(name).send().await;
        made.unwrap().queue_url.unwrap()
    }

    pub(crate) async fn send(&self, queue: &str, body: impl ToString) {
        self.sqs()
            .send_message()
            .queue_url(queue)
            .message_body(body.to_string())
            .send()
            .await
            .unwrap();
    }

    pub(crate) async fn receive(&self, queue: &str, hold: Duration) -> Vec<QueueMessage> {
        self.sources.queues.receive(queue, hold).await.unwrap()
    }

    /// Messages that are there, hidden ones too.
    pub(crate) async fn messages_in(&self, queue: &str) -> u32 {
        use aws_sdk_sqs::types::QueueAttributeName as Name;
        let counts = [
            Name::ApproximateNumberOfMessages,
            Name::ApproximateNumberOfMessagesNotVisible,
        ];
        let asked = self.sqs().get_queue_attributes().queue_url(queue);
        let asked = asked.set_attribute_names(Some(counts.to_vec())).send();
        let found = asked.await.unwrap().attributes.unwrap();
        counts
            .iter()
            .map(|name| found[name].parse::<u32>().unwrap())
            .sum()
    }
}

/// As files of the invocation log are.
pub(crate) fn zipped(records: &[Value]) -> Vec<u8> {
    gzip(&lines(records))
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

pub(crate) fn ago(span: SignedDuration) -> Timestamp {
    WallClock.now() - span
}

pub(crate) fn seconds_ago(seconds: i64) -> Timestamp {
    let at = ago(SignedDuration::from_secs(seconds));
    Timestamp::from_second(at.as_second()).unwrap()
}

pub(crate) fn reading() -> Reading {
    Reading::default()
}
