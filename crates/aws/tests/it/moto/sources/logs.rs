//! Log groups, followed and read back.

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use jiff::{SignedDuration, Timestamp};
use weir_engine::ports::LogGroup;
use weir_engine::{BackfillStep, Days, Follower};
use weir_testkit::records::call;

use super::mill::{Mill, ago, reading};

const STREAM: &str = "aws/bedrock/modelinvocations";

struct Group {
    client: aws_sdk_cloudwatchlogs::Client,
    name: String,
    arn: LogGroup,
}

impl Group {
    async fn of(mill: &Mill) -> Self {
        let client = aws_sdk_cloudwatchlogs::Client::new(&mill.config);
        let name = format!("bedrock-{}", mill.account);
        client
            .create_log_group()
            .log_group_name(&name)
            .send()
            .await
            .unwrap();
        let stream = client
            .create_log_stream()
            .log_group_name(&name)
            .log_stream_name(STREAM);
        stream.send().await.unwrap();
        let arn = format!("arn:aws:logs:eu-west-1:{}:log-group:{name}", mill.account);
        Self {
            client,
            name,
            arn: arn.parse().unwrap(),
        }
    }

    /// Writes the invocation log of a call that happened so long ago.
    async fn write(&self, request: &str, back: SignedDuration) {
        let at = Timestamp::from_second(ago(back).as_second()).unwrap();
        let message = call(request).at_time(at).log_entry().to_string();
        self.write_text(&message, at).await;
    }

    async fn write_text(&self, message: &str, at: Timestamp) {
        let event = InputLogEvent::builder()
            .timestamp(at.as_millisecond())
            .message(message)
            .build()
            .unwrap();
        let put = self
            .client
            .put_log_events()
            .log_group_name(&self.name)
            .log_stream_name(STREAM);
        put.log_events(event).send().await.unwrap();
    }
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

#[tokio::test]
async fn a_group_is_followed_and_late_events_are_found() {
    let mill = Mill::new().await;
    let group = Group::of(&mill).await;
    group.write("r1", minutes(20)).await;
    group.write("r2", minutes(2)).await;
    group.write_text("a secret", ago(minutes(1))).await;
    let groups = &*mill.sources.log_groups;
    let mut follower = Follower::new(group.arn.clone());
    let first = follower
        .step(&mill.engine, groups, &reading())
        .await
        .unwrap();
    assert_eq!((first.new, first.dead_letters), (2, 1));
    let letters = mill.dead_letters().await;
    assert!(
        letters[0].contains(&group.name) && !letters[0].contains("secret"),
        "{letters:?}"
    );

    // Visible only now, though it happened before what was read already.
    group.write("r3", minutes(5)).await;
    let second = follower
        .step(&mill.engine, groups, &reading())
        .await
        .unwrap();
    assert_eq!(
        (second.new, second.duplicates, second.dead_letters),
        (1, 0, 0)
    );

    // Another process goes on from the cursor, and meets the overlap again.
    group.write("r4", minutes(0)).await;
    let mut other = Follower::new(group.arn.clone());
    // The newest event may be of this very millisecond, which is not over yet.
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let third = other.step(&mill.engine, groups, &reading()).await.unwrap();
    assert_eq!((third.new, third.duplicates), (1, 2), "{third:?}");
    assert_eq!(mill.invocations().await, 4);
}

#[tokio::test]
async fn without_the_database_the_cursor_stays() {
    let mill = Mill::broken().await;
    let group = Group::of(&mill).await;
    group.write("r1", minutes(1)).await;
    let mut follower = Follower::new(group.arn.clone());
    let groups = &*mill.sources.log_groups;
    follower
        .step(&mill.engine, groups, &reading())
        .await
        .unwrap_err();
    mill.store.migrate().await.unwrap();
    mill.store.set_zone("Europe/Madrid").await.unwrap();
    let report = follower
        .step(&mill.engine, groups, &reading())
        .await
        .unwrap();
    assert_eq!(report.new, 1);
}

#[tokio::test]
async fn days_are_read_back_hour_by_hour_by_name_too() {
    let mill = Mill::new().await;
    let group = Group::of(&mill).await;
    group.write("old", SignedDuration::from_hours(5 * 24)).await;
    group.write("r1", SignedDuration::from_hours(30)).await;
    group.write("r2", minutes(90)).await;
    let from = ago(SignedDuration::from_hours(48))
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    let days = Days {
        from: Some(from),
        to: None,
    };
    let by_name: LogGroup = group.name.parse().unwrap();
    let report = mill
        .engine
        .backfill_logs(
            &*mill.sources.log_groups,
            &by_name,
            &days,
            (&reading(), false),
            &mill.watch(),
        )
        .await
        .unwrap();
    assert_eq!(report.counted.new, 2);
    let told = mill.told.lock().unwrap();
    assert!(
        told.len() >= 48,
        "one window after the other: {}",
        told.len()
    );
    assert!(
        told.iter()
            .all(|step| matches!(step, BackfillStep::Done { .. }))
    );
}

#[tokio::test]
async fn a_group_that_is_not_there_is_named() {
    let mill = Mill::new().await;
    let arn = format!("arn:aws:logs:eu-west-1:{}:log-group:none", mill.account);
    let mut follower = Follower::new(arn.parse().unwrap());
    let error = follower
        .step(&mill.engine, &*mill.sources.log_groups, &reading())
        .await;
    let words = error.unwrap_err().to_string();
    assert!(
        words.contains(&arn) && words.contains("ResourceNotFound"),
        "{words}"
    );
}
