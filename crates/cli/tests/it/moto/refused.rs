//! What a verb says that may not do a part of its work, and that the same again does the rest.

use expect_test::expect;
use serde_json::json;

use super::{Account, OPUS, refusing_account, role_in, tell};

/// A text that no policy of another test has.
fn policy(account: &Account, file: &str, action: &str) {
    let text = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": action, "Resource": "*"}]});
    account.world.write(file, text.to_string());
}

/// A call that is about no user, group or policy that there is: about the account.
fn refuse(account: &Account, action: &str) {
    let fault = json!([{"action": action, "user": account.number, "error": "AccessDenied"}]);
    tell("/weir-test/faults", &fault.to_string());
}

#[test]
fn a_policy_that_may_not_be_made_is_made_by_the_same_again() {
    let account = Account::alone();
    policy(&account, "policy.json", "bedrock:ListFoundationModels");
    let create = ["policy", "create", "looks", "policy.json"];
    refuse(&account, "CreatePolicy");
    let refused = account.weir(&create).ends(1);
    account.check(
        &refused,
        &expect![[r"
            STATE   STEP
            failed  make the policy looks
        "]],
    );
    refused.says(&[
        "CreatePolicy",
        "AccessDenied",
        "`weir provision --print-policy` shows the rights that are needed",
        "run the same again to go on",
    ]);
    account.weir(&["policy", "info", "looks"]).ends(4);
    account.weir(&create).ok();
    account.weir(&create).ok().says(&["nothing to do"]);
}

#[test]
fn a_version_that_may_not_be_made_leaves_the_policy_as_it_was() {
    let account = Account::alone();
    let actions = [
        "Get*",
        "List*",
        "GetFoundationModel",
        "ListFoundationModels",
        "ListImportedModels",
        "ListTagsForResource",
    ];
    let arn = format!("arn:aws:iam::{}:policy/weir/access/looks", account.number);
    let create = ["policy", "create", "looks", "policy.json"];
    let create = [&["--yes"], &create[..]].concat();
    for action in &actions[..5] {
        policy(&account, "policy.json", &format!("bedrock:{action}"));
        account.weir(&create).ok();
    }
    // IAM keeps five versions: the oldest makes room for the sixth.
    policy(&account, "policy.json", &format!("bedrock:{}", actions[5]));
    let fault = json!([{"action": "CreatePolicyVersion", "user": arn, "error": "AccessDenied"}]);
    tell("/weir-test/faults", &fault.to_string());
    let refused = account.weir(&create).ends(1);
    account.check(
        &refused,
        &expect![[r"
            STATE   STEP
            done    delete the version v1 of the policy looks
            failed  make another version of the policy looks the one in force
        "]],
    );
    refused.says(&["CreatePolicyVersion", "AccessDenied", "run the same again"]);
    let info = account
        .weir(&["--json", "policy", "info", "looks"])
        .ok()
        .json();
    assert_eq!(info["in_force"], "v5", "{info}");
    account.weir(&create).ok();
    let info = account
        .weir(&["--json", "policy", "info", "looks"])
        .ok()
        .json();
    assert_eq!(info["in_force"], "v6", "{info}");
}

#[test]
fn a_group_that_may_not_be_made_or_written_is_finished_by_the_same_again() {
    let account = Account::alone();
    let create = ["group", "create", "crm", "--profiles", OPUS];
    for (action, left) in [("CreateGroup", 2), ("PutGroupPolicy", 1)] {
        let fault = json!([{"action": action, "user": "team_crm_group", "error": "AccessDenied"}]);
        tell("/weir-test/faults", &fault.to_string());
        let refused = account.weir(&create).ends(1);
        let steps = refused.out.lines();
        let undone = steps.filter(|line| line.starts_with("failed") || line.starts_with("left"));
        assert_eq!(undone.count(), left, "{refused:?}");
        refused.says(&[
            action,
            "AccessDenied",
            "weir provision --print-policy",
            "run the same again",
        ]);
    }
    account.weir(&create).ok();
    account.weir(&create).ok().says(&["nothing to do"]);
}

#[test]
fn the_policy_that_denies_is_made_by_whoever_may() {
    let account = Account::alone();
    refuse(&account, "CreatePolicy");
    let refused = account.weir(&["enforce", "setup"]).ends(1);
    assert_eq!(refused.out, "");
    refused.says(&[
        "CreatePolicy WeirBlock",
        "AccessDenied",
        "`weir enforce setup --print` shows the rights that are needed",
    ]);
    let setup = ["enforce", "setup"];
    let dry = [&setup[..], &["--dry-run"]].concat();
    for _ in 0..2 {
        let plan = account.weir(&dry).ok();
        assert!(plan.out.ends_with(":policy/weir/WeirBlock would be made\n"));
    }
    let made = account.weir(&setup).ok();
    assert!(made.out.contains(":policy/weir/WeirBlock made"), "{made:?}");
    let plan = account.weir(&dry).ok();
    assert!(plan.out.contains("is as it should be"), "{plan:?}");
    let again = account.weir(&["enforce", "setup"]).ok();
    assert!(again.out.contains("is as it should be"), "{again:?}");
}

#[test]
fn a_look_at_iam_without_a_right_changes_nothing_and_says_which() {
    let account = Account::alone();
    account
        .weir(&["group", "create", "sap", "--profiles", OPUS])
        .ok();
    let users = json!({"account": account.number, "users": ["ana"], "group": "team_sap_group",
        "tags": [{"Key": "Person", "Value": "Ana"}]});
    tell("/weir-test/users", &users.to_string());
    for (action, subject) in [
        // Users, tags and groups are one call.
        ("GetAccountAuthorizationDetails", account.number.as_str()),
        ("ListAccessKeys", "ana"),
        ("ListServiceSpecificCredentials", "ana"),
    ] {
        let fault = json!([{"action": action, "user": subject, "error": "AccessDenied"}]);
        tell("/weir-test/faults", &fault.to_string());
        let refused = account.weir(&["--yes", "sync", "--apply"]).ends(1);
        assert_eq!(refused.out, "", "{action}");
        refused.says(&[action, "AccessDenied", "the rights that each needs"]);
        account.weir(&["user", "show", "ana"]).ends(4);
    }
    account.weir(&["--yes", "sync", "--apply"]).ok();
    account.weir(&["user", "show", "ana"]).ok();
    account
        .weir(&["sync"])
        .ok()
        .says(&["Weir knows what IAM says"]);
}

#[test]
fn what_would_be_released_is_shown_before_it_is() {
    let account = Account::alone();
    let nothing = account.weir(&["enforce", "release-all"]).ok();
    nothing.says(&["nothing of ours is left: Weir denies nobody in AWS"]);
    account.weir(&["enforce", "setup"]).ok();
    let arn = format!("arn:aws:iam::{}:policy/weir/WeirBlock", account.number);
    let users = json!({"account": account.number, "users": ["ana", "ben"], "policy": arn});
    tell("/weir-test/users", &users.to_string());
    let shown = account.weir(&["enforce", "release-all", "--dry-run"]).ok();
    let expected = ["ana", "ben"]
        .map(|user| format!("{}/iam-user/{user}: would be released\n", account.number));
    assert_eq!(shown.out, expected.concat());
    let asked = account.weir(&["enforce", "release-all"]).ends(5);
    asked.says(&["would release", "iam-user/ben", "--yes"]);
    let done = account.weir(&["--yes", "enforce", "release-all"]).ok();
    assert_eq!(done.out.matches(": released").count(), 2, "{done:?}");
    account
        .weir(&["enforce", "release-all"])
        .ok()
        .says(&["nothing of ours is left"]);
}

#[test]
fn an_account_that_cannot_be_looked_at_keeps_no_other_from_being_released() {
    let account = Account::alone();
    account.weir(&["enforce", "setup"]).ok();
    let arn = format!("arn:aws:iam::{}:policy/weir/WeirBlock", account.number);
    let users = json!({"account": account.number, "users": ["ana"], "policy": arn});
    tell("/weir-test/users", &users.to_string());
    let other = refusing_account();
    account.world.write("weir.toml", role_in(&other));
    let unread = ["not looked at", &other, "let the trust policy of"];
    let shown = account.weir(&["enforce", "release-all", "--dry-run"]);
    assert!(shown.out.contains("iam-user/ana: would be released"));
    shown.ends(1).says(&unread);
    let done = account.weir(&["--yes", "enforce", "release-all"]);
    assert!(done.out.contains("iam-user/ana: released"));
    done.ends(1).says(&unread);
    let nothing = account.weir(&["enforce", "release-all"]).ends(1);
    nothing.says(&["nothing of ours is left where it was looked"]);
}
