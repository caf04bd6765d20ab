//! The Denies that the replaced system left in IAM.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use super::company::variable;
use super::replaced::Takeover;
use crate::world::Ran;

/// The account of moto.
const ACCOUNT: &str = "123456789012";
/// As the replaced system wrote it: it grants, and denies whoever is blocked.
const DENIES: &str = r#"{"Version":"2012-10-17","Statement":[
  {"Sid":"DailyLimitBlock","Effect":"Deny","Action":["bedrock:InvokeModel"],"Resource":"*"},
  {"Sid":"Allow","Effect":"Allow","Action":["bedrock:InvokeModel"],"Resource":"*"}]}"#;
const GRANTS: &str = r#"{"Version":"2012-10-17","Statement":[
  {"Sid":"Allow","Effect":"Allow","Action":["bedrock:InvokeModel"],"Resource":"*"}]}"#;

fn rows(id: &str) -> String {
    "INSERT INTO users (user_id, team, is_blocked, blocked_reason, blocked_until) VALUES
       ('blocked_#', 'sap', 1, 'Key found in public', NULL),
       ('over_#', 'sap', 0, NULL, NULL),
       ('allowed_#', 'sap', 0, NULL, NULL),
       ('gone_#', 'sap', 1, 'Left', NULL);"
        .replace('#', id)
}

/// A call that no command makes.
fn iam(action: &str, fields: &[(&str, &str)]) {
    let mut body = format!("Action={action}&Version=2010-05-08");
    for (name, value) in fields {
        let _ = write!(body, "&{name}=");
        for byte in value.bytes() {
            let _ = write!(body, "%{byte:02X}");
        }
    }
    let head = "authorization: AWS4-HMAC-SHA256 Credential=test/20261120/us-east-1/iam/aws4_request, \
                SignedHeaders=host, Signature=0\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    let answer = post("/", head, &body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

fn post(path: &str, head: &str, body: &str) -> String {
    send("POST", path, head, body)
}

fn send(method: &str, path: &str, head: &str, body: &str) -> String {
    let url = variable("WEIR_TEST_AWS_URL");
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\n{head}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// With credentials of [`ACCOUNT`].
fn import(takeover: &Takeover, more: &[&str]) -> Ran {
    import_of(takeover, ACCOUNT, more)
}

fn import_of(takeover: &Takeover, account: &str, more: &[&str]) -> Ran {
    let args = [
        "import",
        "legacy",
        "--mysql",
        &takeover.url,
        "--account",
        account,
        "--old-denies",
    ];
    weir(takeover, &[&args[..], more].concat())
}

/// With credentials of [`ACCOUNT`].
fn weir(takeover: &Takeover, args: &[&str]) -> Ran {
    let mut command = takeover.world.command(args);
    command
        .env("AWS_ENDPOINT_URL", variable("WEIR_TEST_AWS_URL"))
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test");
    Ran::of(command.output().unwrap())
}

#[test]
fn old_denies_are_named_until_they_are_gone_and_edited_on_request_only() {
    let id = format!("{}", std::process::id());
    let server = variable("WEIR_TEST_MARIADB_URL");
    let takeover = Takeover::of(&server, "denies", &rows(&id));
    let [blocked, over, allowed] = ["blocked", "over", "allowed"].map(|who| format!("{who}_{id}"));
    for (user, text) in [(&blocked, DENIES), (&over, DENIES), (&allowed, GRANTS)] {
        iam("CreateUser", &[("UserName", user)]);
        write_policy(user, text);
    }

    // Before anything is taken over, and afterwards, when no block is left to take over.
    let named = |ran: &Value| {
        let denies = ran["old_denies"].as_array().unwrap().iter();
        let users: Vec<_> = denies.map(|deny| deny["user"].clone()).collect();
        Value::from(users)
    };
    let both = Value::from([blocked.clone(), over.clone()].as_slice());
    let dry = import(&takeover, &["--dry-run", "--json"]).ok().json();
    assert_eq!(named(&dry), both);
    let done = import(&takeover, &["--yes", "--json"]).ok().json();
    assert_eq!(named(&done), both);
    assert_eq!(
        done["done"]["blocked"],
        Value::from([blocked.clone(), format!("gone_{id}")].as_slice()),
        "also whoever never called, and whom IAM does not know"
    );
    let again = import(&takeover, &["--dry-run"]).ok();
    again.says(&[
        &format!(
            "{blocked} is denied in IAM by the statement DailyLimitBlock of the inline policy"
        ),
        &format!("{over}_BedrockPolicy"),
    ]);

    // Whoever takes a statement out is not named any more; Weir wrote nothing.
    write_policy(&over, GRANTS);
    let dry = import(&takeover, &["--dry-run", "--json"]).ok().json();
    assert_eq!(named(&dry), Value::from([blocked.as_str()].as_slice()));
    write_policy(&blocked, GRANTS);
    import(&takeover, &["--dry-run"])
        .ok()
        .says(&["no user of the old database is denied"]);
}

#[test]
fn old_denies_that_cannot_be_read_are_an_error_and_of_another_account_no_answer() {
    let id = format!("e{}", std::process::id());
    let server = variable("WEIR_TEST_MARIADB_URL");
    let takeover = Takeover::of(&server, "unread", &rows(&id));
    let fault =
        format!(r#"[{{"action":"GetUserPolicy","user":"blocked_{id}","error":"AccessDenied"}}]"#);
    post(
        "/weir-test/faults",
        "content-type: application/json\r\n",
        &fault,
    );
    import(&takeover, &["--yes"])
        .ends(1)
        .says(&["GetUserPolicy", "--print-policy"]);
    import_of(&takeover, "111122223333", &["--yes"])
        .ends(1)
        .says(&["of the account 123456789012", "are in 111122223333"]);
    let other = ["--yes", "--json"];
    let done = import(&takeover, &other).ok().json();
    assert_eq!(
        done["done"]["blocked"].as_array().unwrap().len(),
        2,
        "the import that could not look had taken nothing over: {done}"
    );
}

/// What was done to an IAM user that changes something, in order.
fn changes(user: &str) -> Vec<String> {
    let answer = send("GET", &format!("/weir-test/calls?user={user}"), "", "");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let calls: Value = serde_json::from_str(body).unwrap();
    let calls = calls.as_array().unwrap().iter();
    let actions = calls.map(|call| call["action"].as_str().unwrap().to_owned());
    let writes = ["Attach", "Put", "Delete", "Detach"];
    actions
        .filter(|action| writes.iter().any(|write| action.starts_with(write)))
        .collect()
}

/// The audit entries about old Denies: whose, and by whom.
fn on_record(takeover: &Takeover) -> Vec<String> {
    let shown = takeover.world.weir(&["--json", "audit", "export"]).ok();
    let lines = shown
        .out
        .lines()
        .filter(|line| line.contains("old-deny-remove"));
    lines.map(ToOwned::to_owned).collect()
}

const REMOVE: &str = "--remove-old-denies";

#[test]
fn an_old_deny_goes_after_weirs_own_is_read_back_and_nobody_is_let_through() {
    let id = format!("r{}", std::process::id());
    let takeover = Takeover::of(&variable("WEIR_TEST_MARIADB_URL"), "removed", &rows(&id));
    let [blocked, over] = ["blocked", "over"].map(|who| format!("{who}_{id}"));
    for user in [&blocked, &over] {
        iam("CreateUser", &[("UserName", user)]);
        write_policy(user, DENIES);
    }
    weir(&takeover, &["enforce", "setup"]).ok();

    // In dry-run Weir denies nobody: the old Deny stays, and the block is taken over.
    import(&takeover, &["--dry-run", REMOVE]).ok().says(&[
        &format!("{blocked} is denied in IAM"),
        "stays if not",
        &format!("it stays: Weir does not block {over}"),
        "nothing was changed",
    ]);
    import(&takeover, &["--yes", REMOVE])
        .ends(1)
        .says(&["Weir's own Deny is not in IAM (dry_run)"]);
    assert_eq!(changes(&blocked), ["PutUserPolicy"], "the test's own");
    assert_eq!(on_record(&takeover), [""; 0]);

    // Once it is in IAM, the old one goes; whoever is not blocked keeps theirs, until somebody says otherwise.
    weir(&takeover, &["--yes", "enforce", "mode", "iam"]).ok();
    import(&takeover, &[REMOVE]).ends(5).says(&["--yes"]);
    let refused = r#"[{"action":"PutUserPolicy","user":"WHO","error":"AccessDenied"}]"#;
    send(
        "POST",
        "/weir-test/faults",
        "content-type: application/json\r\n",
        &refused.replace("WHO", &blocked),
    );
    import(&takeover, &["--yes", REMOVE]).ends(1).says(&[
        "PutUserPolicy",
        "AccessDenied",
        "is there still",
    ]);
    let done = import(&takeover, &["--yes", "--json", REMOVE])
        .ends(1)
        .json();
    let removed = &done["done"]["removed_denies"];
    assert_eq!(removed[0]["removed"], true, "{done}");
    assert_eq!(removed[1]["removed"], false, "{done}");
    let order = [
        "PutUserPolicy",
        "AttachUserPolicy",
        "PutUserPolicy",
        "PutUserPolicy",
    ];
    assert_eq!(changes(&blocked), order, "Weir's own came first");
    assert_eq!(on_record(&takeover).len(), 1);

    import(&takeover, &["--dry-run", "--remove-old-denies=all"])
        .ok()
        .says(&[&format!("{over} HAS ACCESS then")]);
    import(&takeover, &["--yes", "--remove-old-denies=all"]).ok();
    assert_eq!(on_record(&takeover).len(), 2);
    import(&takeover, &["--yes", REMOVE]).ok().says(&[
        "is denied by the old statement",
        "nothing left to take over",
    ]);
}

/// At a terminal, with this answer.
fn answered(takeover: &Takeover, answer: &str) -> String {
    use std::process::Stdio;
    let args = [
        "import",
        "legacy",
        "--account",
        ACCOUNT,
        "--mysql",
        &takeover.url,
    ];
    let quoted = args.map(|arg| format!("'{arg}'")).join(" ");
    let line = format!("{} {quoted}", env!("CARGO_BIN_EXE_weir"));
    let weir = takeover.world.command(&[]);
    let mut command = std::process::Command::new("script");
    command
        .args(["-qec", &line, "/dev/null"])
        .current_dir(takeover.world.directory.path())
        .env_clear()
        .envs(
            weir.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut typed = child.stdin.take().unwrap();
    typed.write_all(answer.as_bytes()).unwrap();
    let ended = child.wait_with_output().unwrap();
    drop(typed);
    assert_eq!(ended.status.code(), Some(5));
    String::from_utf8(ended.stdout).unwrap()
}

#[test]
fn whoever_says_no_takes_nothing_over() {
    let id = format!("n{}", std::process::id());
    let takeover = Takeover::of(&variable("WEIR_TEST_MARIADB_URL"), "no", &rows(&id));
    let said = answered(&takeover, "n\n");
    assert!(said.contains("Take this over? [y/N]"), "{said}");
    assert!(said.contains("nothing was changed"), "{said}");
    let json = |args: &[&str]| {
        takeover
            .world
            .weir(&[&["--json"], args].concat())
            .ok()
            .json()
    };
    assert_eq!(json(&["blocks"]), Value::Array(Vec::new()));
    assert_eq!(json(&["user", "list"]).to_string().matches(&id).count(), 0);
    let record = takeover.world.weir(&["audit", "export"]).ok().out;
    assert!(!record.contains(&id), "{record}");
}

fn write_policy(user: &str, text: &str) {
    let policy = format!("{user}_BedrockPolicy");
    let fields = [
        ("UserName", user),
        ("PolicyName", policy.as_str()),
        ("PolicyDocument", text),
    ];
    iam("PutUserPolicy", &fields);
}
