//! `weir ingest aws`: the quickest way that an account has.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use weir_aws::{AccountRole, AwsSettings, Connection, RightsOf};
use weir_core::coverage::hour_of;
use weir_core::ids::{AccountId, Region};
use weir_core::rulebook::{Mode, Settings};
use weir_engine::clock::WallClock;
use weir_engine::ports::{AccountSources, Sources};
use weir_engine::{Choice, Engine, Options, Parts, ReadFrom};
use weir_testkit::fakes::FakeMetering;
use weir_testkit::records::call;

use super::mill::{Mill, ago, reading, zipped};
use super::stopping::Stopping;
use crate::moto::recorder::Recorder;
use crate::moto::stage::{control, fresh_account};

const DAY: SignedDuration = SignedDuration::from_hours(24);

struct Scene {
    mill: Mill,
    metering: Arc<FakeMetering>,
    engine: Engine,
    place: AccountSources,
}

impl Scene {
    /// Three calls two hours ago in one Region, says CloudWatch.
    async fn new() -> Self {
        let mill = Mill::new().await;
        let config = Recorder::default().over(&mill.config);
        let connection = Connection::over(config, AwsSettings::default());
        let metering = Arc::new(FakeMetering::default());
        metering.say("eu-west-1", hour_of(two_hours_ago()), 3);
        let mut settings = Settings::default();
        settings.enforcement.mode = Some(Mode::DryRun);
        settings.attribution.home_account = Some(mill.account.clone());
        let engine = Engine::new(Parts {
            store: Arc::clone(&mill.store),
            settings: Arc::new(settings),
            clock: Arc::new(WallClock),
            access: None,
            directory: Some(Arc::clone(&connection.directory)),
            post: None,
            options: Options {
                lookups: false,
                ..Options::default()
            },
        })
        .with_metering(Some(Arc::clone(&metering) as Arc<_>))
        .with_survey(Some(
            connection.survey(RightsOf::default(), BTreeMap::new()),
        ));
        let place = Box::pin(connection.account(&mill.account, RightsOf::default()));
        let place = place.await.unwrap();
        Self {
            mill,
            metering,
            engine,
            place,
        }
    }

    async fn choose(&self) -> Choice {
        let regions = ["eu-central-1", "eu-west-1"].map(Region::new);
        self.engine
            .choose_sources(&self.place, &regions, DAY)
            .await
            .unwrap()
    }

    async fn log_to(&self, logging: aws_sdk_bedrock::types::builders::LoggingConfigBuilder) {
        let client = aws_sdk_bedrock::Client::new(&self.mill.config);
        let put = client.put_model_invocation_logging_configuration();
        put.logging_config(logging.build()).send().await.unwrap();
    }
}

fn two_hours_ago() -> Timestamp {
    let at = ago(SignedDuration::from_hours(2));
    Timestamp::from_second(at.as_second()).unwrap()
}

#[tokio::test]
async fn objects_with_invocation_logs_are_the_quickest_and_coverage_is_told() {
    let scene = Scene::new().await;
    let bucket = scene.mill.bucket().await;
    let s3 = aws_sdk_bedrock::types::S3Config::builder().bucket_name(&bucket);
    let s3 = s3.key_prefix("calls").build().unwrap();
    scene
        .log_to(aws_sdk_bedrock::types::LoggingConfig::builder().s3_config(s3))
        .await;
    let before = scene.choose().await;
    assert_eq!(
        before.chosen[0].from,
        ReadFrom::History,
        "nothing is there yet"
    );
    let notes = before.chosen[0].notes.join(" ");
    assert!(notes.contains("holds nothing of these days"), "{notes}");

    let account = scene.mill.account.clone();
    let logs: Vec<_> = (0..2)
        .map(|n| {
            let of = call(&format!("{account}-{n}")).in_account(account.as_str());
            of.at_time(two_hours_ago()).log_entry()
        })
        .collect();
    let hour = two_hours_ago().strftime("%Y/%m/%d/%H").to_string();
    let key =
        format!("calls/AWSLogs/{account}/BedrockModelInvocationLogs/eu-west-1/{hour}/a.json.gz");
    scene.mill.put(&bucket, &key, zipped(&logs)).await;
    let choice = scene.choose().await;
    let [chosen] = choice.chosen.as_slice() else {
        panic!("nobody called in the other Region: {choice:?}");
    };
    assert_eq!(
        (chosen.region.as_str(), chosen.calls),
        ("eu-west-1", Some(3))
    );
    let ReadFrom::LogObjects(places) = &chosen.from else {
        panic!("{chosen:?}");
    };
    assert_eq!(places.len(), 1);
    assert!(chosen.seconds.is_some_and(|seconds| seconds <= 1));
    let read = scene
        .engine
        .read_chosen(
            &scene.mill.sources,
            &choice,
            (&reading(), false),
            &scene.mill.watch(),
        )
        .await
        .unwrap();
    assert_eq!(read[0].report.counted.new, 2);
    let (coverage, problems) = scene.engine.coverage_since(choice.from).await.unwrap();
    assert_eq!(problems, Vec::<String>::new());
    let here = coverage
        .iter()
        .find(|one| one.region.as_str() == "eu-west-1");
    let here = here.unwrap();
    assert_eq!((here.counted, here.reported), (2, 3));
}

#[tokio::test]
async fn a_log_group_comes_next_and_the_event_history_last() {
    let scene = Scene::new().await;
    let last = scene.choose().await;
    assert_eq!(last.chosen[0].from, ReadFrom::History);
    assert!(last.chosen[0].seconds.is_some());
    let notes = last.chosen[0].notes.join(" ");
    assert!(
        notes.contains("invocations are not logged there"),
        "{notes}"
    );
    let logs = aws_sdk_bedrock::types::CloudWatchConfig::builder().log_group_name("/bedrock");
    let logs = logs.role_arn("arn:aws:iam::1:role/x").build().unwrap();
    scene
        .log_to(aws_sdk_bedrock::types::LoggingConfig::builder().cloud_watch_config(logs))
        .await;
    let next = scene.choose().await;
    let ReadFrom::LogGroup(group) = &next.chosen[0].from else {
        panic!("{next:?}");
    };
    let account = &scene.mill.account;
    let arn = format!("arn:aws:logs:eu-west-1:{account}:log-group:/bedrock");
    assert_eq!(group.as_str(), arn);
}

#[tokio::test]
async fn where_cloudwatch_may_not_be_asked_calls_are_looked_for_all_the_same() {
    let scene = Scene::new().await;
    scene.metering.deny("eu-central-1");
    let choice = scene.choose().await;
    let blind = &choice.chosen[0];
    assert_eq!((blind.region.as_str(), blind.calls), ("eu-central-1", None));
    assert!(blind.notes[0].contains("AccessDenied"), "{blind:?}");
}

/// An account that is reached by a role, with calls that only its event history knows.
struct Other {
    account: AccountId,
    place: AccountSources,
}

impl Scene {
    /// By the same role as a Deny there.
    async fn reach(&self, settings: AwsSettings, account: &AccountId) -> Result<Other, String> {
        let config = Recorder::default().over(&self.mill.config);
        let connection = Connection::over(config, settings);
        let place = Box::pin(connection.account(account, RightsOf::default())).await;
        let place = place.map_err(|error| error.to_string())?;
        let account = account.clone();
        Ok(Other { account, place })
    }
}

fn with_role(account: &AccountId, role: &str) -> AwsSettings {
    let role = AccountRole {
        role_arn: format!("arn:aws:iam::{account}:role/{role}"),
        external_id: Some("weir".to_owned()),
    };
    AwsSettings {
        accounts: BTreeMap::from([(account.clone(), role)]),
        ..AwsSettings::default()
    }
}

async fn remember(account: &AccountId, calls: i64) {
    let records = (0..calls).map(|n| {
        let of = call(&format!("{account}-{n}")).in_account(account.as_str());
        let at = two_hours_ago() - SignedDuration::from_secs(n);
        json!({ "account": account.as_str(), "region": "eu-west-1", "record": of.at_time(at).api_event() })
    });
    let records: Vec<_> = records.collect();
    control("POST", "/weir-test/event-history", &json!(records)).await;
}

#[tokio::test]
async fn each_account_is_read_by_its_role_and_goes_on_by_itself() {
    let scene = Scene::new().await;
    let account = fresh_account();
    let other = scene.reach(with_role(&account, "weir"), &account).await;
    let other = other.unwrap();
    remember(&scene.mill.account, 60).await;
    remember(&other.account, 3).await;
    let regions = [Region::new("eu-west-1")];
    let choose = async |place: &AccountSources| {
        let choice = scene.engine.choose_sources(place, &regions, DAY).await;
        choice.unwrap()
    };
    let (here, there) = (choose(&scene.place).await, choose(&other.place).await);
    assert_eq!(here.chosen[0].account, scene.mill.account);
    assert_eq!(there.chosen[0].account, other.account);
    let read = async |place: &AccountSources, choice: &Choice, sources: &Sources| {
        assert_eq!(choice.chosen[0].account, place.account);
        let how = (&reading(), false);
        let watch = scene.mill.watch();
        scene.engine.read_chosen(sources, choice, how, &watch).await
    };
    // The first stops after a page: what is left of it is not taken for a place in the other.
    let stopping = Sources {
        history: Arc::new(Stopping(Arc::clone(&scene.place.sources.history))),
        ..scene.place.sources.clone()
    };
    read(&scene.place, &here, &stopping).await.unwrap_err();
    let done = read(&other.place, &there, &other.place.sources).await;
    assert_eq!(done.unwrap()[0].report.counted.new, 3);
    let done = read(&scene.place, &here, &scene.place.sources)
        .await
        .unwrap();
    // What was left of the stretch, and what came since.
    assert_eq!((done[0].report.parts, done[0].report.counted.new), (2, 10));
    let invocations = scene.mill.store.health().await.unwrap().invocations;
    assert_eq!(invocations, 63);
}

#[tokio::test]
async fn an_account_that_is_not_reached_says_what_is_missing() {
    let scene = Scene::new().await;
    let account = fresh_account();
    let said = async |settings| match scene.reach(settings, &account).await {
        Ok(_) => panic!("it was reached"),
        Err(why) => why,
    };
    let why = said(AwsSettings::default()).await;
    assert!(
        why.contains(&format!("enforcement.accounts.{account}.role_arn")),
        "{why}"
    );

    let settings = with_role(&account, "refused");
    let arn = format!("arn:aws:iam::{account}:role/refused");
    let fault =
        json!([{ "action": "AssumeRole", "user": arn, "error": "AccessDenied", "times": null }]);
    control("POST", "/weir-test/faults", &fault).await;
    let why = said(settings).await;
    for part in [
        "AccessDenied",
        "let the trust policy of",
        &arn,
        "external id",
        "sts:AssumeRole",
    ] {
        assert!(why.contains(part), "{part}: {why}");
    }
}
