//! Whoever has not called yet, and is denied all the same.

use serde_json::Value;

use super::{Account, OPUS};
use crate::world::Ran;

/// Whether an IAM user, or one of a tool's, has the Deny attached.
fn denied(account: &Account, user: &str) -> Vec<String> {
    let info = account.weir(&["--json", "user", "info", user]).ok().json();
    let has_it = |one: &&Value| one["policies"].to_string().contains("WeirBlock");
    let denied = info["iam_users"].as_array().unwrap().iter().filter(has_it);
    let mut names: Vec<_> = denied.map(|one| text(&one["name"], account)).collect();
    names.sort();
    names
}

/// From here on blocks are Denies in AWS.
fn denies(account: &Account, database: &[&str]) {
    account
        .weir(&[database, &["enforce", "setup"]].concat())
        .ok();
    let mode = ["--yes", "enforce", "mode", "iam"];
    account.weir(&[database, &mode].concat()).ok();
}

fn text(value: &Value, account: &Account) -> String {
    value.as_str().unwrap().replace(&account.id, "#")
}

#[test]
fn whoever_was_provisioned_can_be_tried_and_denied_with_every_tool() {
    let account = Account::with_team();
    let person = ["provision", "zoe-#", "--team", "sap-#", "--person", "Zoe"];
    let tools = ["--tool", "cline,kiro"];
    account.weir(&[&person[..], &tools].concat()).ok();
    denies(&account, &[]);
    let both = ["zoe-#", "zoe-#--kiro"];

    let check = ["--yes", "--json", "enforce", "check", "zoe-#"];
    let tried = account.weir(&check).ok().json();
    let targets = tried.as_array().unwrap().iter();
    let targets: Vec<_> = targets
        .map(|line| text(&line["target"], &account))
        .collect();
    assert_eq!(
        targets,
        both.map(|name| format!("123456789012/iam-user/{name}"))
    );

    let none: [&str; 0] = [];
    assert_eq!(denied(&account, "zoe-#"), none);
    account.weir(&["block", "zoe-#", "--reason", "leaves"]).ok();
    assert_eq!(denied(&account, "zoe-#"), both);
    account
        .weir(&["unblock", "zoe-#", "--reason", "stays"])
        .ok();
    assert_eq!(denied(&account, "zoe-#"), none);
}

/// An account with eva, who has a key.
fn with_eva() -> Account {
    let account = Account::alone();
    account
        .weir(&["group", "create", "sap", "--profiles", OPUS])
        .ok();
    account.weir(&["user", "create", "eva", "Eva", "sap"]).ok();
    account.weir(&["user", "create-key", "eva", "cline"]).ok();
    account
}

/// Runs the binary over a database that knows nothing of what was made.
fn elsewhere(account: &Account, args: &[&str]) -> Ran {
    let args = [&["--database", "sqlite:other.db"], args].concat();
    account.weir(&args).ok()
}

#[test]
fn whoever_is_read_from_iam_is_denied_before_the_first_call() {
    let account = with_eva();
    let other = |args: &[&str]| elsewhere(&account, args);
    other(&["--yes", "sync", "--apply"]);
    denies(&account, &["--database", "sqlite:other.db"]);
    other(&["block", "eva", "--reason", "not yet"]);
    assert_eq!(denied(&account, "eva"), ["eva"]);
}

#[test]
fn a_key_that_was_made_elsewhere_is_bound_to_its_tool_and_makes_no_other_necessary() {
    let account = with_eva();
    let other = |args: &[&str]| elsewhere(&account, args);
    let keys = account.weir(&["--json", "user", "keys", "eva"]).ok().json();
    let key = keys[0]["key"].as_str().unwrap();
    let remedy = format!("weir user bind-key eva {key} TOOL");
    other(&["--yes", "sync", "--apply"]).says(&["nobody knows the tool", &remedy]);

    let bind = ["user", "bind-key", "eva", key, "cline"];
    let plan = other(&[&bind[..], &["--dry-run"]].concat());
    assert!(plan.out.contains("would"), "{plan:?}");
    other(&bind);
    let again = other(&bind);
    assert!(again.out.contains("exists"), "{again:?}");
    let bound = other(&["--json", "user", "keys", "eva"]).json();
    assert_eq!(bound[0]["tool"], "cline");

    let synced = other(&["sync"]);
    assert!(!synced.err.contains("nobody knows"), "{synced:?}");
    let person = ["provision", "eva", "--team", "sap", "--person", "Eva"];
    let all = other(&[&person[..], &["--tool", "cline"]].concat());
    let had = format!("a key of eva for cline ({key})");
    assert!(all.out.contains(&had), "{all:?}");
}
