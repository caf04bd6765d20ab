//! What is asked before somebody loses something, and what is said of it.

use serde_json::json;

use super::{Account, OPUS};

#[test]
fn a_team_is_left_and_a_policy_replaced_after_a_yes_only() {
    let account = Account::with_team();
    let create = ["group", "create", "crm-#", "--profiles", OPUS];
    account.weir(&create).ok();
    account
        .weir(&["user", "create", "ana-#", "Ana", "sap-#"])
        .ok();
    let update = ["user", "update", "ana-#", "--team", "crm-#"];
    let asked = account.weir(&update).ends(5);
    let left = format!(
        "take ana-{0} out of the group team_sap-{0}_group",
        account.id
    );
    asked.says(&[&left, "nothing was changed", "--yes"]);
    account
        .weir(&["user", "update", "ana-#", "--person", "Ann"])
        .ok();
    account.weir(&[&["--yes"], &update[..]].concat()).ok();

    let text = |action: &str| {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": action, "Resource": "*"}]})
        .to_string()
    };
    let create = ["policy", "create", "looks-#", "policy.json"];
    let path = "policy.json";
    account
        .world
        .write(path, text("bedrock:ListFoundationModels"));
    account.weir(&create).ok();
    account.weir(&create).ok().says(&["nothing to do"]);
    account
        .world
        .write(path, text("bedrock:ListImportedModels"));
    account.weir(&create).ends(5).says(&["nothing was changed"]);
    let info = ["--json", "policy", "info", "looks-#"];
    assert_eq!(account.weir(&info).ok().json()["in_force"], "v1");
    account.weir(&[&["--yes"], &create[..]].concat()).ok();
    assert_eq!(account.weir(&info).ok().json()["in_force"], "v2");
}

#[expect(
    clippy::disallowed_methods,
    reason = "the binary has the clock of the machine"
)]
fn just_now() -> String {
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(1);
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A call of somebody a moment ago, counted.
fn called(account: &Account, user: &str) {
    let event = String::from_utf8(crate::world::bytes("ct_invokemodel_iamuser.json")).unwrap();
    let mut event: serde_json::Value = serde_json::from_str(&event).unwrap();
    event["detail"]["eventTime"] = just_now().into();
    event["detail"]["requestID"] = format!("r-{user}").into();
    let event = event.to_string().replace("111122223333", "123456789012");
    account
        .world
        .write("event.json", event.replace("ana.lopez", user));
    account.weir(&["ingest", "event.json", "--no-lookups"]).ok();
}

#[test]
fn whom_the_quotas_of_new_people_would_block_is_asked_for() {
    let account = Account::with_team();
    let [ana, ben] = ["ana", "ben"].map(|name| format!("{name}-{}", account.id));
    called(&account, &ana);
    called(&account, &ben);
    let blocks = format!("would be blocked: {ana}");
    let person = ["provision", "ana-#", "--team", "sap-#", "--person", "Ana"];
    let person = [&person[..], &["--quota", "requests/month=1"]].concat();
    account
        .weir(&[&person[..], &["--dry-run"]].concat())
        .ok()
        .says(&[&blocks]);
    account
        .weir(&person)
        .ends(5)
        .says(&[&blocks, "nothing was changed"]);
    let info = ["--json", "user", "info", "ana-#"];
    assert_eq!(account.weir(&info).ok().json()["iam_users"], json!([]));
    let more = person.join(" ").replace("month=1", "month=5");
    let more: Vec<&str> = more.split(' ').collect();
    account.weir(&more).ok();

    let csv = format!(
        "user,person,team,quotas\n{ben},Ben,sap-{},requests/month=1\n",
        account.id
    );
    account.world.write("people.csv", csv);
    let file = ["provision", "--file", "people.csv"];
    let blocks = format!("would be blocked: {ben}");
    account.weir(&file).ends(5).says(&[&blocks]);
    account.weir(&[&["--yes"], &file[..]].concat()).ok();
    let blocked = account.weir(&["--json", "blocks"]).ok();
    assert!(blocked.out.contains(&ben), "{blocked:?}");
    assert!(!blocked.out.contains(&ana), "{blocked:?}");
}
