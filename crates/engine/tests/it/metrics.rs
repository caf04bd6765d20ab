//! Figures: from the ledger to what others read.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use weir_core::access::TargetState;
use weir_core::counter::Sums;
use weir_core::coverage::Coverage;
use weir_engine::CoverageView;
use weir_engine::metrics::{Exposure, Fact, NAMESPACES, OTHER, Readings, SPECS, Usage, emf, facts};
use weir_engine::ports::{EffectError, EffectErrorKind, Figures};
use weir_store::{Duty, Pulse, UsageRow};
use weir_testkit::records::call;

use crate::world::{Like, NOON, World, time};

fn row(name: &str, requests: i64, cost_nanos: i64) -> UsageRow {
    UsageRow {
        key: name.to_owned(),
        sums: sums(requests, cost_nanos),
    }
}

fn sums(requests: i64, cost_nanos: i64) -> Sums {
    Sums {
        requests,
        cost_nanos,
        ..Sums::default()
    }
}

/// The figures of that name: labels and decimal.
fn of(facts: &[Fact], name: &str) -> Vec<(String, String)> {
    let found = facts.iter().filter(|fact| fact.spec.name == name);
    found
        .map(|fact| (fact.labels.join(" "), fact.decimal()))
        .collect()
}

fn one(facts: &[Fact], name: &str) -> String {
    let found = of(facts, name);
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    found[0].1.clone()
}

fn pair(name: &str, amount: &str) -> (String, String) {
    (name.to_owned(), amount.to_owned())
}

#[test]
fn the_dearest_are_named_and_the_rest_is_one() {
    let read = Readings {
        users: Usage {
            today: vec![
                row("ana", 3, 2_500_000_000),
                row("ben", 5, 1_000_000_000),
                row("eva", 7, 30),
                row("zoe", 1, 0),
            ],
            month: [("ana".to_owned(), sums(30, 9_000_000_000))].into(),
        },
        everybody: (sums(16, 3_500_000_030), sums(100, 10_000_000_000)),
        ..Readings::default()
    };
    let facts = facts(&read, 2);
    assert_eq!(
        of(&facts, "user_requests_today"),
        [pair("ana", "3"), pair("ben", "5"), pair(OTHER, "8")]
    );
    assert_eq!(
        of(&facts, "user_cost_today_usd"),
        [
            pair("ana", "2.5"),
            pair("ben", "1"),
            pair(OTHER, "0.00000003")
        ]
    );
    // Whoever does not call today is in the rest of the month.
    assert_eq!(
        of(&facts, "user_requests_month"),
        [pair("ana", "30"), pair("ben", "0"), pair(OTHER, "70")]
    );
    assert_eq!(one(&facts, "cost_month_usd"), "10");
    assert!(of(&facts, "team_requests_today").is_empty());
}

#[test]
fn how_the_work_goes_is_told_in_ages_and_counts() {
    let now = time(NOON);
    let ago = |seconds| now - SignedDuration::from_secs(seconds);
    let read = Readings {
        now,
        targets: vec![
            TargetState::Requested,
            TargetState::Applied,
            TargetState::Failed,
            TargetState::Verified,
        ],
        pulse: Pulse {
            arrivals: vec![(ago(100), ago(40)), (ago(900), ago(50)), (ago(90), ago(60))],
            outbox_due: 2,
            outbox_oldest: Some(ago(75)),
            outbox_failing: 1,
            ..Pulse::default()
        },
        coverage: CoverageView {
            places: vec![Coverage {
                account: "111122223333".into(),
                region: "eu-west-1".into(),
                counted: 975,
                reported: 1_000,
            }],
            ..CoverageView::default()
        },
        ..Readings::default()
    };
    let facts = facts(&read, 20);
    for (name, amount) in [
        ("targets_unverified", "2"),
        ("targets_failing", "1"),
        ("effects_failing", "2"),
        ("outbox_oldest_seconds", "75"),
        ("intake_quiet_seconds", "40"),
        ("intake_lag_seconds", "60"),
        ("intake_silent", "0"),
        ("coverage_percent", "97.5"),
    ] {
        assert_eq!(one(&facts, name), amount, "{name}");
    }
}

#[test]
fn a_line_is_in_the_embedded_metric_format() {
    let read = Readings {
        users: Usage {
            today: vec![row("josé", 3, 1_250_000_000)],
            ..Usage::default()
        },
        ..Readings::default()
    };
    let lines = emf::lines(&facts(&read, 20), time(NOON));
    let lines: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let user = lines
        .iter()
        .find(|line| line["User"] == "jos%C3%A9")
        .unwrap();
    assert_eq!(
        user,
        &json!({
            "_aws": {
                "Timestamp": 1_795_172_400_000_i64,
                "CloudWatchMetrics": [{
                    "Namespace": "UserMetrics/BedrockUsage",
                    "Dimensions": [["User"]],
                    "Metrics": [
                        { "Name": "RequestsToday", "Unit": "Count" },
                        { "Name": "TokensToday", "Unit": "Count" },
                        { "Name": "CostToday", "Unit": "None" },
                        { "Name": "RequestsMonth", "Unit": "Count" },
                        { "Name": "CostMonth", "Unit": "None" },
                    ],
                }],
            },
            "User": "jos%C3%A9",
            "RequestsToday": 3.0,
            "TokensToday": 0.0,
            "CostToday": 1.25,
            "RequestsMonth": 0.0,
            "CostMonth": 0.0,
        })
    );
    for line in &lines {
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        let metrics = directive["Metrics"].as_array().unwrap();
        assert!(metrics.len() <= 100);
        for metric in metrics {
            assert!(line[metric["Name"].as_str().unwrap()].is_f64(), "{line}");
        }
        for dimension in directive["Dimensions"][0].as_array().unwrap() {
            assert!(line[dimension.as_str().unwrap()].is_string(), "{line}");
        }
    }
}

#[test]
fn the_documents_list_every_figure_and_no_other() {
    let documents = include_str!("../../../../docs/metrics.md");
    let list = documents.split("\n## Figures\n").nth(1).unwrap();
    let list = list.split("\n## ").next().unwrap();
    let rows: Vec<_> = list
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let expected: Vec<_> = SPECS
        .iter()
        .map(|spec| {
            let labels = match spec.labels {
                [] => "-".to_owned(),
                labels => labels.join(", "),
            };
            let exposure = match spec.exposure {
                Exposure::Open => "open",
                Exposure::Token => "with the token",
            };
            format!(
                "| `weir_{}` | `{}` | `{}` | {} | {labels} | {exposure} | {} | {} |",
                spec.name,
                spec.namespace,
                spec.metric,
                spec.unit.as_str(),
                spec.source,
                spec.help
            )
        })
        .collect();
    assert_eq!(rows, expected);
    let namespaces = SPECS
        .iter()
        .all(|spec| NAMESPACES.contains(&spec.namespace));
    assert!(
        namespaces,
        "a right to put figures is limited to the namespaces"
    );
    // What names a user is for nobody without the token.
    for spec in SPECS.iter().filter(|spec| spec.labels.contains(&"User")) {
        assert_eq!(spec.exposure, Exposure::Token, "{}", spec.name);
    }
}

/// Takes figures, or refuses them.
#[derive(Default)]
struct Taken {
    facts: Mutex<Vec<Vec<Fact>>>,
    refuses: bool,
}

#[async_trait]
impl Figures for Taken {
    async fn put(&self, facts: &[Fact], _at: Timestamp) -> Result<(), EffectError> {
        if self.refuses {
            let kind = EffectErrorKind::Denied;
            return Err(EffectError::new(kind, "PutMetricData", "AccessDenied"));
        }
        self.facts.lock().unwrap().push(facts.to_vec());
        Ok(())
    }
}

#[tokio::test]
async fn figures_are_put_once_a_minute_whoever_asks() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world
        .ingest(&[call("r1").by("ana").tokens(1_000, 100).api_event()])
        .await;
    let (into, other) = (Taken::default(), world.engine(&Like::default()));
    assert!(world.engine.put_figures(&into, 20).await.unwrap());
    assert!(!other.put_figures(&into, 20).await.unwrap());
    world.clock.advance(SignedDuration::from_secs(60));
    assert!(other.put_figures(&into, 20).await.unwrap());
    assert!(!world.engine.put_figures(&into, 20).await.unwrap());
    let taken = into.facts.lock().unwrap().clone();
    assert_eq!(taken.len(), 2);
    assert_eq!(of(&taken[1], "team_requests_today"), [pair("sap", "1")]);
    assert_eq!(of(&taken[1], "user_requests_month")[0], pair("ana", "1"));
    assert_eq!(one(&taken[1], "requests_today"), "1");

    // Whoever is refused says so, and tries again a minute later.
    world.clock.advance(SignedDuration::from_secs(60));
    let refusing = Taken {
        refuses: true,
        ..Taken::default()
    };
    let refusing = Arc::new(refusing);
    assert!(!other.put_figures(&*refusing, 20).await.unwrap());
    let duty = world.store.duty(Duty::Metrics).await.unwrap();
    assert!(duty.problems[0].contains("AccessDenied"), "{duty:?}");
}
