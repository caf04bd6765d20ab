//! The verbs that write to AWS, on a local one: what is typed, and what is said.

use std::io::{Read, Write};
use std::net::TcpStream;

use expect_test::{Expect, expect};

use crate::world::{Ran, World};

mod again;
mod asked;
mod channels;
mod crowds;
mod elsewhere;
mod newcomers;
mod refused;
mod served;
mod transcript;
mod verbs;

const OPUS: &str = "eu.anthropic.claude-opus-5-5";

#[expect(
    clippy::disallowed_methods,
    reason = "where the server is, only the environment says"
)]
fn url() -> String {
    std::env::var("WEIR_TEST_AWS_URL").unwrap()
}

/// A world whose names nobody else uses: most tests share one account.
struct Account {
    world: World,
    id: String,
    /// The access key, its secret and the token of a session.
    keys: [String; 3],
    number: String,
}

impl Account {
    fn new() -> Self {
        use std::hash::{BuildHasher, Hasher};
        let state = std::collections::hash_map::RandomState::new();
        let drawn = state.build_hasher().finish();
        Self {
            world: World::new(),
            id: format!("{:08x}", drawn >> 32),
            keys: ["test".to_owned(), "test".to_owned(), String::new()],
            number: "123456789012".to_owned(),
        }
    }

    /// A world in an AWS account of its own.
    fn alone() -> Self {
        let mut account = Self::new();
        account.number = another_account();
        let role = format!("arn:aws:iam::{}:role/weir", account.number);
        let fields = [("RoleArn", role.as_str()), ("RoleSessionName", "weir")];
        let answer = query("sts", "2011-06-15", "AssumeRole", &fields);
        account.keys = ["AccessKeyId", "SecretAccessKey", "SessionToken"].map(|name| {
            let (_, rest) = answer.split_once(&format!("<{name}>")).unwrap();
            rest.split_once('<').unwrap().0.to_owned()
        });
        account
    }

    /// Runs the binary; `#` in an argument stands for what makes its name unique.
    fn weir(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    /// The words of a line. `OPUS` stands for a profile, `NUMBER` for the account, `KEY` for the first key of whom it
    /// is asked.
    fn words(&self, line: &str, whose: &str) -> Vec<String> {
        let mut line = line.replace("OPUS", OPUS).replace("NUMBER", &self.number);
        if line.contains("KEY") {
            let keys = self.weir(&["--json", "user", "keys", whose]).ok().json();
            line = line.replace("KEY", keys[0]["key"].as_str().unwrap());
        }
        line.split(' ').map(str::to_owned).collect()
    }

    /// Runs these words.
    fn run(&self, words: &[String]) -> Ran {
        self.weir(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The same, to be run.
    fn command(&self, args: &[&str]) -> std::process::Command {
        let args: Vec<String> = args.iter().map(|arg| arg.replace('#', &self.id)).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let [key, secret, token] = &self.keys;
        let mut command = self.world.command(&args);
        command
            .env("AWS_ENDPOINT_URL", url())
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", key)
            .env("AWS_SECRET_ACCESS_KEY", secret);
        if !token.is_empty() {
            command.env("AWS_SESSION_TOKEN", token);
        }
        command
    }

    /// What was printed, with what differs from run to run replaced.
    fn check(&self, ran: &Ran, expected: &Expect) {
        let mut text = ran.out.replace(&self.id, "#");
        for start in ["ACCA", "AKIA"] {
            while let Some(at) = text.find(start) {
                let rest = &text[at..];
                let length = rest.find(|c: char| !c.is_ascii_alphanumeric());
                let end = at + length.unwrap_or(rest.len());
                text.replace_range(at..end, "<key>");
            }
        }
        expected.assert_eq(&text);
    }

    /// A call of the identity store, which no command makes; the answer.
    fn directory(&self, operation: &str, body: &str) -> serde_json::Value {
        let body = body.replace('#', &self.id);
        let address = url();
        let address = address.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(address).unwrap();
        let request = format!(
            "POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-amz-json-1.1\r\n\
             X-Amz-Target: AWSIdentityStore.{operation}\r\nAuthorization: AWS4-HMAC-SHA256 \
             Credential=test/20261120/eu-west-1/identitystore/aws4_request, SignedHeaders=host, Signature=0\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    fn fault(&self, action: &str, user: &str) {
        let user = user.replace('#', &self.id);
        let body = format!(r#"[{{"action":"{action}","user":"{user}","error":"AccessDenied"}}]"#);
        tell("/weir-test/faults", &body);
    }

    /// A team with a group.
    fn with_team() -> Self {
        let account = Self::new();
        let create = ["group", "create", "sap-#", "--profiles", OPUS];
        account.weir(&create).ok();
        account
    }
}

/// A call in the query protocol that no command makes; the answer.
fn query(service: &str, version: &str, action: &str, fields: &[(&str, &str)]) -> String {
    query_by("test", (service, version, action), fields)
}

/// The same in the account of a key.
fn query_by(
    key: &str,
    (service, version, action): (&str, &str, &str),
    fields: &[(&str, &str)],
) -> String {
    let mut body = format!("Action={action}&Version={version}");
    for (name, value) in fields {
        body = format!("{body}&{name}={value}");
    }
    let address = url();
    let address = address.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST / HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         authorization: AWS4-HMAC-SHA256 Credential={key}/20261120/us-east-1/{service}/aws4_request, SignedHeaders=host, \
         Signature=0\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer
}

/// Tells the server what a test wants of it.
fn tell(path: &str, body: &str) {
    let address = url();
    let address = address.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
}

#[test]
fn a_team_gets_a_group_and_the_plan_is_what_then_happens() {
    let account = Account::new();
    let create = ["group", "create", "sap-#", "--profiles", OPUS];
    let plan = account.weir(&[&create[..], &["--dry-run"]].concat()).ok();
    account.check(
        &plan,
        &expect![[r"
            STATE  STEP
            would  make the group team_sap-#_group
            would  write the policy WeirTeam of the group team_sap-#_group
        "]],
    );
    let done = account.weir(&create).ok();
    account.check(
        &done,
        &expect![[r"
            STATE  STEP
            done   make the group team_sap-#_group
            done   write the policy WeirTeam of the group team_sap-#_group
        "]],
    );
    let again = account.weir(&create).ok().says(&["nothing to do"]);
    account.check(
        &again,
        &expect![[r"
            STATE   STEP
            exists  the group team_sap-#_group (arn:aws:iam::123456789012:group/weir/team_sap-#_group)
            exists  its policy WeirTeam, as wanted
        "]],
    );
    let info = account.weir(&["group", "info", "sap-#"]).ok();
    account.check(
        &info,
        &expect![[r"
            group          team_sap-#_group
            arn            arn:aws:iam::123456789012:group/weir/team_sap-#_group
            team           sap-#
            members        -
            models         -
            profiles       eu.anthropic.claude-opus-5-5
            denied         mantle, batch, async, provisioned
            left open      -
            other policies -
        "]],
    );
    account.weir(&["group", "info", "nobody-#"]).ends(4);
    let delete = ["group", "delete", "sap-#"];
    account.weir(&delete).ends(5).says(&["would", "--yes"]);
    account.weir(&[&["--yes"], &delete[..]].concat()).ok();
}

#[test]
fn the_argument_order_of_the_replaced_system_works() {
    let account = Account::with_team();
    let create = ["user", "create", "ana-#", "Ana López", "sap-#"];
    let made = account.weir(&create).ok();
    account.check(
        &made,
        &expect![[r"
            STATE  STEP
            done   make the user ana-#
            done   put ana-# into the group team_sap-#_group
            done   note in Weir who ana-# is: Ana López, of team sap-#, human
            done   note in Weir that 123456789012/iam-user/ana-# is an identity of ana-#
        "]],
    );
    let create = ["user", "create-key", "ana-#", "claude-code"];
    let key = account.weir(&create).ok().says(&["shown once"]);
    assert!(
        key.out.contains("\nAWS_BEARER_TOKEN_BEDROCK=ABSK"),
        "{key:?}"
    );
    let info = ["--json", "user", "info", "ana-#"];
    let info = account.weir(&info).ok().json();
    assert_eq!(info["person"], "Ana López");
    assert_eq!(info["keys"][0]["tool"], "claude-code");
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Action":"bedrock:ListFoundationModels","Resource":"*"}]}"#;
    account.world.write("policy.json", text);
    let create = ["policy", "create", "looks-#", "policy.json"];
    account.weir(&create).ok();
    let attach = ["policy", "attach", "looks-#", "--user", "ana-#"];
    account.weir(&attach).ok();
    let info = ["--json", "policy", "info", "looks-#"];
    let info = account.weir(&info).ok().json();
    assert_eq!(info["users"][0], format!("ana-{}", account.id));
    let text = text.replace("bedrock:List", "bedrock-runtime:List");
    account.world.write("bad.json", text);
    let refused = account.weir(&["policy", "create", "bad-#", "bad.json"]);
    refused
        .ends(1)
        .says(&["there is no prefix bedrock-runtime"]);
}

#[test]
fn a_secret_goes_into_a_new_file_that_only_its_owner_reads() {
    use std::os::unix::fs::PermissionsExt;
    let account = Account::with_team();
    account
        .weir(&["user", "create", "ana-#", "Ana", "sap-#"])
        .ok();
    let create = ["user", "create-key", "ana-#", "cline"];
    let create = [&create[..], &["--secret-file", "key.env"]].concat();
    let ran = account.weir(&create).ok();
    let said = format!("{}{}", ran.out, ran.err);
    assert!(!said.contains("ABSK"), "{ran:?}");
    let path = account.world.path("key.env");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("AWS_BEARER_TOKEN_BEDROCK=ABSK"), "{text}");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Nothing is made whose secret would have no place.
    account.weir(&create).ends(1).says(&["key.env"]);
    let keys = ["--json", "user", "keys", "ana-#"];
    let keys = account.weir(&keys).ok().json();
    assert_eq!(keys.as_array().unwrap().len(), 1);
    let audit = account.weir(&["audit", "export"]).ok();
    assert!(audit.out.contains("key-create") && !audit.out.contains("ABSK"));
}

#[test]
fn what_is_lost_is_asked_for_and_what_fails_says_how_to_go_on() {
    let account = Account::with_team();
    account
        .weir(&["user", "create", "ana-#", "Ana", "sap-#"])
        .ok();
    let create = ["--json", "user", "create-key", "ana-#", "cline"];
    let key = account.weir(&create).ok().json();
    let key = key["secrets"][0]["id"].as_str().unwrap().to_owned();
    let delete = ["--yes", "user", "delete", "ana-#"];
    for args in [&["user", "revoke-key", "ana-#", &key][..], &delete[1..]] {
        account.weir(args).ends(5).says(&["nothing was changed"]);
    }
    account.weir(&["user", "disable-key", "ana-#", &key]).ok();
    account.fault("RemoveUserFromGroup", "ana-#");
    let stopped = account.weir(&delete).ends(1);
    account.check(
        &stopped,
        &expect![[r"
            STATE   STEP
            done    delete the key <key> (bedrock-api-key) of ana-#
            failed  take ana-# out of the group team_sap-#_group
            left    delete the user ana-#
            left    note in Weir that <key> is revoked
        "]],
    );
    let hints = [
        "AccessDenied",
        "weir provision --print-policy",
        "run the same again",
    ];
    stopped.says(&hints);
    account.weir(&delete).ok().says(&["stay in Weir"]);
    account.weir(&delete).ok().says(&["there is no IAM user"]);
}

#[test]
fn people_are_provisioned_from_a_file_and_one_failure_stops_nobody_else() {
    let account = Account::with_team();
    let text = "user;person;team;email;tools;quotas\n\
                ana-#;Ana López;sap-#;ana@example.com;claude-code cline;requests/day=350\n\
                ben-#;Ben;sap-#;;;\n\
                eva #;Eva;sap-#;;;\n";
    account
        .world
        .write("people.csv", text.replace('#', &account.id));
    let provision = ["provision", "--file", "people.csv"];
    let dry = account
        .weir(&[&provision[..], &["--dry-run"]].concat())
        .ends(1);
    assert!(dry.out.contains("would change"), "{dry:?}");
    let secret = [&provision[..], &["--secret-file", "keys.env"]].concat();
    let ran = account.weir(&secret).ends(1);
    account.check(
        &ran,
        &expect![[r"
            USER          RESULT  DONE  EXISTS  LEFT  WHY
            ana-#  done      10       1     0  -
            ben-#  done       4       1     0  -
            eva #  failed     0       0     0  USER: `eva #` holds ' '; IAM takes letters a-z, digits and _ + = , . @ -
        "]],
    );
    let text = std::fs::read_to_string(account.world.path("keys.env")).unwrap();
    assert_eq!(text.matches("AWS_BEARER_TOKEN_BEDROCK=").count(), 2);
    let again = account.weir(&[&["--json"], &provision[..]].concat());
    let again = again.ends(1).json();
    let mut steps = again[0]["steps"].as_array().unwrap().iter();
    assert!(steps.all(|step| step["state"] == "exists"), "{again}");
}

#[test]
fn people_of_identity_center_are_shown_and_noted() {
    let account = Account::new();
    let config = format!("[directory]\nidentity_store = \"d-{}\"\n", account.id);
    account.world.write("weir.toml", config);
    let made = account.directory(
        "CreateUser",
        r#"{"IdentityStoreId":"d-#","UserName":"ana","DisplayName":"Ana López",
            "Name":{"GivenName":"Ana","FamilyName":"López"},
            "Emails":[{"Value":"ana@example.com","Primary":true}]}"#,
    );
    let ana = made["UserId"].as_str().unwrap();
    let group = account.directory(
        "CreateGroup",
        r#"{"IdentityStoreId":"d-#","DisplayName":"team_sap_group"}"#,
    );
    let group = group["GroupId"].as_str().unwrap();
    let member = format!(
        r#"{{"IdentityStoreId":"d-#","GroupId":"{group}","MemberId":{{"UserId":"{ana}"}}}}"#
    );
    account.directory("CreateGroupMembership", &member);

    let sync = ["sync", "--from", "identity-center"];
    let shown = account.weir(&sync).ok().says(&["--apply", "1 to note"]);
    account.check(
        &shown,
        &expect![[r"
            PERSON  WHAT       WEIR  DIRECTORY
            ana     user name  -     ana
            ana     person     -     Ana López
            ana     email      -     ana@example.com
            ana     team       -     sap
            ana     groups     -     team_sap_group
        "]],
    );
    let apply = ["sync", "--from", "identity-center", "--apply"];
    account.weir(&apply).ends(5).says(&["--yes"]);
    let apply = [&["--yes"], &apply[..]].concat();
    account.weir(&apply).ok().says(&["calls from now on"]);
    account
        .weir(&sync)
        .ok()
        .says(&["knows what the directory says"]);
    let json = account.weir(&["--json", "sync", "--from", "identity-center"]);
    let json = json.ok().json();
    assert_eq!(
        (&json["people"], &json["with_team"]),
        (&1.into(), &1.into())
    );
    assert_eq!(json["differences"].as_array().unwrap().len(), 0);

    account.fault("ListUsers", "d-#");
    account
        .weir(&sync)
        .ends(1)
        .says(&["ListUsers", "AccessDenied"]);
}

#[test]
fn a_look_at_the_account_goes_into_the_configuration_and_says_what_is_left_to_do() {
    let account = Account::new();
    let ran = account
        .weir(&["--json", "init", "--aws", "--region", "eu-west-1"])
        .ok();
    let report = ran.json();
    assert_eq!(report["account"]["id"], "123456789012");
    assert_eq!(report["account"]["regions"][0]["region"], "eu-west-1");
    let next = report["next"].to_string();
    assert!(next.contains("put-model-invocation-logging-configuration --region eu-west-1"));
    let text = std::fs::read_to_string(account.world.path("weir.toml")).unwrap();
    for line in [
        "home_account = \"123456789012\"",
        "regions = [\"eu-west-1\"]",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    account.weir(&["config", "check"]).ok();
    let plan = [
        "ingest",
        "aws",
        "--last",
        "24h",
        "--dry-run",
        "--region",
        "eu-west-1",
    ];
    let plan = account.weir(&plan).ok();
    account.check(
        &plan,
        &expect![[r"
            ACCOUNT       REGION     CALLS  READ FROM      TAKES ABOUT
            123456789012  eu-west-1      -  event history  -
        "]],
    );
    plan.says(&["invocations are not logged there"]);
}

#[test]
fn identity_center_is_seen_by_its_roles_and_goes_into_the_configuration() {
    let account = Account::alone();
    let role = [
        ("RoleName", "AWSReservedSSO_Developer_0123456789abcdef"),
        ("Path", "/aws-reserved/sso.amazonaws.com/eu-west-1/"),
        (
            "AssumeRolePolicyDocument",
            "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
        ),
    ];
    query_by(&account.keys[0], ("iam", "2010-05-08", "CreateRole"), &role);
    let ran = account
        .weir(&["--json", "init", "--aws", "--region", "eu-west-1"])
        .ok();
    let report = ran.json();
    let found = &report["account"];
    assert_eq!(found["identity_center_roles"], 1);
    assert_eq!(found["identity_center_region"], "eu-west-1");
    let store = found["identity_store"].as_str().unwrap();
    let text = std::fs::read_to_string(account.world.path("weir.toml")).unwrap();
    for line in [
        "region = \"eu-west-1\"",
        &format!("identity_store = \"{store}\""),
        "# identity_center = \"permission-set-policy\"",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let next = report["next"].to_string();
    assert!(
        next.contains("weir sync --from identity-center --apply"),
        "{next}"
    );
    assert!(
        next.contains("attach-customer-managed-policy-reference"),
        "{next}"
    );
    account.weir(&["config", "check"]).ok();
}

#[expect(
    clippy::disallowed_methods,
    reason = "the binary has the clock of the machine"
)]
fn an_hour_ago() -> String {
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1);
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Twelve digits that no other test has.
fn another_account() -> String {
    let drawn = u64::from_str_radix(&Account::new().id, 16).unwrap();
    format!("5{drawn:011}")
}

/// The configuration by which the role of an account is used.
fn role_in(account: &str) -> String {
    format!("[enforcement.accounts.{account}]\nrole_arn = \"arn:aws:iam::{account}:role/weir\"\n")
}

/// An account whose role nobody may use.
fn refusing_account() -> String {
    let account = another_account();
    let role = format!("arn:aws:iam::{account}:role/weir");
    let fault = serde_json::json!([{ "action": "AssumeRole", "user": role, "error": "AccessDenied", "times": null }]);
    tell("/weir-test/faults", &fault.to_string());
    account
}

#[test]
fn a_denial_is_tried_on_one_person_and_leaves_nothing_behind() {
    let account = Account::with_team();
    account
        .weir(&["user", "create", "ana-#", "Ana", "sap-#", "--login"])
        .ok();
    account.weir(&["enforce", "setup"]).ok();
    let event = crate::world::bytes("ct_invokemodel_iamuser.json");
    let event = String::from_utf8(event).unwrap();
    let event = event.replace("111122223333", "123456789012");
    let event = event.replace("ana.lopez", &format!("ana-{}", account.id));
    account.world.write("event.json", event);
    account.weir(&["ingest", "event.json"]).ok();
    let check = ["enforce", "check", "ana-#"];
    let asked = account.weir(&check).ends(5);
    asked.says(&["may not use Bedrock", "--yes"]);
    let ran = account
        .weir(&[&["--yes", "--json"], &check[..]].concat())
        .ok();
    let lines = ran.json();
    assert_eq!(lines[0]["verified"], true);
    assert_eq!(lines[0]["removed"], true);
    assert_eq!(lines[0]["mechanism"], "attached-policy");
    account.fault("AttachUserPolicy", "ana-#");
    let failed = account.weir(&[&["--yes"], &check[..]].concat()).ends(1);
    failed.says(&["AccessDenied", "nothing is left behind"]);
    let block = ["block", "ana-#", "--reason", "a test"];
    account.weir(&block).ok();
    account
        .weir(&[&["--yes"], &check[..]].concat())
        .ends(1)
        .says(&["is blocked already"]);
}
