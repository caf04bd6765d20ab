//! CloudTrail's event history.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};
use weir_engine::{BackfillReport, BackfillStep, Days, EngineError};
use weir_testkit::records::call;

use super::mill::{Mill, ago, reading, seconds_ago};
use super::stopping::Stopping;
use crate::moto::stage::control;

/// An event every minute, the newest a minute ago, and one of another service.
async fn remember(mill: &Mill, region: &str, events: i64) {
    let mut records: Vec<_> = (1..=events)
        .map(|n| {
            call(&format!("{region}-{n}"))
                .in_region(region)
                .at_time(seconds_ago(60 * n))
                .api_event()
        })
        .collect();
    let mut other = records[0].clone();
    other["eventSource"] = json!("iam.amazonaws.com");
    records.push(other);
    let given: Vec<_> = records
        .into_iter()
        .map(|record| json!({ "account": mill.account.as_str(), "region": region, "record": record }))
        .collect();
    control("POST", "/weir-test/event-history", &json!(given)).await;
}

/// An event of just now.
async fn remember_call(mill: &Mill, region: &str, request: &str) {
    let draft = call(request).in_region(region).at_time(seconds_ago(1));
    let account = mill.account.as_str();
    let event = json!([{ "account": account, "region": region, "record": draft.api_event() }]);
    control("POST", "/weir-test/event-history", &event).await;
}

async fn calls(mill: &Mill) -> Vec<Value> {
    let seen = control("GET", "/weir-test/calls", &json!([])).await;
    let seen: Vec<Value> = serde_json::from_str(&seen).unwrap();
    let ours =
        |call: &Value| call["action"] == "LookupEvents" && call["account"] == mill.account.as_str();
    seen.into_iter().filter(ours).collect()
}

async fn read(mill: &Mill, regions: &[&str]) -> Result<BackfillReport, EngineError> {
    let regions: Vec<_> = regions.iter().map(|&region| region.to_owned()).collect();
    let from = ago(SignedDuration::from_hours(48))
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    let days = Days {
        from: Some(from),
        to: None,
    };
    let options = (&reading(), false);
    mill.engine
        .backfill_history(
            &*mill.sources.history,
            &regions,
            &days,
            options,
            &mill.watch(),
        )
        .await
}

#[tokio::test]
async fn pages_are_asked_for_newest_first_and_no_faster_than_allowed() {
    let mill = Mill::new().await;
    remember(&mill, "eu-west-1", 120).await;
    let begun = mill.engine.wall();
    let report = read(&mill, &[]).await.unwrap();
    assert_eq!(
        (report.parts, report.counted.new, report.counted.ignored),
        (3, 120, 0)
    );
    let took = mill.engine.wall().duration_since(begun);
    assert!(took >= SignedDuration::from_secs(1), "{took}");

    let calls = calls(&mill).await;
    assert_eq!(calls.len(), 3);
    for (n, call) in calls.iter().enumerate() {
        let params = &call["params"];
        let attribute =
            json!([{ "AttributeKey": "EventSource", "AttributeValue": "bedrock.amazonaws.com" }]);
        assert_eq!(params["LookupAttributes"], attribute);
        assert_eq!(params["MaxResults"], 50);
        assert_eq!(
            params["NextToken"].as_str(),
            [None, Some("50"), Some("100")][n]
        );
        // A token is good only for the same question.
        assert_eq!(params["StartTime"], calls[0]["params"]["StartTime"]);
        assert_eq!(params["EndTime"], calls[0]["params"]["EndTime"]);
        assert_eq!(call["region"], "eu-west-1");
    }
    let told = mill.told.lock().unwrap();
    // 49 minutes on the first page; 24 to 48 hours and more to go through at two requests a second.
    let Some(BackfillStep::Takes { requests, seconds }) = told.first() else {
        panic!("it says first how long it will take: {told:?}");
    };
    assert!((48..=92).contains(requests), "{requests}");
    assert_eq!(*seconds, requests.div_ceil(2));
}

#[tokio::test]
async fn stopped_half_way_it_goes_on_with_what_is_older() {
    let mill = Mill::new().await;
    remember(&mill, "eu-west-1", 20).await;
    remember(&mill, "eu-south-2", 70).await;
    let regions = ["eu-west-1", "eu-south-2"];
    // The second page of the second Region is refused.
    let stopping = Stopping(Arc::clone(&mill.sources.history));
    let days = Days {
        from: Some(
            ago(SignedDuration::from_hours(48))
                .to_zoned(jiff::tz::TimeZone::UTC)
                .date(),
        ),
        to: None,
    };
    let named = regions.map(str::to_owned);
    let error = mill
        .engine
        .backfill_history(&stopping, &named, &days, (&reading(), false), &mill.watch())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("eu-south-2"), "{error}");
    assert_eq!(mill.invocations().await, 70);

    // Meanwhile somebody calls, in the Region that was done.
    remember_call(&mill, "eu-west-1", "since").await;
    let report = read(&mill, &regions).await.unwrap();
    assert_eq!(
        report.parts, 3,
        "one page is left of the second Region, and of each there is what came since"
    );
    assert_eq!(report.counted.new, 20 + 1);
    let again = read(&mill, &regions).await.unwrap();
    assert_eq!(again.parts, 3, "it came to its end, so it begins anew");
}
