//! People from files, and limits from history: what needs no AWS.

use serde_json::json;

use crate::world::World;

const CALL: [&str; 1] = ["ct_invokemodel_iamuser.json"];
const LATER: [&str; 2] = ["--as-of", "2026-11-22T10:00:00Z"];

#[test]
fn people_are_imported_from_a_file_once() {
    let world = World::with(&CALL);
    let text = "user,person,team,email\nana.lopez,Ana López,SAP,ana@example.com\nben,Ben,,\n";
    world.write("people.csv", text);
    let import = ["user", "import", "people.csv"];
    let dry = world.at(&[&import[..], &["--dry-run"]].concat()).ok();
    assert!(
        dry.out.contains("ana.lopez  team    -       sap"),
        "{}",
        dry.out
    );
    dry.says(&["nothing was changed"]);
    world.at(&import).ok().says(&["2 users are set"]);
    let show = ["--json", "user", "show", "ana.lopez"];
    let user = world.at(&show).ok().json();
    assert_eq!(user["team"], "sap");
    assert_eq!(user["person"], "Ana López");
    world.at(&import).ok().says(&["Weir knows all of it"]);
}

#[test]
fn the_past_moves_only_when_somebody_says_so() {
    let world = World::with(&CALL);
    world.write("people.csv", "user,team\nana.lopez,data\n");
    let import = ["user", "import", "people.csv", "--since", "2026-11-01"];
    let asked = world.at(&import).ends(5);
    asked.says(&["1 of them", "to data", "--yes"]);
    world.at(&[&["--yes"], &import[..]].concat()).ok();
    let usage = ["--json", "usage", "--by", "team", "--from", "2026-11-01"];
    let usage = world.at(&usage).ok().json();
    assert!(usage.to_string().contains("data"), "{usage}");
}

#[test]
fn a_file_that_is_wrong_changes_nothing_and_names_the_line() {
    let world = World::new();
    for (text, words) in [
        ("name\nana\n", "no column `name`"),
        ("user,email\nana,nobody\n", "line 2"),
        ("user,class\nana,robot\n", "line 2"),
        ("user,team\nana,a\nana,b\n", "line 3: ana comes twice"),
    ] {
        world.write("people.csv", text);
        let ran = world.at(&["user", "import", "people.csv"]).ends(2);
        ran.says(&[words]);
    }
    let missing = world.at(&["user", "import", "missing.csv"]).ends(1);
    missing.says(&["missing.csv"]);
}

#[test]
fn limits_are_proposed_and_tried_on_what_was_recorded() {
    let world = World::with(&CALL);
    let later = |args: &[&str]| world.weir(&[&LATER[..], args].concat()).ok();
    let suggested = later(&["--json", "quota", "suggest"]).json();
    let first = &suggested[0];
    assert_eq!(
        (&first["metric"], &first["users"]),
        (&json!("requests"), &json!(1))
    );
    assert_eq!(first["proposed_day"], "10");
    let text = later(&["quota", "suggest"]);
    let proposal = "weir quota try defaults requests day '10'";
    assert!(text.out.contains(proposal), "{}", text.out);
    let tried = [
        "--json",
        "quota",
        "try",
        "user:ana.lopez",
        "requests",
        "day",
        "1",
    ];
    let tried = later(&tried).json();
    assert_eq!(tried["invocations"], 1);
    let events = tried["events"].as_array().unwrap();
    assert_eq!(events.last().unwrap()["what"], "blocked");
    let blocks = world.at(&["--json", "blocks"]).ok().json();
    assert_eq!(blocks, json!([]), "nothing was changed");
}

#[test]
fn the_rights_of_an_operator_are_printed_without_credentials() {
    let world = World::new();
    let ran = world.weir(&["provision", "--print-policy"]).ok();
    assert_eq!(ran.json()["Version"], "2012-10-17");
    let users = "arn:aws:iam::*:user/weir/*";
    assert!(ran.out.contains(users), "{}", ran.out);
    let create = world.weir(&["group", "create", "sap"]).ends(1);
    create.says(&["no AWS credentials"]);
}

#[test]
fn a_link_says_whom_it_would_deny_or_release_and_asks() {
    let world = World::with(&CALL);
    let block = ["block", "ana.lopez", "--reason", "a test", "--force"];
    world.at(&block).ok();
    let link = ["user", "link", "111122223333/iam-user/eva", "ana.lopez"];
    let denied = "iam-user/eva would be denied: `ana.lopez` is blocked";
    let dry = [&link[..], &["--dry-run"]].concat();
    world.at(&dry).ok().says(&[denied, "nothing was changed"]);
    world.at(&link).ends(5).says(&[denied, "--yes"]);
    let linked = |user: &str| {
        let shown = world.at(&["--json", "user", "show", user]);
        shown.out.contains("eva")
    };
    assert!(!linked("ana.lopez"));
    world.at(&[&["--yes"], &link[..]].concat()).ok();
    assert!(linked("ana.lopez"));
    let back = ["user", "link", "111122223333/iam-user/eva", "ben"];
    let released = "iam-user/eva would be released: it is denied as `ana.lopez`";
    world.at(&back).ok().says(&[released]);
    assert!(!linked("ana.lopez"));
}

#[test]
fn a_link_says_which_models_and_tools_it_would_deny_or_give_back() {
    let world = World::with(&CALL);
    let human = ["user", "set", "ana.lopez", "--class", "human"];
    world.at(&human).ok();
    for scope in [
        "model:anthropic.claude-haiku-4-5-20251001-v1:0",
        "tool:boto3",
    ] {
        let quota = ["--yes", "quota", "set", scope, "requests", "day", "0"];
        world.at(&quota).ok();
    }
    let blocks = world.at(&["--json", "blocks"]).ok().json();
    let parts: Vec<_> = blocks.as_array().unwrap().iter().collect();
    assert!(!parts.is_empty(), "{blocks}");
    let link = ["user", "link", "111122223333/iam-user/eva", "ana.lopez"];
    let dry = [&link[..], &["--dry-run"]].concat();
    let denied = "iam-user/eva would be denied, as `ana.lopez` is: ";
    world.at(&dry).ok().says(&[denied, "nothing was changed"]);
    world.at(&link).ends(5).says(&[denied, "--yes"]);
    world.at(&[&["--yes"], &link[..]].concat()).ok();
    let back = [
        "user",
        "link",
        "111122223333/iam-user/eva",
        "ben",
        "--dry-run",
    ];
    let given = "would be given back what `ana.lopez` is denied: ";
    world.at(&back).ok().says(&[given]);
}

#[test]
fn a_link_to_somebody_whose_team_is_blocked_says_so() {
    let world = World::with(&CALL);
    let said = [
        "user",
        "set",
        "ana.lopez",
        "--class",
        "human",
        "--team",
        "sap",
    ];
    world.at(&said).ok();
    let event = [
        "--yes", "quota", "set", "team:sap", "requests", "month", "0",
    ];
    world.at(&event).ok();
    let status = world.at(&["--json", "status", "ana.lopez"]).ok().json();
    assert!(
        status["reasons"].to_string().contains("team sap"),
        "{status}"
    );
    let link = [
        "user",
        "link",
        "111122223333/iam-user/eva",
        "ana.lopez",
        "--dry-run",
    ];
    let denied = "iam-user/eva would be denied: `ana.lopez` is blocked";
    world.at(&link).ok().says(&[denied]);
}
