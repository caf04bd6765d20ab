//! CloudWatch, in the SDK's own protocol.

use std::sync::Arc;

use aws_config::{BehaviorVersion, Region as SdkRegion};
use aws_sdk_sts::config::Credentials;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use weir_aws::{AwsSettings, Connection, EmfLines};
use weir_core::ids::{AccountId, Region};
use weir_core::rulebook::Settings;
use weir_engine::clock::FakeClock;
use weir_engine::metrics::{Fact, SPECS};
use weir_engine::ports::{EffectErrorKind, Figures};
use weir_engine::{Engine, Input, Options, Parts};
use weir_testkit::cloudwatch::{ACCOUNT, CloudWatchServer};
use weir_testkit::fakes::memory_store;
use weir_testkit::records::call;
use weir_testkit::wire::lines;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

async fn connect(server: &CloudWatchServer) -> Connection {
    let credentials = Credentials::new("AKIATEST", "secret", None, None, "test");
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(SdkRegion::from_static("eu-west-1"))
        .endpoint_url(&server.url)
        .credentials_provider(credentials)
        .load()
        .await;
    Connection::over(config, AwsSettings::default())
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

/// The whole way: records in, CloudWatch read over the wire, and what is thought of both.
#[tokio::test]
async fn the_engine_compares_what_it_counted_with_what_cloudwatch_says() {
    let server = CloudWatchServer::start().await.unwrap();
    let connection = connect(&server).await;
    server.sum("eu-west-1", noon() - HOUR * 2, 40.0);
    let clock = Arc::new(FakeClock::at(noon()));
    let engine = Engine::new(Parts {
        store: memory_store().await,
        settings: Arc::new(Settings::default()),
        clock: Arc::clone(&clock) as Arc<_>,
        access: None,
        directory: None,
        post: None,
        options: Options::default(),
    })
    .with_metering(Some(connection.metering));
    let made = noon() - HOUR * 2;
    let events: Vec<_> = (0..30)
        .map(|n| call(&format!("r{n}")).by("ana").at_time(made).api_event())
        .collect();
    let input = Input {
        source: "test".to_owned(),
        reader: Box::new(std::io::Cursor::new(lines(&events))),
        options: weir_core::intake::Options::default(),
    };
    engine.ingest(vec![input], &|_| {}).await.unwrap();
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
