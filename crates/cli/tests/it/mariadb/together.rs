//! Several processes over one database: two servers and a Lambda function, each told of calls that the
//! others are told of, too, and each with a clock of its own.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::Command;
use weir_testkit::runtime_api::{Answer, Invocation, RuntimeApi};

use super::company::{Company, Server, neighbour, skipped, variable, wall};

const CONTROLLER: &str = "bedrock-realtime-usage-controller";
const CALLS: u32 = 60;
/// Calls that one sender sends at once.
const BATCH: u32 = 4;

/// A batch of a queue, whose messages EventBridge sent.
fn batch(events: &[Value]) -> Value {
    let records = events.iter().enumerate().map(|(at, event)| {
        let envelope = json!({ "version": "0", "id": event["eventID"], "detail-type": "AWS API Call via CloudTrail",
            "source": "aws.bedrock", "account": "123456789012", "time": event["eventTime"],
            "region": "eu-west-1", "resources": [], "detail": event });
        json!({ "messageId": format!("m{at}"), "receiptHandle": format!("handle {at}"),
            "body": envelope.to_string(), "attributes": { "ApproximateReceiveCount": "1" },
            "eventSource": "aws:sqs", "awsRegion": "eu-west-1",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:weir" })
    });
    json!({ "Records": records.collect::<Vec<_>>() })
}

/// Hands everything to the function, with a tick after each batch, until nothing comes back.
async fn invoke(company: &Company, events: &[Value]) {
    let api = RuntimeApi::start().await.unwrap();
    let mut function = Command::new(neighbour(CONTROLLER));
    function
        .env_clear()
        .envs(company.environment())
        .env("AWS_LAMBDA_RUNTIME_API", &api.address)
        .env("AWS_LAMBDA_FUNCTION_NAME", "weir-under-test")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("WEIR_CONFIG", company.world.path("weir.toml"))
        .current_dir(company.world.directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true);
    let _function = function.spawn().unwrap();
    for chunk in events.chunks(BATCH as usize) {
        let queue = batch(chunk).to_string();
        while api.invoke(Invocation::of(queue.clone())).await
            != Some(Answer::Response(r#"{"batchItemFailures":[]}"#.to_owned()))
        {}
        let tick = json!({ "action": "tick" }).to_string();
        let Some(Answer::Response(_)) = api.invoke(Invocation::of(tick)).await else {
            panic!("the tick failed");
        };
    }
}

fn send(server: &Server, events: &[Value]) {
    for chunk in events.chunks(BATCH as usize) {
        server.send_until_counted(chunk);
    }
}

fn two_servers_and_a_function(server: &str) {
    let company = Company::of_today(server, CALLS / 2);
    let calls = company.calls(wall(), 0..CALLS);
    let servers = [company.serve(), company.serve()];
    // Every call comes by two ways, and those in the middle by all three, in different orders.
    let (early, late) = (&calls[..48], &calls[12..]);
    let backwards: Vec<Value> = calls.iter().rev().cloned().collect();
    std::thread::scope(|scope| {
        scope.spawn(|| send(&servers[0], early));
        scope.spawn(|| send(&servers[1], late));
        scope.spawn(|| {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(invoke(&company, &backwards));
        });
    });
    company.settles_denied();
    // Whatever they would still do, they do before they end.
    for server in servers {
        server.end();
    }
    company.is_exact(CALLS);
    let (mails, mut once) = (company.mails(), company.mails());
    once.sort();
    once.dedup();
    assert_eq!(
        mails.len(),
        once.len(),
        "nobody died, so nothing came twice: {mails:?}"
    );
}

#[test]
fn two_servers_and_a_function_at_once_do_everything_once() {
    two_servers_and_a_function(&variable("WEIR_TEST_MARIADB_URL"));
}

#[test]
fn two_servers_and_a_function_at_once_do_everything_once_over_real_mysql() {
    if !skipped("WEIR_TEST_MYSQL_SKIPPED") {
        two_servers_and_a_function(&variable("WEIR_TEST_MYSQL_URL"));
    }
}
