//! `weir ingest s3://bucket/prefix`.

use std::io::BufRead;

use async_trait::async_trait;
use jiff::SignedDuration;
use serde_json::{Value, json};
use weir_core::ids::UserId;
use weir_engine::ports::{EffectError, EffectErrorKind, Listing, ObjectKey, Objects};
use weir_engine::{BackfillReport, BackfillStep, Days, EngineError, ObjectPlace, Skipped};
use weir_testkit::records::call;

use super::mill::{Mill, ago, gzip, reading, seconds_ago, zipped};

fn logs(from: u32, to: u32) -> Vec<Value> {
    let logs = (from..to).map(|n| call(&format!("r{n}")).at_time(seconds_ago(60)).log_entry());
    logs.collect()
}

fn hour() -> String {
    let hour = ago(SignedDuration::ZERO)
        .strftime("%Y/%m/%d/%H")
        .to_string();
    format!("AWSLogs/111122223333/BedrockModelInvocationLogs/eu-west-1/{hour}")
}

async fn read(
    mill: &Mill,
    objects: &dyn Objects,
    place: &str,
    days: Days,
) -> Result<BackfillReport, EngineError> {
    let place: ObjectPlace = place.parse().unwrap();
    mill.engine
        .backfill_objects(objects, &place, &days, (&reading(), false), &mill.watch())
        .await
}

#[tokio::test]
async fn a_prefix_is_read_as_a_stream_and_told_what_was_skipped() {
    let mill = Mill::new().await;
    let bucket = mill.bucket().await;
    let hour = hour();
    let trail = json!({ "Records": [call("r1").at_time(seconds_ago(60)).api_event(),
                                    call("r9").at_time(seconds_ago(60)).api_event()] });
    let trail = gzip(trail.to_string().as_bytes());
    let prompts = gzip(br#"{"messages":["secret"]}"#);
    for (key, body) in [
        (format!("{hour}/a.json.gz"), zipped(&logs(0, 3))),
        (format!("{hour}/b c+ü.json.gz"), zipped(&logs(3, 4))),
        (format!("{hour}/data/r0_input.json.gz"), prompts),
        (
            format!("{hour}/amazon-bedrock-logs-permission-check"),
            vec![],
        ),
        (
            "AWSLogs/111122223333/CloudTrail/eu-west-1/x.json.gz".to_owned(),
            trail,
        ),
        (
            "AWSLogs/1/CloudTrail-Digest/eu-west-1/x.json.gz".to_owned(),
            gzip(b"{}"),
        ),
        (
            "AWSLogs/1/CloudTrail/eu-west-1/2020/01/02/x.json.gz".to_owned(),
            zipped(&logs(90, 99)),
        ),
        ("elsewhere/x.json.gz".to_owned(), zipped(&logs(80, 90))),
    ] {
        mill.put(&bucket, &key, body).await;
    }
    let place = format!("s3://{bucket}/AWSLogs/");
    let days = Days {
        from: "2026-01-01".parse().ok(),
        to: None,
    };
    let report = read(&mill, &*mill.sources.objects, &place, days)
        .await
        .unwrap();
    assert_eq!(report.parts, 3);
    assert_eq!(report.counted.records, 6);
    assert_eq!((report.counted.new, report.counted.completed), (5, 1));
    let skipped: Vec<_> = report.skipped.into_iter().collect();
    let want = [
        Skipped::Body,
        Skipped::PermissionCheck,
        Skipped::NoRecords,
        Skipped::OtherDays,
    ];
    assert_eq!(skipped, want.map(|why| (why, 1)));

    let again = read(&mill, &*mill.sources.objects, &place, days)
        .await
        .unwrap();
    assert_eq!((again.counted.new, again.counted.duplicates), (0, 6));
    assert_eq!(mill.invocations().await, 5);
}

/// Refuses one key.
struct Without<'a>(&'a dyn Objects, &'a str);

#[async_trait]
impl Objects for Without<'_> {
    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Listing, EffectError> {
        self.0.list(bucket, prefix, after).await
    }

    async fn open(&self, object: &ObjectKey) -> Result<Box<dyn BufRead + Send>, EffectError> {
        if object.key.contains(self.1) {
            let what = format!("GetObject {object}");
            return Err(EffectError::new(
                EffectErrorKind::Denied,
                what,
                "AccessDenied",
            ));
        }
        self.0.open(object).await
    }
}

/// Objects of which some were written long ago.
struct Aged<'a>(&'a dyn Objects, [&'a str; 2]);

#[async_trait]
impl Objects for Aged<'_> {
    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Listing, EffectError> {
        let mut listing = self.0.list(bucket, prefix, after).await?;
        for object in &mut listing.objects {
            if self.1.iter().any(|end| object.key.ends_with(end)) {
                object.modified -= SignedDuration::from_hours(1);
            }
        }
        Ok(listing)
    }

    async fn open(&self, object: &ObjectKey) -> Result<Box<dyn BufRead + Send>, EffectError> {
        self.0.open(object).await
    }
}

#[tokio::test]
async fn stopped_half_way_it_goes_on_where_it_was() {
    let mill = Mill::new().await;
    let (bucket, hour) = (mill.bucket().await, hour());
    for n in 0..4 {
        mill.put(&bucket, &format!("{hour}/{n}.gz"), zipped(&logs(n, n + 1)))
            .await;
    }
    let place = format!("s3://{bucket}/AWSLogs/");
    let refusing = Without(&*mill.sources.objects, "/2.gz");
    let error = read(&mill, &refusing, &place, Days::default())
        .await
        .unwrap_err();
    let words = error.to_string();
    assert!(
        words.contains(&format!("s3://{bucket}/{hour}/2.gz")),
        "{words}"
    );
    assert!(words.contains("AccessDenied"), "{words}");
    assert_eq!(mill.invocations().await, 2, "what was read is counted");

    // Meanwhile one is written under a key that was passed: another Region's, as it may be.
    mill.put(
        &bucket,
        &format!("{hour}/1-later.gz").replace("eu-west-1", "eu-south-2"),
        zipped(&logs(7, 8)),
    )
    .await;
    let aged = Aged(&*mill.sources.objects, ["/0.gz", "/1.gz"]);
    let report = read(&mill, &aged, &place, Days::default()).await.unwrap();
    assert_eq!(
        (report.parts, report.counted.new),
        (3, 3),
        "the other two, and what was written since"
    );
    let from = format!("{hour}/1.gz");
    assert!(
        mill.told
            .lock()
            .unwrap()
            .contains(&BackfillStep::GoesOn { from })
    );
    let report = read(&mill, &*mill.sources.objects, &place, Days::default())
        .await
        .unwrap();
    assert_eq!(report.parts, 5, "it came to its end, so it begins anew");
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let mill = Mill::new().await;
    let bucket = mill.bucket().await;
    let objects = &*mill.sources.objects;
    let error = read(
        &mill,
        objects,
        &format!("s3://{bucket}/nothing/"),
        Days::default(),
    )
    .await;
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains(&format!("s3://{bucket}/nothing/"))
    );
    let error = read(
        &mill,
        objects,
        "s3://weir-no-such-bucket/x",
        Days::default(),
    )
    .await;
    let words = error.unwrap_err().to_string();
    assert!(words.contains("s3://weir-no-such-bucket/x"), "{words}");
    assert!(words.contains("NoSuchBucket"), "{words}");
}

#[tokio::test]
async fn history_never_blocks_today() {
    let mill = Mill::new().await;
    mill.requests_per_day("ana", 3).await;
    let bucket = mill.bucket().await;
    let calls = |name: &str, at| -> Vec<Value> {
        let calls = (0..10).map(|n| call(&format!("{name}-{n}")).by("ana").at_time(at));
        calls.map(|draft| draft.log_entry()).collect()
    };
    // Two days back is another local day whatever the hour.
    let history = calls("old", ago(SignedDuration::from_hours(48)));
    mill.put(&bucket, "AWSLogs/old.gz", zipped(&history)).await;
    let place = format!("s3://{bucket}/AWSLogs/");
    let objects = &*mill.sources.objects;
    let report = read(&mill, objects, &place, Days::default()).await.unwrap();
    assert_eq!(report.counted.new, 10);
    assert!(report.counted.blocked.is_empty(), "{report:?}");

    let today = calls("new", seconds_ago(0));
    mill.put(&bucket, "AWSLogs/new.gz", zipped(&today)).await;
    let report = read(&mill, objects, &place, Days::default()).await.unwrap();
    let blocked: Vec<_> = report.counted.blocked.iter().collect();
    assert_eq!(blocked, [&UserId::new("ana")], "what is of today does");
}
