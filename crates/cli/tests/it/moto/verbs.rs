//! Each verb where a right is missing in the middle, where names are odd, and where users lie under other paths.

use serde_json::Value;

use super::{Account, OPUS};

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
        "provision ana-# --person Ann --team crm-# --email ana@example.com",
        "AddUserToGroup",
        "ana-#",
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
        let mut typed = typed.replace("OPUS", OPUS);
        if typed.contains("KEY") {
            let keys = account.weir(&["--json", "user", "keys", "ana-#"]);
            let keys = keys.ok().json();
            typed = typed.replace("KEY", keys[0]["key"].as_str().unwrap());
        }
        let args: Vec<&str> = typed.split(' ').collect();
        account.fault(action, subject);
        let stopped = account.weir(&args);
        assert_eq!(stopped.code, 1, "{typed}: {stopped:#?}");
        for word in [action, "AccessDenied", "the rights that"] {
            assert!(stopped.err.contains(word), "{typed}: {word}: {stopped:#?}");
        }
        let again = account.weir(&args);
        assert_eq!(again.code, 0, "{typed}: {again:#?}");
    }
}

#[test]
fn names_of_all_that_iam_takes_go_through_every_verb() {
    let account = Account::with_team();
    let ana = "a+b=c,d.e@f_-#";
    account
        .weir(&["user", "create", ana, "Seán Ó'Neill 👩", "sap-#"])
        .ok();
    let key = ["--json", "user", "create-key", ana, "claude-code"];
    let key = account.weir(&key).ok().json();
    let key = key["secrets"][0]["id"].as_str().unwrap().to_owned();
    // The second tool gets an IAM user of its own, of the same odd name.
    account
        .weir(&["user", "create-key", ana, "cline", "--secret-file", "k.env"])
        .ok();
    let info = account.weir(&["--json", "user", "info", ana]).ok().json();
    assert_eq!(info["person"], "Seán Ó'Neill 👩");
    assert_eq!(info["keys"].as_array().unwrap().len(), 2, "{info}");
    account.weir(&["user", "disable-key", ana, &key]).ok();
    let csv = "user;person;team\na+b=c,d.e@f_-#;=1+1;sap-#\n".replace('#', &account.id);
    account.world.write("people.csv", csv);
    account.weir(&["user", "import", "people.csv"]).ok();
    account.weir(&["user", "list"]).ok();
    account
        .weir(&["user", "set", ana, "--email", "o'neill@example.com"])
        .ok();
    account.weir(&["--yes", "user", "delete", ana]).ok();
    let forget = ["--yes", "user", "forget", ana, "--reason", "request 1"];
    account.weir(&forget).ok();
    account.weir(&["user", "show", ana]).ends(4);
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
    for typed in [
        "user info nobody-#",
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
