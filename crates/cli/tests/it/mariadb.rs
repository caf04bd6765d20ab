//! The whole way, as a company runs it: records into MariaDB, a Deny in IAM, a mail from a real server,
//! midnight, and everything back.

use std::io::{Read, Write};
use std::net::TcpStream;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection};

use crate::world::{Ran, World};

#[expect(
    clippy::disallowed_methods,
    reason = "where the servers are, only the environment says"
)]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap()
}

/// What the mail server answers.
fn mail_server(path: &str) -> Value {
    let url = variable("WEIR_TEST_SMTP_URL");
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.0\r\nhost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// An installation: a database, an account, a mailbox, and one developer.
struct Company {
    world: World,
    database: String,
    user: String,
    secret: String,
}

impl Company {
    fn new() -> Self {
        use std::hash::{BuildHasher, Hasher};
        let state = std::collections::hash_map::RandomState::new();
        let id = format!("{:08x}", state.build_hasher().finish() >> 32);
        let server = variable("WEIR_TEST_MARIADB_URL");
        let name = format!("weir_whole_{id}");
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut root = sqlx::MySqlConnection::connect(&server).await.unwrap();
            let make = AssertSqlSafe(format!("CREATE DATABASE {name}"));
            sqlx::raw_sql(make).execute(&mut root).await.unwrap();
        });
        let world = World::new();
        let about = mail_server("/");
        world.write("ca.pem", about["ca"].as_str().unwrap());
        world.write(
            "weir.toml",
            format!(
                "[[quotas]]\nscope = \"defaults\"\nmetric = \"requests\"\nwindow = \"day\"\nlimit = 3\n\
                 [notify]\nlanguage = \"en\"\nfrom = \"Weir <weir@example.com>\"\n\
                 [notify.smtp]\nhost = {}\nport = {}\nuser = {}\nca_file = \"ca.pem\"\n",
                about["host"], about["starttls"], about["user"]
            ),
        );
        Self {
            world,
            database: format!("{}/{name}", server.trim_end_matches('/')),
            user: format!("ana-{id}"),
            secret: about["password"].as_str().unwrap().to_owned(),
        }
    }

    /// Runs the binary at an instant, with everything it does in AWS and the mail it sends.
    fn at(&self, at: &Zoned, args: &[&str]) -> Ran {
        let at = at.timestamp().to_string();
        let all = [&["--as-of", &at, "--effects", "--yes"], args].concat();
        let mut command = self.world.command(&all);
        command
            .env("WEIR_DATABASE_URL", &self.database)
            .env("WEIR_SMTP_PASSWORD", &self.secret)
            .env("AWS_ENDPOINT_URL", variable("WEIR_TEST_AWS_URL"))
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test");
        Ran::of(command.output().unwrap())
    }

    fn address(&self) -> String {
        format!("{}@example.com", self.user)
    }

    /// Calls of the developer a second before.
    fn calls(&self, at: &Zoned, requests: std::ops::Range<u32>) -> String {
        let time = (at.timestamp() - 1.second()).to_string();
        let user = &self.user;
        let event = |nth: u32| {
            json!({
                "eventVersion": "1.11", "eventSource": "bedrock.amazonaws.com", "eventName": "Converse",
                "eventTime": time, "awsRegion": "eu-west-1", "recipientAccountId": "123456789012",
                "requestID": format!("{user}-{nth}"), "eventID": format!("{user}-event-{nth}"),
                "eventType": "AwsApiCall", "managementEvent": true, "readOnly": true,
                "userIdentity": { "type": "IAMUser", "accountId": "123456789012", "userName": user,
                    "arn": format!("arn:aws:iam::123456789012:user/weir/{user}") },
                "requestParameters": { "modelId": "eu.anthropic.claude-opus-5-5" },
                "additionalEventData": { "inputTokens": 10, "outputTokens": 5 },
            })
            .to_string()
        };
        requests.map(event).collect::<Vec<_>>().join("\n")
    }

    fn enforcement(&self, at: &Zoned) -> (String, String) {
        let status = self.at(at, &["status", &self.user, "--json"]).ok().json();
        let word = |key: &str| status[key].as_str().unwrap().to_owned();
        (word("state"), word("enforcement"))
    }

    fn subjects(&self) -> Vec<String> {
        let mails = mail_server(&format!("/mails?to={}", self.address()));
        let subject = |mail: &Value| mail["subject"].as_str().unwrap().to_owned();
        mails.as_array().unwrap().iter().map(subject).collect()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the binary has the clock of the machine"
)]
fn today() -> Zoned {
    Timestamp::now().to_zoned(TimeZone::get("Europe/Madrid").unwrap())
}

#[test]
fn calls_block_the_deny_is_in_iam_a_mail_says_until_when_and_midnight_lifts_it() {
    let company = Company::new();
    // Today, so that no mail is too old to be sent; at noon, so that the day does not end meanwhile.
    let today = today();
    let noon = today
        .date()
        .at(12, 0, 0, 0)
        .to_zoned(today.time_zone().clone());
    let noon = noon.unwrap();
    let midnight = noon.tomorrow().unwrap().start_of_day().unwrap();
    let user = company.user.clone();
    company.at(&noon, &["db", "migrate"]).ok();
    company.at(&noon, &["enforce", "setup"]).ok();
    company.at(&noon, &["enforce", "mode", "iam"]).ok();
    let team = format!("sap-{user}");
    company
        .at(
            &noon,
            &[
                "group",
                "create",
                &team,
                "--profiles",
                "eu.anthropic.claude-opus-5-5",
            ],
        )
        .ok();
    let address = company.address();
    company
        .at(
            &noon,
            &["user", "create", &user, "Ana", &team, "--email", &address],
        )
        .ok();

    company
        .world
        .write("calls.json", company.calls(&noon, 0..4));
    let counted = company.at(&noon, &["ingest", "calls.json", "--json"]).ok();
    assert_eq!(counted.json()["blocked"], json!([user]), "{counted:?}");
    let blocked = ("BLOCKED".to_owned(), "verified".to_owned());
    assert_eq!(company.enforcement(&noon), blocked);
    let until = midnight.strftime("%a %-d %b %Y, 00:00 %Z").to_string();
    let lost = format!("Your access is blocked until {until}");
    assert_eq!(company.subjects().last(), Some(&lost));
    let told = company.subjects().len();

    // The same again is nothing new, and nobody is told twice.
    company.at(&noon, &["ingest", "calls.json"]).ok();
    assert_eq!(company.subjects().len(), told);

    let next = &midnight + 30.seconds();
    company.at(&next, &["reset", "run"]).ok();
    let active = ("ACTIVE".to_owned(), "none".to_owned());
    assert_eq!(company.enforcement(&next), active);
    let back = "You have access to Amazon Bedrock again".to_owned();
    assert_eq!(company.subjects().last(), Some(&back));
    company.at(&next, &["reset", "run"]).ok();
    assert_eq!(company.subjects().len(), told + 1);
    company.at(&next, &["audit", "verify"]).ok();
}
