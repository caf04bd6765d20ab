//! Each verb where a right is missing in the middle, where names are odd, and where users lie under other paths.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use super::{Account, OPUS, tell};

/// A call of IAM that no command makes.
fn iam(account: &Account, action: &str, fields: &[(&str, &str)]) {
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.replace('#', &account.id)))
        .collect();
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    super::query("iam", "2010-05-08", action, &fields);
}

/// What is typed (`KEY`: the key of ana), the call that is refused, and about whom.
const REFUSED: [(&str, &str, &str); 19] = [
    (
        "group create crm-# --profiles OPUS",
        "PutGroupPolicy",
        "team_crm-#_group",
    ),
    (
        "--yes group setup crm-# --profiles OPUS --open batch",
        "PutGroupPolicy",
        "team_crm-#_group",
    ),
    ("group info crm-#", "GetGroup", "team_crm-#_group"),
    ("user create ana-# Ana sap-#", "AddUserToGroup", "ana-#"),
    ("user info ana-#", "GetUser", "ana-#"),
    ("user update ana-# --person Ann", "TagUser", "ana-#"),
    (
        "user create-key ana-# cline",
        "CreateServiceSpecificCredential",
        "ana-#",
    ),
    ("user keys ana-#", "ListAccessKeys", "ana-#"),
    (
        "user disable-key ana-# KEY",
        "UpdateServiceSpecificCredential",
        "ana-#",
    ),
    (
        "user enable-key ana-# KEY",
        "UpdateServiceSpecificCredential",
        "ana-#",
    ),
    ("policy info looks-#", "GetPolicy", POLICY),
    (
        "policy attach looks-# --user ana-#",
        "AttachUserPolicy",
        "ana-#",
    ),
    (
        "--yes policy detach looks-# --user ana-#",
        "DetachUserPolicy",
        "ana-#",
    ),
    ("--yes policy delete looks-#", "DeletePolicy", POLICY),
    (
        "--yes user rotate-key ana-# KEY",
        "CreateServiceSpecificCredential",
        "ana-#",
    ),
    (
        "--yes user revoke-key ana-# KEY",
        "DeleteServiceSpecificCredential",
        "ana-#",
    ),
    (
        "provision eva-# --person Eva --team crm-# --email eva@example.com",
        "AddUserToGroup",
        "eva-#",
    ),
    ("--yes user delete ana-#", "DeleteUser", "ana-#"),
    (
        "--yes group delete crm-#",
        "DeleteGroup",
        "team_crm-#_group",
    ),
];
const POLICY: &str = "arn:aws:iam::123456789012:policy/weir/access/looks-#";

#[test]
fn without_a_right_each_verb_says_which_and_the_same_again_goes_on() {
    let account = Account::with_team();
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Action":"bedrock:ListFoundationModels","Resource":"*"}]}"#;
    account.world.write("policy.json", text);
    account
        .weir(&["policy", "create", "looks-#", "policy.json"])
        .ok();
    for (typed, action, subject) in REFUSED {
        let typed = account.words(typed, "ana-#");
        account.fault(action, subject);
        let stopped = account.run(&typed);
        assert_eq!(stopped.code, 1, "{typed:?}: {stopped:#?}");
        for word in [action, "AccessDenied", "the rights that"] {
            assert!(
                stopped.err.contains(word),
                "{typed:?}: {word}: {stopped:#?}"
            );
        }
        let again = account.run(&typed);
        assert_eq!(again.code, 0, "{typed:?}: {again:#?}");
    }
}

const ODD_USER: &str = "a+b=c,d.e@f_-";
const ODD_TEAM: &str = "t+u=v,w.x@y_-";
const ODD_PERSON: &str = "Seán Ó'Neill 👩";

/// Every verb, with names of all letters that IAM takes: `USER`, `TEAM`, `LOOKS` (a policy), `PERSON`.
const ODD: [&str; 38] = [
    "group create TEAM --profiles OPUS",
    "group setup TEAM --profiles OPUS --open batch",
    "group info TEAM",
    "group list",
    "user create USER PERSON TEAM --email o'neill@example.com",
    "user update USER --email sean.o'neill@example.com",
    "user create-key USER claude-code",
    // The second tool gets an IAM user of its own, of the same odd name.
    "user create-key USER cline --secret-file k.env",
    "user keys USER",
    "user info USER",
    "user disable-key USER KEY",
    "user enable-key USER KEY",
    "user bind-key USER KEY kiro",
    "user rotate-key USER KEY",
    "user revoke-key USER KEY",
    "policy create LOOKS --profiles OPUS",
    "policy create LOOKS --allow-models amazon.nova-pro-v1:0",
    "policy attach LOOKS --user USER",
    "policy attach LOOKS --team TEAM",
    "policy info LOOKS",
    "policy list",
    "policy detach LOOKS --user USER",
    "policy delete LOOKS",
    "provision USER --team TEAM --person PERSON --tool cline --quota requests/day=350",
    "provision USER.2 --team TEAM --person PERSON --tool cline",
    "provision --file people.csv",
    "sync",
    "sync --apply",
    "user import people.csv",
    "user link NUMBER/iam-user/USER.3 USER",
    "user set USER --email o'neill@example.com",
    "user show USER",
    "user list",
    "quota raise USER +50 --for 12h --reason asked",
    "quota show USER",
    "user delete USER",
    "user forget USER --reason asked",
    "group delete TEAM",
];

#[test]
fn names_of_all_that_iam_takes_go_through_every_verb() {
    let account = Account::alone();
    let people = format!("user;person;team\n{ODD_USER};=1+1;{ODD_TEAM}\n");
    account.world.write("people.csv", people);
    for line in ODD {
        let words = account.words(&format!("--yes {line}"), ODD_USER);
        let words: Vec<_> = words
            .iter()
            .map(|word| {
                word.replace("USER", ODD_USER)
                    .replace("TEAM", ODD_TEAM)
                    .replace("LOOKS", "p+q=r,s.t@u_-")
                    .replace("PERSON", ODD_PERSON)
            })
            .collect();
        let ran = account.run(&words);
        assert_eq!(ran.code, 0, "{words:?}: {ran:#?}");
        if line == "user info USER" {
            let info = ["--json", "user", "info", ODD_USER];
            let info = account.weir(&info).ok().json();
            assert_eq!(info["person"], ODD_PERSON);
            assert_eq!(info["keys"].as_array().unwrap().len(), 2, "{info}");
        }
    }
    account.weir(&["user", "show", ODD_USER]).ends(4);
}

#[test]
fn users_under_a_path_of_somebody_else_are_found_by_their_name() {
    let account = Account::with_team();
    iam(
        &account,
        "CreateUser",
        &[
            ("UserName", "eva-#"),
            ("Path", "/eng/ml/"),
            ("Tags.member.1.Key", "Person"),
            ("Tags.member.1.Value", "Eva"),
        ],
    );
    let info = account
        .weir(&["--json", "user", "info", "eva-#"])
        .ok()
        .json();
    let arn = info["iam_users"][0]["arn"].as_str().unwrap();
    assert!(arn.contains(":user/eng/ml/eva-"), "{info}");
    let shown = account.weir(&["--json", "sync"]).ok().json();
    let name = format!("eva-{}", account.id);
    assert!(shown.to_string().contains(&name), "{shown}");
    // It is taken into the team where it is, and not made a second time.
    let create = ["user", "create", "eva-#", "Eva", "sap-#"];
    let first = account.weir(&create).ok();
    assert!(!first.out.contains("make the user"), "{first:?}");
    account.weir(&create).ok().says(&["nothing to do"]);
    account.weir(&["--yes", "user", "delete", "eva-#"]).ok();
    account.weir(&["user", "info", "eva-#"]);
}

#[test]
fn a_file_of_people_that_stopped_goes_on_and_makes_nothing_twice() {
    let account = Account::with_team();
    let csv = "user;person;team;tools\n\
               p1-#;One;sap-#;cline\n\
               p2-#;Two;sap-#;cline\n\
               p3-#;Three;sap-#;cline\n";
    account
        .world
        .write("people.csv", csv.replace('#', &account.id));
    account.fault("CreateServiceSpecificCredential", "p2-#");
    let provision = ["--json", "provision", "--file", "people.csv"];
    let stopped = account.weir(&provision).ends(1).json();
    let states = |report: &Value| -> Vec<String> {
        let all = report.as_array().unwrap().iter();
        all.map(|one| one["steps"].to_string()).collect()
    };
    let first = states(&stopped);
    assert!(
        first[0].contains("done") && first[2].contains("done"),
        "{stopped}"
    );
    assert!(
        first[1].contains("failed") && first[1].contains("done"),
        "{stopped}"
    );
    let again = account.weir(&provision).ok().json();
    let again = states(&again);
    assert!(
        !again[0].contains("done") && !again[2].contains("done"),
        "{again:?}"
    );
    assert_eq!(
        again[1].matches("\"done\"").count(),
        1,
        "the key alone: {again:?}"
    );
    for user in ["p1-#", "p2-#", "p3-#"] {
        let keys = account.weir(&["--json", "user", "keys", user]).ok().json();
        assert_eq!(keys.as_array().unwrap().len(), 1, "{keys}");
    }
}

#[test]
fn what_is_not_there_ends_with_4_and_is_no_loss_to_delete() {
    let account = Account::with_team();
    account
        .weir(&["user", "create", "ana-#", "Ana", "sap-#"])
        .ok();
    let grant = ["policy", "create", "opus-#", "--profiles", OPUS];
    account.weir(&grant).ok();
    for typed in [
        "user info nobody-#",
        "user create-key nobody-# cline",
        "user create eva-# Eva nowhere-#",
        "user update ana-# --team nowhere-#",
        "user rotate-key ana-# ACCA1",
        "--yes user revoke-key ana-# ACCA1",
        "user enable-key ana-# ACCA1",
        "user disable-key ana-# ACCA1",
        "group setup nowhere-# --open batch",
        "policy attach opus-# --user nobody-#",
        "policy attach opus-# --team nowhere-#",
        "policy attach opus-# --role nothing-#",
        "user keys nobody-#",
        "group info nobody-#",
        "policy info nothing-#",
        "policy attach nothing-# --user ana-#",
    ] {
        let args: Vec<&str> = typed.split(' ').collect();
        let ran = account.weir(&args);
        assert_eq!(ran.code, 4, "{typed}: {ran:#?}");
    }
    for typed in [
        "--yes user delete nobody-#",
        "--yes group delete nobody-#",
        "--yes policy delete nothing-#",
    ] {
        let args: Vec<&str> = typed.split(' ').collect();
        account.weir(&args).ok().says(&["there is no"]);
    }
}

/// A call of somebody, in a file.
fn event_of(account: &Account, user: &str) {
    let event = String::from_utf8(crate::world::bytes("ct_invokemodel_iamuser.json")).unwrap();
    let event = event.replace("111122223333", "123456789012");
    let event = event.replace("ana.lopez", &user.replace('#', &account.id));
    account.world.write("event.json", event);
}

#[test]
fn whoever_called_before_is_told_of_and_moves_by_a_command() {
    let account = Account::with_team();
    event_of(&account, "ana-#");
    account.weir(&["ingest", "event.json", "--no-lookups"]).ok();
    let create = ["user", "create", "ana-#", "Ana", "sap-#"];
    let since = format!(
        "weir user set ana-{0} --team sap-{0} --since DATE",
        account.id
    );
    let said = ["has called before", "stay with the team unassigned", &since];
    account
        .weir(&[&create[..], &["--dry-run"]].concat())
        .ok()
        .says(&said);
    account.weir(&create).ok().says(&said);
    let again = account.weir(&create).ok();
    assert!(!again.err.contains("has called before"), "{again:?}");
}

#[test]
fn a_link_to_somebody_unknown_says_so_and_what_never_called_has_no_date() {
    let account = Account::with_team();
    let link = ["user", "link", "123456789012/iam-user/ana-#", "ann-#"];
    account.weir(&link).ok().says(&["has not been seen yet"]);
    let again = account.weir(&link).ok();
    assert!(!again.err.contains("has not been seen yet"), "{again:?}");
    let shown = account.weir(&["user", "show", "ann-#"]).ok();
    assert!(!shown.out.contains("1970"), "{shown:?}");
    let shown = account.weir(&["--json", "user", "show", "ann-#"]).ok();
    assert_eq!(shown.json()["principals"][0]["last_seen"], Value::Null);
}

#[test]
fn a_secret_in_a_document_is_printed_before_the_next_tool_is_begun() {
    let account = Account::with_team();
    let csv = "user;person;team;tools\np1-#;One;sap-#;cline kiro\np2-#;Two;sap-#;cline\n";
    account
        .world
        .write("people.csv", csv.replace('#', &account.id));
    // The second tool's IAM user is not made before the first line of the answer was read.
    let kiro = format!("p1-{}--kiro", account.id);
    let fault = json!([{ "action": "CreateUser", "user": kiro, "delay_ms": 3_600_000 }]);
    tell("/weir-test/faults", &fault.to_string());
    let provision = ["--json", "provision", "--file", "people.csv"];
    let mut command = account.command(&provision);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let secret = lines.find_map(|line| line.ok().filter(|line| line.contains("\"secret\"")));
    child.kill().unwrap();
    child.wait().unwrap();
    tell(&format!("/weir-test/land?user={kiro}"), "");
    assert!(secret.unwrap().contains("ABSK"));

    let secrets = |report: Value| -> Vec<String> {
        let people = report.as_array().unwrap().iter();
        let tools = |one: &Value| one["secrets"].as_array().map_or(0, Vec::len);
        people
            .map(|one| format!("{}: {}", one["user"].as_str().unwrap(), tools(one)))
            .collect()
    };
    let of = |first: u32, second: u32| {
        let id = &account.id;
        [format!("p1-{id}: {first}"), format!("p2-{id}: {second}")]
    };
    let rest = account.weir(&provision).ok().json();
    assert_eq!(secrets(rest), of(1, 1));
    let again = account.weir(&provision).ok().json();
    assert_eq!(secrets(again), of(0, 0));
}
