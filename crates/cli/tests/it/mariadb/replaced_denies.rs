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
    let url = variable("WEIR_TEST_AWS_URL");
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nhost: {address}\r\n{head}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
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
    let mut command = takeover.world.command(&[&args[..], more].concat());
    command
        .env("AWS_ENDPOINT_URL", variable("WEIR_TEST_AWS_URL"))
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test");
    Ran::of(command.output().unwrap())
}

#[test]
fn old_denies_are_named_until_they_are_gone_and_never_edited() {
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

fn write_policy(user: &str, text: &str) {
    let policy = format!("{user}_BedrockPolicy");
    let fields = [
        ("UserName", user),
        ("PolicyName", policy.as_str()),
        ("PolicyDocument", text),
    ];
    iam("PutUserPolicy", &fields);
}
