//! `weir user`, `db`, `doctor`, `enforce`, `pricing list`.

use serde_json::json;

use crate::world::World;

const CALL: [&str; 1] = ["ct_invokemodel_iamuser.json"];

#[test]
fn users_appear_with_their_first_call_and_keep_what_is_said() {
    let world = World::with(&CALL);
    let said = [
        "--team",
        "team_data_group",
        "--person",
        "Ana López",
        "--email",
        "ana@example.com",
    ];
    world
        .at(&[&["user", "set", "ana.lopez"], &said[..]].concat())
        .ok();
    world
        .at(&[
            "user",
            "set",
            "ana.lopez",
            "--language",
            "en",
            "--class",
            "human",
        ])
        .ok();
    let user = world
        .at(&["--json", "user", "show", "ana.lopez"])
        .ok()
        .json();
    for (key, value) in [
        ("user_id", json!("ana.lopez")),
        ("team", json!("data")),
        ("person", json!("Ana López")),
        ("email", json!("ana@example.com")),
        ("language", json!("en")),
        ("class", json!("human")),
    ] {
        assert_eq!(user[key], value, "{key}");
    }
    assert_eq!(
        user["principals"][0]["principal"],
        "111122223333/iam-user/ana.lopez"
    );
    let list = world
        .at(&["--json", "user", "list", "--team", "data"])
        .ok()
        .json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    world
        .at(&["user", "set", "ana.lopez", "--email", "nobody"])
        .ends(2);
}

#[test]
fn the_past_changes_only_where_somebody_says_since_when() {
    let world = World::with(&CALL);
    let teams = || {
        let rows = world.at(&["--json", "usage", "--by", "team"]).ok().json();
        let rows = rows.as_array().unwrap().clone();
        let counted = rows.iter().filter(|row| row["requests"] == 1);
        counted.map(|row| row["team"].clone()).collect::<Vec<_>>()
    };
    let set = |more: &[&str]| {
        let words = ["user", "set", "ana.lopez", "--team", "data"];
        world.at(&[&more[..1], &words[..], &more[1..]].concat())
    };
    set(&["--json"]).ok();
    assert_eq!(teams(), [json!("unassigned")]);
    let since = ["--since", "2026-11-01"];
    let foreseen = set(&["--json", since[0], since[1], "--dry-run"])
        .ok()
        .json();
    assert_eq!(
        (&foreseen["invocations"], &foreseen["changed"]),
        (&json!(1), &json!(null))
    );
    let moves = &foreseen["moves"][0];
    assert_eq!(
        (&moves["from"], &moves["to"], &moves["invocations"]),
        (&json!("unassigned"), &json!("data"), &json!(1))
    );
    assert!(moves["cost_usd"].is_string());
    // Nobody is there to say yes.
    set(&["--json", since[0], since[1]])
        .ends(5)
        .says(&["move from team unassigned to data", "--yes"]);
    assert_eq!(teams(), [json!("unassigned")]);
    let done = world.at(&[
        "--yes",
        "--json",
        "user",
        "set",
        "ana.lopez",
        "--team",
        "data",
        since[0],
        since[1],
    ]);
    assert_eq!(done.ok().json()["changed"], 1);
    assert_eq!(teams(), [json!("data")]);
    let audit = world.at(&["audit", "list"]).ok().out;
    assert!(audit.contains("user-reattribute"), "{audit}");
    world
        .at(&[
            "user",
            "set",
            "ana.lopez",
            "--language",
            "es",
            since[0],
            since[1],
        ])
        .ends(2);
    world
        .at(&["user", "set", "ana.lopez", "--team", "data", "--dry-run"])
        .ends(2);
}

#[test]
fn linked_identities_are_one_user() {
    let world = World::with(&CALL);
    for principal in [
        "arn:aws:iam::111122223333:user/eng/ml/bob",
        "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_X_01/Ana@example.com",
        "111122223333/role/app-backend-role",
    ] {
        world.at(&["user", "link", principal, "ana.lopez"]).ok();
    }
    let path = crate::world::fixture("ct_throttling.json");
    world.at(&["ingest", path.to_str().unwrap()]).ok();
    let rows = world.at(&["--json", "usage", "--by", "user"]).ok().json();
    assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
    assert_eq!(
        (&rows[0]["user"], &rows[0]["failed"]),
        (&json!("ana.lopez"), &json!(1))
    );
}

#[test]
fn another_identity_under_a_known_name_waits_to_be_confirmed() {
    let world = World::with(&CALL);
    let call = String::from_utf8(crate::world::bytes(CALL[0])).unwrap();
    let mut event: serde_json::Value = serde_json::from_str(&call).unwrap();
    let place = if event.get("detail").is_some() {
        "/detail"
    } else {
        ""
    };
    let mut set = |field: &str, value: &str| {
        *event.pointer_mut(&format!("{place}/{field}")).unwrap() = json!(value);
    };
    set("userIdentity/principalId", "AIDAMADEAGAIN");
    set("requestID", "0b7c9d1e-2f3a-4b5c-8d6e-0000000000aa");
    set("eventTime", "2026-11-20T09:45:00Z");
    world
        .pipe(&["ingest", "-"], event.to_string().as_bytes())
        .ok();
    let user = |name: &str| world.at(&["--json", "user", "show", name]).ok().json();
    let newcomer = "ana.lopez~AIDAMADEAGAIN";
    assert_eq!(user(newcomer)["unconfirmed"], "ana.lopez");
    assert_eq!(user("ana.lopez")["principals"], json!([]));
    world
        .at(&["user", "list"])
        .ok()
        .says(&["user confirm", newcomer]);
    world
        .at(&["user", "confirm", newcomer])
        .ok()
        .says(&["from now on"]);
    assert_eq!(user("ana.lopez")["principals"].as_array().unwrap().len(), 1);
    assert_eq!(user(newcomer)["unconfirmed"], json!(null));
    world
        .at(&["user", "confirm", "ana.lopez"])
        .ends(1)
        .says(&["weir doctor"]);
}

#[test]
fn the_database_says_what_it_is() {
    let world = World::with(&CALL);
    let status = world.at(&["--json", "db", "status"]).ok().json();
    assert_eq!(
        (&status["invocations"], &status["pending"]),
        (&json!(1), &json!([]))
    );
    assert_eq!(status["zone"], "Europe/Madrid");
    world.at(&["db", "migrate"]).ok().says(&["up to date"]);
}

#[test]
fn doctor_says_what_to_do() {
    let world = World::with(&CALL);
    let checks = world.at(&["--json", "doctor"]).ok().json();
    let check = |name: &str| {
        checks
            .as_array()
            .unwrap()
            .iter()
            .find(|check| check["name"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(check("database")["level"], "ok");
    assert_eq!(check("enforcement mode")["level"], "warn");
    assert!(check("AWS access")["remedy"].is_string());
    let table = world.at(&["doctor"]).ok();
    assert!(
        table.out.starts_with("CHECK") && !table.out.contains("IMDS"),
        "{table:#?}"
    );
    // Remedies stand below what they are for, so that a terminal shows all of it.
    let wide = table.out.lines().find(|line| line.chars().count() > 120);
    assert_eq!(wide, None);
    assert!(
        table
            .out
            .contains("\n                         → give Weir credentials"),
        "{}",
        table.out
    );
}

#[test]
fn without_credentials_aws_commands_say_so() {
    let world = World::with(&CALL);
    for args in [
        vec!["enforce", "setup"],
        vec!["reconcile"],
        vec!["--yes", "enforce", "release-all"],
    ] {
        world.at(&args).ends(1).says(&["credentials"]);
    }
    let policy = world.at(&["enforce", "setup", "--print"]).ok().json();
    assert_eq!(policy["Version"], "2012-10-17");
    assert_eq!(
        world.at(&["--json", "enforce", "status"]).ok().json(),
        json!([])
    );
    for held in [vec!["enforce", "held"], vec!["enforce", "held", "list"]] {
        let args = [vec!["--json"], held].concat();
        assert_eq!(world.at(&args).ok().json(), json!([]));
    }
    world
        .at(&["enforce", "held", "apply"])
        .ends(2)
        .says(&["WHOSE"]);
    assert_eq!(
        world.at(&["--json", "enforce", "mode"]).ok().json(),
        json!({ "in_force": "dry-run", "keeps": false, "configured": null })
    );
    world
        .at(&["enforce", "mode", "iam", "--release"])
        .ends(2)
        .says(&["leaving iam"]);
    world
        .at(&["enforce", "held", "discard", "team:sap"])
        .ends(4)
        .says(&["team:sap", "held list"]);
    world.at(&["enforce", "held", "apply", "--all"]).ok();
}

#[test]
fn prices_are_listed() {
    let world = World::new();
    let rows = world
        .at(&["--json", "pricing", "list", "claude-opus-5-5"])
        .ok()
        .json();
    assert_eq!(rows[0]["model"], "anthropic.claude-opus-5-5");
    let table = world.at(&["pricing", "list", "haiku"]).ok().out;
    assert!(table.contains("by length"), "{table}");
}
