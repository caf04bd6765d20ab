//! Sources in another account, which are read by the role there: for the past by a flag, live by what the
//! configuration says, or by the account in the URL or ARN.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{Account, an_hour_ago, another_account, refusing_account, role_in, tell, url};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// An account where nothing is Weir's but the role; what is in it, nobody reads by other credentials.
struct Elsewhere {
    id: String,
    key: String,
}

impl Elsewhere {
    fn new() -> Self {
        let id = another_account();
        let role = format!("arn:aws:iam::{id}:role/weir");
        let body =
            format!("Action=AssumeRole&Version=2011-06-15&RoleArn={role}&RoleSessionName=test");
        let form = "content-type: application/x-www-form-urlencoded\r\n";
        let answer = request("POST /", "test", "sts", form, body.as_bytes());
        let (_, key) = answer.split_once("<AccessKeyId>").unwrap();
        let (key, _) = key.split_once('<').unwrap();
        let key = key.to_owned();
        Self { id, key }
    }

    fn json(&self, service: &str, target: &str, body: &Value) -> String {
        let headers =
            format!("content-type: application/x-amz-json-1.1\r\nx-amz-target: {target}\r\n");
        let body = body.to_string();
        request("POST /", &self.key, service, &headers, body.as_bytes())
    }

    fn queue(&self, messages: &[Value]) -> String {
        let made = json!({ "QueueName": format!("weir-{}", self.id) });
        let made = self.json("sqs", "AmazonSQS.CreateQueue", &made);
        let (_, made) = made.split_once("\r\n\r\n").unwrap();
        let made: Value = serde_json::from_str(made).unwrap();
        let queue = made["QueueUrl"].as_str().unwrap().to_owned();
        for message in messages {
            let body = json!({ "QueueUrl": queue, "MessageBody": message.to_string() });
            self.json("sqs", "AmazonSQS.SendMessage", &body);
        }
        queue
    }

    /// The ARN of a log group with these messages.
    fn log_group(&self, messages: &[Value]) -> String {
        let (group, stream) = ("bedrock", "a");
        let call = |target: &str, body: Value| {
            self.json("logs", &format!("Logs_20140328.{target}"), &body);
        };
        call("CreateLogGroup", json!({ "logGroupName": group }));
        let named = json!({ "logGroupName": group, "logStreamName": stream });
        call("CreateLogStream", named);
        // A server that never read it begins an hour ago.
        let at: jiff::Timestamp = an_hour_ago().parse().unwrap();
        let at = at.as_millisecond() + 30 * 60_000;
        let events = messages.iter();
        let events: Vec<_> = events
            .map(|message| json!({ "timestamp": at, "message": message.to_string() }))
            .collect();
        call(
            "PutLogEvents",
            json!({ "logGroupName": group, "logStreamName": stream, "logEvents": events }),
        );
        format!("arn:aws:logs:eu-west-1:{}:log-group:{group}", self.id)
    }

    /// The name of a bucket with this in an object.
    fn bucket(&self, record: &Value) -> String {
        let bucket = format!("weir-{}", self.id);
        let region = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>\
                      </CreateBucketConfiguration>";
        let put = |path: &str, body: &[u8]| {
            request(&format!("PUT /{path}"), &self.key, "s3", "", body);
        };
        put(&bucket, region.as_bytes());
        let file = json!({ "Records": [record] }).to_string();
        put(&format!("{bucket}/AWSLogs/a.json"), file.as_bytes());
        bucket
    }

    /// A call of an hour ago, as CloudTrail records it.
    fn call(&self, name: &str) -> Value {
        let event = crate::world::bytes("ct_invokemodel_iamuser.json");
        let event = String::from_utf8(event).unwrap();
        let event: Value = serde_json::from_str(&event.replace("111122223333", &self.id)).unwrap();
        let mut record = event["detail"].clone();
        record["eventTime"] = an_hour_ago().into();
        record["requestID"] = format!("{}-{name}", self.id).into();
        record["eventID"] = format!("{}-event-{name}", self.id).into();
        record
    }

    fn role(&self) -> String {
        role_in(&self.id)
    }
}

/// Signed by nobody: of a signature this server reads the key alone. The answer, which is good.
fn request(line: &str, key: &str, service: &str, headers: &str, body: &[u8]) -> String {
    let address = url();
    let address = address.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "{line} HTTP/1.1\r\nhost: {address}\r\n{headers}authorization: AWS4-HMAC-SHA256 \
         Credential={key}/20261120/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
    answer
}

#[expect(
    clippy::disallowed_methods,
    reason = "the binary has the clock of the machine"
)]
fn yesterday() -> String {
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24);
    at.strftime("%Y-%m-%d").to_string()
}

const HOME: &str = "[aws]\nhome_account = \"123456789012\"\n";

#[test]
fn what_is_in_another_account_is_read_back_by_the_role_there() {
    let account = Account::new();
    let other = Elsewhere::new();
    account
        .world
        .write("weir.toml", format!("{HOME}{}", other.role()));
    let from = yesterday();
    let ingest = |from: &[&str], ends: i32, says: &[&str]| {
        let ran = account.weir(&[&["ingest"], from, &["--no-lookups"]].concat());
        let ran = ran.ends(ends).says(says);
        ran.out
    };

    let group = other.log_group(&[other.call("log")]);
    let logs = ["logs", "bedrock", "--from", &from];
    let out = ingest(&[&logs[..], &["--account", &other.id]].concat(), 0, &[]);
    assert!(out.contains(": 1 new,"), "{out}");
    // An ARN says whose it is; our own credentials are asked for only by name.
    let by_arn = ["logs", &group, "--from", &from];
    let out = ingest(&by_arn, 0, &[]);
    assert!(out.contains("1 duplicate"), "{out}");
    let own = [&by_arn[..], &["--account", "home"]].concat();
    ingest(&own, 1, &["ResourceNotFound"]);
    ingest(&logs, 1, &["ResourceNotFound"]);

    let bucket = other.bucket(&other.call("object"));
    let place = format!("s3://{bucket}/AWSLogs/");
    ingest(&[&place], 1, &["AccessDenied"]);
    let out = ingest(&[&place, "--account", &other.id], 0, &[]);
    assert!(out.contains(": 1 new,"), "{out}");

    let record = other.call("history");
    let history = json!([{ "account": other.id, "region": "eu-west-1", "record": record }]);
    tell("/weir-test/event-history", &history.to_string());
    let trail = ["cloudtrail", "--from", &from];
    let out = ingest(&[&trail[..], &["--account", &other.id]].concat(), 0, &[]);
    assert!(out.contains(": 1 new,"), "{out}");
}

#[test]
fn an_account_that_is_not_reached_says_what_to_do() {
    let account = Account::new();
    let refused = refusing_account();
    let config = format!("{HOME}{}", role_in(&refused));
    account.world.write("weir.toml", config);
    let from = yesterday();
    let ingest = ["ingest", "cloudtrail", "--from", &from, "--account"];
    account
        .weir(&[&ingest[..], &[&refused]].concat())
        .ends(1)
        .says(&["--account", &refused, "let the trust policy of"]);
    account
        .weir(&[&ingest[..], &["111122223333"]].concat())
        .ends(1)
        .says(&["enforcement.accounts.111122223333.role_arn"]);
    account
        .weir(&[&ingest[..], &["sandbox"]].concat())
        .ends(2)
        .says(&["--account", "twelve digits"]);
    let doctor = account.weir(&["--json", "doctor"]).ends(1).json();
    let checks = doctor.as_array().unwrap();
    let check = checks.iter().find(|one| one["name"] == "other accounts");
    let check = check.unwrap();
    assert_eq!(check["level"], "fail", "{check}");
    let found = check["found"].as_str().unwrap();
    assert!(found.contains(&refused) && found.contains("let the trust policy of"));
    account
        .weir(&["ingest", "calls.json", "--account", &refused])
        .ends(2)
        .says(&["--account", "a file is read whole"]);
}

#[test]
fn a_server_reads_queue_objects_and_log_group_of_another_account_by_the_role_there() {
    let account = Account::new();
    let other = Elsewhere::new();
    let bucket = other.bucket(&other.call("object"));
    let queue = other.queue(&[json!({ "s3Bucket": bucket, "s3ObjectKey": ["AWSLogs/a.json"] })]);
    let group = other.log_group(&[other.call("log")]);
    let config = format!(
        "{HOME}[intake]\nqueues = [\"{queue}\"]\nlog_groups = [\"{group}\"]\n{}",
        other.role()
    );
    account.world.write("weir.toml", config);
    let mut child = account
        .command(&["serve", "--listen", "127.0.0.1:0"])
        .env("WEIR_SERVER_TOKEN", TOKEN)
        .env("WEIR_LOG", "warn")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut said = said.map(Result::unwrap);
    let role = format!("by the role in {}", other.id);
    let announced = said.find(|line| line.starts_with("reads the queue"));
    assert_eq!(
        announced.unwrap(),
        format!("reads the queue {queue} {role}")
    );
    let announced = said.find(|line| line.starts_with("follows the log group"));
    assert_eq!(
        announced.unwrap(),
        format!("follows the log group {group} {role}")
    );

    for name in ["object", "log"] {
        let id = format!("{}-{name}", other.id);
        // Each asks a new process, which takes its time.
        let is_counted = (0..400).any(|_| account.weir(&["invocation", &id]).code == 0);
        assert!(is_counted, "{id} is not counted");
    }
    let killed = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_last_hours_of_every_account_are_read_and_one_that_cannot_be_stops_nobody() {
    let account = Account::new();
    let (other, refused) = (another_account(), refusing_account());
    let config = format!("{HOME}{}{}", role_in(&other), role_in(&refused));
    account.world.write("weir.toml", config);
    // Two calls of an hour ago, in the other account.
    let event = crate::world::bytes("ct_invokemodel_iamuser.json");
    let event = String::from_utf8(event).unwrap();
    let at = an_hour_ago();
    let records: Vec<_> = (1..=2)
        .map(|n| {
            let envelope: Value =
                serde_json::from_str(&event.replace("111122223333", &other)).unwrap();
            let mut event = envelope["detail"].clone();
            event["eventTime"] = at.clone().into();
            event["requestID"] = format!("{other}-{n}").into();
            event["eventID"] = format!("{other}-event-{n}").into();
            json!({ "account": other, "region": "eu-west-1", "record": event })
        })
        .collect();
    tell(
        "/weir-test/event-history",
        &Value::from(records).to_string(),
    );

    let ingest = ["ingest", "aws", "--region", "eu-west-1", "--no-lookups"];
    let dry = account.weir(&[&ingest[..], &["--dry-run"]].concat());
    let dry = dry.ends(1).says(&[
        &format!("{refused} is not read"),
        "let the trust policy of",
        "the same command goes on",
    ]);
    for known in ["123456789012  eu-west-1", &format!("{other}  eu-west-1")] {
        assert!(dry.out.contains(known), "{dry:?}");
    }
    let done = account.weir(&[&["--json"], &ingest[..]].concat()).ends(1);
    let done = done.json();
    assert_eq!(done["unread"][0]["account"], refused);
    let read = done["read"].as_array().unwrap();
    let of = |id: &str| {
        let found = read.iter().find(|one| one["account"] == id);
        found.unwrap_or_else(|| panic!("{id}: {done}"))
    };
    assert_eq!(of(&other)["new"], 2, "{done}");
    assert_eq!(of("123456789012")["region"], "eu-west-1");
    // One account by name, which is all there is to read again.
    let named = [&ingest[..], &["--account", &other]].concat();
    let again = account.weir(&named).ok();
    assert!(again.out.contains("2 duplicates"), "{again:?}");
    let nobody = [&ingest[..], &["--account", "111122223333"]].concat();
    account
        .weir(&nobody)
        .ends(1)
        .says(&["enforcement.accounts.111122223333.role_arn"]);
}
