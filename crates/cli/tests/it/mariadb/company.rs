//! An installation: a database, an account, a mailbox, and one developer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use jiff::{Timestamp, ToSpan, Zoned};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection};

use crate::world::{Ran, World};

/// What senders of events say to a server.
const TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// Longer than anything here takes, also the lease of work whose owner is gone: what takes it does not
/// come at all.
const PATIENCE: Duration = Duration::from_mins(7);
const OPUS: &str = "eu.anthropic.claude-opus-5-5";
const PAUSE: Duration = Duration::from_millis(100);

#[expect(
    clippy::disallowed_methods,
    reason = "where the servers are, only the environment says"
)]
pub(super) fn variable(name: &str) -> String {
    std::env::var(name).unwrap()
}

/// Whether `scripts/services.sh` said, loudly, that a server cannot be had here.
#[expect(
    clippy::disallowed_methods,
    reason = "where the servers are, only the environment says"
)]
pub(super) fn skipped(name: &str) -> bool {
    std::env::var(name).is_ok_and(|skipped| skipped == "1")
}

#[expect(
    clippy::disallowed_methods,
    reason = "the binaries have the clock of the machine"
)]
pub(super) fn wall() -> Timestamp {
    Timestamp::now()
}

/// Asks until the answer is there.
#[expect(
    clippy::disallowed_methods,
    reason = "another process is waited for, which wakes nobody here"
)]
#[track_caller]
pub(super) fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(PAUSE);
    }
}

/// One request over HTTP, and its status and body.
fn ask(address: &str, head: &str, body: &str) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    let length = body.len();
    write!(
        stream,
        "{head}host: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let cut = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    let (_, body) = answer.split_once("\r\n\r\n").ok_or_else(cut)?;
    Ok((status.ok_or_else(cut)?, body.to_owned()))
}

/// What one of the test's own servers answers.
fn tell(url: &str, path: &str) -> Value {
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let (_, body) = ask(address, &format!("GET {path} HTTP/1.0\r\n"), "").unwrap();
    serde_json::from_str(&body).unwrap()
}

pub(super) struct Company {
    pub(super) world: World,
    database: String,
    pub(super) user: String,
    secret: String,
}

impl Company {
    /// Over a new database of a server, with a quota of so many requests a day for everybody. `zone`
    /// is a line of the configuration.
    pub(super) fn new(server: &str, zone: &str, quota: u32) -> Self {
        use std::hash::{BuildHasher, Hasher};
        let state = std::collections::hash_map::RandomState::new();
        let id = format!("{:08x}", state.build_hasher().finish() >> 32);
        let name = format!("weir_whole_{id}");
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut root = sqlx::MySqlConnection::connect(server).await.unwrap();
            let make = AssertSqlSafe(format!("CREATE DATABASE {name}"));
            sqlx::raw_sql(make).execute(&mut root).await.unwrap();
        });
        let world = World::new();
        let about = tell(&variable("WEIR_TEST_SMTP_URL"), "/");
        world.write("ca.pem", about["ca"].as_str().unwrap());
        world.write(
            "weir.toml",
            format!(
                "{zone}\n[[quotas]]\nscope = \"defaults\"\nmetric = \"requests\"\nwindow = \"day\"\nlimit = {quota}\n\
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

    /// The same, in a zone where the day does not end while a test runs, with a developer in a team.
    pub(super) fn of_today(server: &str, quota: u32) -> Self {
        // POSIX signs: Etc/GMT-3 is three hours ahead. There it is between eleven and one now.
        let ahead = 12 - i32::from(wall().to_zoned(jiff::tz::TimeZone::UTC).hour());
        let company = Self::new(server, &format!("zone = \"Etc/GMT{:+}\"", -ahead), quota);
        company.hire(|args| company.weir(&[&["--yes"], args].concat()));
        company
    }

    /// Makes the database, what enforcement needs, and the developer.
    pub(super) fn hire(&self, run: impl Fn(&[&str]) -> Ran) {
        let (user, address) = (&self.user, &self.address());
        let team = &format!("sap-{user}");
        run(&["db", "migrate"]).ok();
        run(&["enforce", "setup"]).ok();
        run(&["enforce", "mode", "iam"]).ok();
        run(&["group", "create", team, "--profiles", OPUS]).ok();
        run(&["user", "create", user, "Ana", team, "--email", address]).ok();
    }

    /// What every process of this company has in its environment.
    pub(super) fn environment(&self) -> [(&'static str, String); 7] {
        let text = str::to_owned;
        [
            ("WEIR_DATABASE_URL", self.database.clone()),
            ("WEIR_SMTP_PASSWORD", self.secret.clone()),
            ("WEIR_SERVER_TOKEN", text(TOKEN)),
            ("AWS_ENDPOINT_URL", variable("WEIR_TEST_AWS_URL")),
            ("AWS_REGION", text("eu-west-1")),
            ("AWS_ACCESS_KEY_ID", text("test")),
            ("AWS_SECRET_ACCESS_KEY", text("test")),
        ]
    }

    /// Runs the binary now.
    pub(super) fn weir(&self, args: &[&str]) -> Ran {
        let mut command = self.world.command(args);
        command.envs(self.environment());
        Ran::of(command.output().unwrap())
    }

    /// Runs it at an instant, with everything it does in AWS and the mail it sends.
    pub(super) fn at(&self, at: &Zoned, args: &[&str]) -> Ran {
        let at = at.timestamp().to_string();
        self.weir(&[&["--as-of", &at, "--effects", "--yes"], args].concat())
    }

    pub(super) fn address(&self) -> String {
        format!("{}@example.com", self.user)
    }

    /// Calls of the developer a second before, as CloudTrail has them.
    pub(super) fn calls(&self, at: Timestamp, requests: std::ops::Range<u32>) -> Vec<Value> {
        let time = (at - 1.second()).to_string();
        let user = &self.user;
        let event = |nth: u32| {
            json!({
                "eventVersion": "1.11", "eventSource": "bedrock.amazonaws.com", "eventName": "Converse",
                "eventTime": time, "awsRegion": "eu-west-1", "recipientAccountId": "123456789012",
                "requestID": format!("{user}-{nth}"), "eventID": format!("{user}-event-{nth}"),
                "eventType": "AwsApiCall", "managementEvent": true, "readOnly": true,
                "userIdentity": { "type": "IAMUser", "accountId": "123456789012", "userName": user,
                    "arn": format!("arn:aws:iam::123456789012:user/weir/{user}") },
                "requestParameters": { "modelId": OPUS },
                "additionalEventData": { "inputTokens": 10, "outputTokens": 5 },
            })
        };
        requests.map(event).collect()
    }

    /// Waits until the developer is denied in IAM and was told, and nothing is left to do.
    pub(super) fn settles_denied(&self) {
        wait_for("a Deny and a mail", || {
            let status = self.weir(&["status", &self.user, "--json"]).ok();
            let denied = enforcement(&status) == ("BLOCKED".to_owned(), "verified".to_owned());
            let told = self
                .subjects()
                .iter()
                .any(|subject| subject.contains("is blocked until"));
            (denied && told).then_some(())
        });
    }

    /// Every call is counted once, in every total; one reset, one Deny, each mail once.
    pub(super) fn is_exact(&self, calls: u32) {
        let usage = self.weir(&["usage", "--by", "user", "--json"]).ok().json();
        let counts: Vec<_> = usage
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                (
                    row["user"].as_str().unwrap(),
                    &row["requests"],
                    &row["input_tokens"],
                )
            })
            .collect();
        assert_eq!(
            counts,
            [(self.user.as_str(), &json!(calls), &json!(calls * 10))]
        );
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let wrong = runtime.block_on(async {
            let store = weir_store::open(&self.database).await.unwrap();
            store.check_totals().await.unwrap()
        });
        assert_eq!(wrong, Vec::<String>::new());
        let resets = self.weir(&["reset", "history", "--json"]).ok().json();
        assert_eq!(resets.as_array().unwrap().len(), 1, "{resets}");
        assert_eq!(
            (&resets[0]["runs"], &resets[0]["errors"]),
            (&json!(1), &json!([]))
        );
        assert_eq!(self.asked_of_iam("AttachUserPolicy"), 1);
        assert_eq!(self.asked_of_iam("DetachUserPolicy"), 0);
        // A process that cannot note what it sent sends it again, under the same id: whoever gets it twice
        // can tell.
        let mut mails = self.mails();
        mails.sort();
        mails.dedup();
        let mut subjects: Vec<_> = mails.iter().map(|(_, subject)| subject).collect();
        subjects.sort();
        subjects.dedup();
        assert_eq!(subjects.len(), mails.len(), "{mails:?}");
        let letters = self.weir(&["dead-letters", "--json"]).ok().json();
        assert_eq!(letters, json!([]));
        self.weir(&["audit", "verify"]).ok();
    }

    /// Ids and subjects of the developer's mails, oldest first.
    pub(super) fn mails(&self) -> Vec<(String, String)> {
        let path = format!("/mails?to={}", self.address());
        let mails = tell(&variable("WEIR_TEST_SMTP_URL"), &path);
        let text = |mail: &Value, key: &str| mail[key].as_str().unwrap().to_owned();
        let mails = mails.as_array().unwrap().iter();
        mails
            .map(|mail| (text(mail, "message_id"), text(mail, "subject")))
            .collect()
    }

    /// Their subjects.
    pub(super) fn subjects(&self) -> Vec<String> {
        self.mails()
            .into_iter()
            .map(|(_, subject)| subject)
            .collect()
    }

    /// How often IAM was asked for an operation on the developer.
    pub(super) fn asked_of_iam(&self, action: &str) -> usize {
        let path = format!("/weir-test/calls?user={}", self.user);
        let calls = tell(&variable("WEIR_TEST_AWS_URL"), &path);
        let calls = calls.as_array().unwrap().iter();
        calls.filter(|call| call["action"] == action).count()
    }

    /// Starts `weir serve`.
    pub(super) fn serve(&self) -> Server {
        let mut command = self.world.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.envs(self.environment());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut heard = String::new();
        let address = loop {
            let from = heard.len();
            assert_ne!(said.read_line(&mut heard).unwrap(), 0, "{heard}");
            if let Some(address) = heard[from..].trim().strip_prefix("listening on http://") {
                break address.to_owned();
            }
        };
        let listens = thread::spawn(move || {
            said.read_to_string(&mut heard).unwrap();
            heard
        });
        Server {
            address,
            child,
            listens: Some(listens),
        }
    }
}

/// A `weir serve`, killed if the test ends before it.
pub(super) struct Server {
    address: String,
    child: Child,
    listens: Option<JoinHandle<String>>,
}

impl Server {
    /// Sends events; what a server that cannot be asked answers is nothing.
    pub(super) fn send(&self, events: &[Value]) -> Option<u16> {
        let head = format!("POST /api/v1/events HTTP/1.1\r\nauthorization: Bearer {TOKEN}\r\n");
        let lines: Vec<_> = events.iter().map(Value::to_string).collect();
        let answer = ask(&self.address, &head, &lines.join("\n"));
        answer.ok().map(|(status, _)| status)
    }

    /// Sends events until they are counted, as whoever has a queue does.
    pub(super) fn send_until_counted(&self, events: &[Value]) {
        wait_for("a server that counts", || {
            (self.send(events) == Some(200)).then_some(())
        });
    }

    /// Ends it as an operator does, and gives what it said.
    pub(super) fn end(mut self) -> String {
        let term = ["-TERM", &self.child.id().to_string()];
        assert!(Command::new("kill").args(term).status().unwrap().success());
        let status = self.child.wait().unwrap();
        let said = self.listens.take().unwrap().join().unwrap();
        assert!(status.success(), "{said}");
        said
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A binary of this workspace that another package makes.
pub(super) fn neighbour(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_BIN_EXE_weir")).with_file_name(name);
    assert!(
        path.is_file(),
        "{} is not there: run the tests with --workspace, which builds it",
        path.display()
    );
    path
}

/// State and enforcement of the developer in an answer of `weir status --json`.
pub(super) fn enforcement(status: &Ran) -> (String, String) {
    let status = status.json();
    let word = |key: &str| status[key].as_str().unwrap().to_owned();
    (word("state"), word("enforcement"))
}
