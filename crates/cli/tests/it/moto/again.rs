//! Each verb a second time: it does nothing, or says exactly what is there or gone.

use super::{Account, OPUS};

/// What is typed (`KEY`: the first key of ana), how the same ends when typed again, and what it says then.
const TWICE: [(&str, i32, &str); 19] = [
    ("group create sap --profiles OPUS", 0, "nothing to do"),
    (
        "group setup sap --profiles OPUS --open batch",
        0,
        "nothing to do",
    ),
    ("user create ana Ana sap", 0, "nothing to do"),
    ("user update ana --person Ann", 0, "nothing to do"),
    // Never replaces a key: the first is named.
    ("user create-key ana cline", 0, "shown once"),
    ("user disable-key ana KEY", 0, "nothing to do"),
    ("user enable-key ana KEY", 0, "nothing to do"),
    ("user bind-key ana KEY kiro", 0, "nothing to do"),
    ("user link NUMBER/iam-user/cai ana", 0, "count for `ana`"),
    ("policy create looks --profiles OPUS", 0, "nothing to do"),
    ("policy attach looks --user ana", 0, "nothing to do"),
    ("policy detach looks --user ana", 0, "nothing to do"),
    ("policy delete looks", 0, "nothing to do"),
    (
        "provision ben --team sap --person Ben --tool cline",
        0,
        "nothing to do",
    ),
    ("sync --apply", 0, "Weir knows what IAM says"),
    ("user revoke-key ana KEY", 4, "has no key"),
    ("user delete ben", 0, "nothing to do"),
    ("user forget ben --reason asked", 4, "ben"),
    ("user delete ana", 0, "nothing to do"),
];

#[test]
fn the_second_run_of_each_verb_changes_nothing_and_says_so() {
    let account = Account::alone();
    let mut wrong = Vec::new();
    for (typed, code, word) in TWICE {
        let typed = account.words(&format!("--yes {typed}"), "ana");
        let first = account.run(&typed);
        let again = account.run(&typed);
        if first.code != 0 || again.code != code || !again.err.contains(word) {
            wrong.push((typed, first, again));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What only looks.
const LOOKS: [&str; 12] = [
    "group list",
    "group info sap",
    "policy list",
    "policy info looks",
    "user list",
    "user show ana",
    "user info ana",
    "user keys ana",
    "quota list",
    "quota show ana",
    "quota suggest",
    "sync",
];

#[test]
fn what_only_looks_says_the_same_again() {
    let account = Account::alone();
    for typed in [
        "group create sap --profiles OPUS",
        "user create ana Ana sap",
        "user create-key ana cline",
        "policy create looks --profiles OPUS",
    ] {
        account.run(&account.words(typed, "ana")).ok();
    }
    for typed in LOOKS {
        let typed = account.words(typed, "ana");
        let first = account.run(&typed).ok();
        let again = account.run(&typed).ok();
        assert_eq!((first.out, first.err), (again.out, again.err), "{typed:?}");
    }
}

#[test]
fn lists_and_what_is_bound_say_which_right_is_missing() {
    let account = Account::alone();
    let setup = ["group", "create", "sap", "--profiles", OPUS];
    account.weir(&setup).ok();
    account.weir(&["user", "create", "ana", "Ana", "sap"]).ok();
    let number = account.number.as_str();
    for (typed, action, subject) in [
        ("group list", "ListGroups", number),
        ("policy list", "ListPolicies", number),
        (
            "user bind-key ana ACCAX cline",
            "ListServiceSpecificCredentials",
            "ana",
        ),
    ] {
        account.fault(action, subject);
        let args: Vec<&str> = typed.split(' ').collect();
        account
            .weir(&args)
            .ends(1)
            .says(&[action, "AccessDenied", "the rights that"]);
    }
    account.weir(&["group", "list"]).ok();
    account.weir(&["policy", "list"]).ok();
}

#[test]
fn each_secret_of_one_person_is_printed_before_the_next_tool_is_begun() {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;
    let account = Account::with_team();
    // The second tool's IAM user is not made before the first line of the answer was read.
    let fault = format!(
        r#"[{{"action":"CreateUser","user":"ana-{}--kiro","delay_ms":3600000}}]"#,
        account.id
    );
    super::tell("/weir-test/faults", &fault);
    let person = [
        "--json",
        "provision",
        "ana-#",
        "--team",
        "sap-#",
        "--person",
        "Ana",
    ];
    let person = [&person[..], &["--tool", "cline,kiro"]].concat();
    let mut child = account
        .command(&person)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let secret = lines.find_map(|line| line.ok().filter(|line| line.contains("\"secret\"")));
    child.kill().unwrap();
    child.wait().unwrap();
    super::tell(
        &format!("/weir-test/land?user=ana-{}--kiro", account.id),
        "",
    );
    assert!(secret.unwrap().contains("ABSK"));

    let rest = account.weir(&person).ok().json();
    assert_eq!(rest["secrets"].as_array().unwrap().len(), 1, "{rest}");
    assert!(rest["steps"].as_array().unwrap().len() > 2, "{rest}");
    let again = account.weir(&person).ok().json();
    assert_eq!(again["secrets"], serde_json::Value::Null, "{again}");
}
