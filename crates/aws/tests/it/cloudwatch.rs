//! CloudWatch, in the SDK's own protocol.

use std::sync::Arc;

use aws_config::{BehaviorVersion, Region as SdkRegion};
use aws_sdk_sts::config::Credentials;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use weir_aws::{AccountRole, AwsSettings, Connection, EmfLines};
use weir_core::ids::{AccountId, Region};
use weir_core::rulebook::Settings;
use weir_engine::clock::FakeClock;
use weir_engine::metrics::{Fact, SPECS};
use weir_engine::ports::{EffectErrorKind, Figures};
use weir_engine::{Engine, Input, Level, Options, Parts};
use weir_testkit::cloudwatch::{ACCOUNT, CloudWatchServer};
use weir_testkit::fakes::memory_store;
use weir_testkit::records::call;
use weir_testkit::wire::lines;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

async fn connect(server: &CloudWatchServer) -> Connection {
    connect_with(server, AwsSettings::default()).await
}

async fn connect_with(server: &CloudWatchServer, settings: AwsSettings) -> Connection {
    let credentials = Credentials::new("AKIATEST", "secret", None, None, "test");
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(SdkRegion::from_static("eu-west-1"))
        .endpoint_url(&server.url)
        .credentials_provider(credentials)
        .load()
        .await;
    Connection::over(config, settings)
}

const OTHER: &str = "999988887777";

/// Weir may assume a role in another account.
fn with_other() -> AwsSettings {
    let role = AccountRole {
        role_arn: format!("arn:aws:iam::{OTHER}:role/weir"),
        external_id: Some("a secret".to_owned()),
    };
    AwsSettings {
        accounts: [(AccountId::new(OTHER), role)].into(),
        ..AwsSettings::default()
    }
}

fn noon() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// One of each figure.
fn every_figure() -> Vec<Fact> {
    let facts = SPECS.iter().map(|spec| Fact {
        spec,
        labels: spec.labels.iter().map(|name| format!("é {name}")).collect(),
        amount: 1_500,
    });
    facts.collect()
}

#[tokio::test]
async fn invocations_are_read_page_by_page_in_the_region_asked_for() {
    let server = CloudWatchServer::start().await.unwrap();
    for (hours, sum) in [
        (-4, 7.0),
        (-3, 41.0),
        (-2, 0.0),
        (-1, 1_000_000.0),
        (0, 9.0),
    ] {
        server.sum("us-east-1", noon() + HOUR * hours, sum);
    }
    server.sum("eu-west-1", noon() - HOUR, 5.0);
    let metering = connect(&server).await.metering;
    let (home, region) = (AccountId::new(ACCOUNT), Region::new("us-east-1"));
    let read = metering
        .invocations(&home, &region, noon() - HOUR * 3, noon())
        .await
        .unwrap();
    let expected = [(-3, 41), (-2, 0), (-1, 1_000_000)];
    let expected = expected.map(|(hours, calls)| (noon() + HOUR * hours, calls));
    assert_eq!(read, expected.into());
    let asked = server.asked();
    assert_eq!(asked.len(), 2, "two pages");
    assert!(asked[0].0.contains("{AWS/Bedrock,ModelId}") && asked[0].1 == 3_600);
    assert_eq!(metering.home_region(), Region::new("eu-west-1"));
}

#[tokio::test]
async fn what_cannot_be_read_says_why() {
    let server = CloudWatchServer::start().await.unwrap();
    let metering = connect(&server).await.metering;
    let ask = async |account: &str| {
        let (account, region) = (AccountId::new(account), Region::new("eu-west-1"));
        let read = metering.invocations(&account, &region, noon() - HOUR, noon());
        read.await
    };
    server.fault("AccessDenied");
    let error = ask(ACCOUNT).await.unwrap_err();
    assert_eq!(error.kind, EffectErrorKind::Denied, "{error}");
    assert!(error.to_string().contains("as the test asked"), "{error}");
    // The SDK tries again what only reads.
    server.fault("ServiceUnavailable");
    assert_eq!(ask(ACCOUNT).await.unwrap().len(), 0);
    let error = ask("999988887777").await.unwrap_err();
    assert_eq!(error.kind, EffectErrorKind::Cannot, "{error}");
}

#[tokio::test]
async fn every_figure_is_put_with_its_unit_and_dimensions() {
    let server = CloudWatchServer::start().await.unwrap();
    let figures = connect(&server).await.figures;
    let facts = every_figure();
    figures.put(&facts, noon()).await.unwrap();
    let put = server.put();
    assert_eq!(put.len(), 5, "one request for each namespace");
    let all: Vec<_> = put.into_iter().flatten().collect();
    assert_eq!(all.len(), SPECS.len());
    let found = |metric: &str, dimensions: usize| {
        let mut found = all.iter();
        found
            .find(|put| put.metric == metric && put.dimensions.len() == dimensions)
            .unwrap()
    };
    let cost = found("DailyCost", 1);
    assert_eq!(cost.namespace, "CostMetrics/DailyCost");
    assert_eq!(
        cost.dimensions[0],
        ("Model".to_owned(), "%C3%A9 Model".to_owned())
    );
    assert_eq!((cost.value, cost.unit.as_str()), (0.000_001_5, "None"));
    let coverage = found("Coverage", 2);
    assert_eq!((coverage.value, coverage.unit.as_str()), (150.0, "Percent"));
    assert_eq!(coverage.region, "eu-west-1");
    assert_eq!(found("OutboxOldest", 0).unit, "Seconds");

    // Many are compressed by the SDK and told in several requests.
    let user = SPECS[0];
    let many: Vec<_> = (0..1_001)
        .map(|n| Fact {
            spec: user,
            labels: vec![format!("user-{n}")],
            amount: n,
        })
        .collect();
    figures.put(&many, noon()).await.unwrap();
    let sizes: Vec<_> = server.put()[5..].iter().map(Vec::len).collect();
    assert_eq!(sizes, [1_000, 1]);
}

#[tokio::test]
async fn lines_go_to_the_end_of_a_file() {
    let directory = std::env::temp_dir().join(format!("weir-emf-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join("figures.jsonl");
    let lines = EmfLines::File(path.clone());
    for _ in 0..2 {
        lines.put(&every_figure(), noon()).await.unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let read: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(read.len() % 2, 0);
    assert!(
        read.iter()
            .all(|line| line["_aws"]["CloudWatchMetrics"].is_array())
    );
    std::fs::remove_dir_all(&directory).unwrap();
    let error = lines.put(&[], noon()).await.unwrap_err();
    assert!(error.to_string().contains("figures.jsonl"), "{error}");
}

async fn engine(connection: &Connection) -> Engine {
    Engine::new(Parts {
        store: memory_store().await,
        settings: Arc::new(Settings::default()),
        clock: Arc::new(FakeClock::at(noon())),
        access: None,
        directory: None,
        post: None,
        options: Options::default(),
    })
    .with_metering(Some(Arc::clone(&connection.metering)))
}

/// So many calls of an account, two hours ago.
async fn calls(engine: &Engine, account: &str, count: usize) {
    let event = |n| {
        let call = call(&format!("{account}-{n}")).by("ana");
        call.in_account(account)
            .at_time(noon() - HOUR * 2)
            .api_event()
    };
    let events: Vec<_> = (0..count).map(event).collect();
    let input = Input {
        source: "test".to_owned(),
        reader: Box::new(std::io::Cursor::new(lines(&events))),
        options: weir_core::intake::Options::default(),
    };
    engine.ingest(vec![input], &|_| {}).await.unwrap();
}

/// The whole way: records in, CloudWatch read over the wire, and what is thought of both.
#[tokio::test]
async fn the_engine_compares_what_it_counted_with_what_cloudwatch_says() {
    let server = CloudWatchServer::start().await.unwrap();
    let connection = connect(&server).await;
    server.sum("eu-west-1", noon() - HOUR * 2, 40.0);
    let engine = engine(&connection).await;
    calls(&engine, ACCOUNT, 30).await;
    let report = engine.tick().await.unwrap();
    assert_eq!(report.errors, Vec::<String>::new());
    let view = engine.coverage().await.unwrap();
    assert_eq!(view.problems, Vec::<String>::new());
    let low = view.trouble().unwrap().low;
    assert_eq!((low.len(), low[0].percent().as_str()), (1, "75.0 %"));

    // And our own figures go back the same way.
    assert!(engine.put_figures(&*connection.figures, 20).await.unwrap());
    let put: Vec<_> = server.put().into_iter().flatten().collect();
    let coverage = put.iter().find(|put| put.metric == "Coverage").unwrap();
    assert_eq!((coverage.value, coverage.dimensions.len()), (75.0, 2));
    assert!(
        put.iter()
            .any(|put| put.namespace == "UserMetrics/BedrockUsage")
    );
}

#[tokio::test]
async fn of_two_accounts_the_one_that_lacks_calls_is_named() {
    let server = CloudWatchServer::start().await.unwrap();
    let connection = connect_with(&server, with_other()).await;
    let two_hours_ago = noon() - HOUR * 2;
    server.sum("eu-west-1", two_hours_ago, 40.0);
    server.sum_of(OTHER, "eu-west-1", two_hours_ago, 40.0);
    let engine = engine(&connection).await;
    calls(&engine, ACCOUNT, 40).await;
    calls(&engine, OTHER, 37).await;
    let report = engine.tick().await.unwrap();
    assert_eq!(report.errors, Vec::<String>::new());

    let view = engine.coverage().await.unwrap();
    assert_eq!(view.problems, Vec::<String>::new());
    let places = view.places.iter();
    let places: Vec<_> = places
        .map(|one| {
            (
                one.account.as_str(),
                one.percent(),
                one.counted,
                one.reported,
            )
        })
        .collect();
    let (whole, low) = ("100.0 %".to_owned(), "92.5 %".to_owned());
    assert_eq!(places, [(ACCOUNT, whole, 40, 40), (OTHER, low, 37, 40)]);
    // One incident, and the doctor names the account.
    let incidents = engine.store().incidents().await.unwrap();
    let kinds: Vec<_> = incidents.iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(kinds, ["calls-missing"]);
    let checks = engine.doctor().await;
    let check = checks
        .iter()
        .find(|check| check.name == "coverage")
        .unwrap();
    let missing =
        format!("calls of the last day are missing: {OTHER} in eu-west-1: 92.5 % (37 of 40 calls)");
    assert_eq!((check.level, &check.found), (Level::Warn, &missing));
    let day = engine.summary("2026-11-20".parse().unwrap()).await.unwrap();
    let shares = day.coverage.iter();
    let shares: Vec<_> = shares
        .map(|one| (one.account.as_str(), one.share.as_str()))
        .collect();
    assert_eq!(shares, [(ACCOUNT, "100.0 %"), (OTHER, "92.5 %")]);
}

#[tokio::test]
async fn a_role_that_may_not_be_assumed_is_said_in_one_sentence() {
    let server = CloudWatchServer::start().await.unwrap();
    let role = format!("arn:aws:iam::{OTHER}:role/weir");
    server.refuse_role(&role);
    let metering = connect_with(&server, with_other()).await.metering;
    let (account, region) = (AccountId::new(OTHER), Region::new("eu-west-1"));
    let read = metering.invocations(&account, &region, noon() - HOUR, noon());
    let error = read.await.unwrap_err();
    // It does not get better by trying again at once.
    assert_eq!(error.kind, EffectErrorKind::Denied);
    let us = format!("arn:aws:iam::{ACCOUNT}:user/weir");
    assert_eq!(
        error.to_string(),
        format!(
            "GetMetricData in eu-west-1 of {OTHER}: the role {role} of account {OTHER} was not assumed: AccessDenied: \
             User: {us} is not authorized to perform: sts:AssumeRole on resource: {role}; let the trust policy of the \
             role allow {us}, with the external id of the configuration, and allow {us} sts:AssumeRole on it"
        )
    );
}
