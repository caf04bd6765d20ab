//! `weir quota`

use serde_json::{Value, json};

use crate::world::World;

const CALL: [&str; 1] = ["ct_invokemodel_iamuser.json"];

#[test]
fn who_would_be_blocked_is_said_and_needs_a_yes() {
    let world = World::with(&CALL);
    let set = ["quota", "set", "user:ana.lopez", "requests", "day", "1"];
    world
        .at(&set)
        .ends(5)
        .says(&["would be blocked: ana.lopez", "--yes"]);
    assert_eq!(
        world.at(&["--json", "status", "ana.lopez"]).ok().json()["state"],
        "ACTIVE"
    );

    let changed = world.at(&[&["--json", "--yes"], &set[..]].concat()).ok();
    assert_eq!(
        changed.json(),
        json!({
            "changed": 1, "blocked": ["ana.lopez"], "released": [], "held": [], "teams": [],
            "blocked_in_part": [], "released_in_part": [], "held_in_part": [],
        })
    );
    let status = world.at(&["--json", "status", "ana.lopez"]).ok().json();
    assert_eq!(
        (&status["state"], &status["enforcement"]),
        (&json!("BLOCKED"), &json!("dry_run"))
    );
    assert_eq!(status["blocked_until"], "2026-11-20T23:00:00Z");
    let blocks = world.at(&["--json", "blocks"]).ok().json();
    let block = &blocks[0];
    for (key, value) in [
        ("scope", json!("user")),
        ("user_id", json!("ana.lopez")),
        ("kind", json!("automatic")),
        ("until", json!("2026-11-20T23:00:00Z")),
        ("held", json!(false)),
        ("lifted_at", Value::Null),
    ] {
        assert_eq!(block[key], value, "{key}");
    }
    assert_eq!(
        block["evidence"],
        json!([{
            "scope": "user:ana.lopez", "metric": "requests", "window": "2026-11-20", "used": 1, "limit": 1,
        }])
    );

    // Raising releases at once, and nobody has to say yes to that.
    let raised = world
        .at(&["quota", "set", "user:ana.lopez", "requests", "day", "5k"])
        .ok();
    assert!(
        raised.err.contains("would be released: ana.lopez"),
        "{raised:?}"
    );
    assert_eq!(
        world.at(&["--json", "status", "ana.lopez"]).ok().json()["state"],
        "ACTIVE"
    );
}

#[test]
fn who_would_lose_a_tool_is_said_and_needs_a_yes() {
    let world = World::with(&CALL);
    world
        .at(&["user", "set", "ana.lopez", "--class", "human"])
        .ok();
    let tool = world.at(&["--json", "usage", "--by", "tool"]).ok().json()[0]["tool"].clone();
    let tool = tool.as_str().unwrap().to_owned();
    let (scope, whom) = (format!("tool:{tool}"), format!("ana.lopez with {tool}"));
    let set = ["quota", "set", &scope, "requests", "day", "1"];
    let said = format!("would be blocked: {whom}");
    world.at(&set).ends(5).says(&[&said, "--yes"]);
    let changed = world.at(&[&["--json", "--yes"], &set[..]].concat()).ok();
    assert_eq!(changed.json()["blocked_in_part"], json!([whom]));
    let raised = world
        .at(&["quota", "set", &scope, "requests", "day", "5k"])
        .ok();
    let said = format!("would be released: {whom}");
    assert!(raised.err.contains(&said), "{raised:?}");
}

#[test]
fn the_quota_that_every_team_has_is_shown_until_one_is_set() {
    let world = World::with(&CALL);
    world
        .at(&["user", "set", "ana.lopez", "--team", "data"])
        .ok();
    let shown = |args: &[&str]| {
        let all = world.at(&[&["--json", "quota"], args].concat()).ok().json();
        let all = all.as_array().unwrap().clone();
        let of_team = all
            .into_iter()
            .filter(|quota| quota["scope"] == "team:data");
        of_team
            .map(|quota| {
                (
                    quota["limit"].clone(),
                    quota["action"].clone(),
                    quota["author"].clone(),
                )
            })
            .collect::<Vec<_>>()
    };
    let built_in = (json!(25_000), json!("notify"), json!("built-in"));
    for args in [
        &["list"][..],
        &["show", "team:data"],
        &["show", "ana.lopez"],
    ] {
        assert_eq!(shown(args), std::slice::from_ref(&built_in), "{args:?}");
    }
    let export = world.at(&["quota", "export"]).ok().out;
    assert!(!export.contains("team:data"), "{export}");
    world
        .at(&["quota", "set", "team:data", "requests", "month", "30k"])
        .ok();
    let set = shown(&["list"]);
    assert_eq!((set.len(), &set[0].0), (1, &json!(30_000)));
}

#[test]
fn limits_are_shown_as_they_are_set() {
    let world = World::new();
    for (scope, metric, window, limit, shown) in [
        ("user:ana", "requests", "day", "5_000", json!(5000)),
        (
            "team:team_sap_group",
            "cost",
            "month",
            "$1,200.50",
            json!("1200.5"),
        ),
        ("tool:cline", "tokens", "hour", "2M", json!(2_000_000)),
        (
            "model:eu.anthropic.claude-opus-5-5",
            "requests",
            "day",
            "unlimited",
            json!(null),
        ),
        ("organisation", "cost", "month", "$500", json!("500")),
    ] {
        world
            .at(&[
                "quota", "set", scope, metric, window, limit, "--warn", "95,50,80",
            ])
            .ok();
        let list = world.at(&["--json", "quota", "list"]).ok().json();
        let found = list.as_array().unwrap().iter().any(|quota| {
            quota["limit"] == shown
                && quota["metric"] == metric
                && quota["warn"] == json!([50, 80, 95])
        });
        assert!(found, "{scope} {limit}: {list}");
    }
    let list = world.at(&["quota", "list"]).ok().out;
    assert!(
        list.contains("team:sap") && list.contains("$1,200.50"),
        "{list}"
    );
    assert!(list.contains("model:anthropic.claude-opus-5-5"), "{list}");
    let shown = world
        .at(&["--json", "quota", "show", "team:sap"])
        .ok()
        .json();
    assert_eq!(shown[0]["limit"], "1200.5");
    world
        .at(&["quota", "unset", "team:sap", "cost", "month"])
        .ok();
    world.at(&["quota", "show", "team:sap"]).ends(4);
}

#[test]
fn an_export_is_read_back() {
    let world = World::new();
    world
        .at(&[
            "quota", "set", "team:sap", "cost", "month", "$500", "--action", "notify",
        ])
        .ok();
    world
        .at(&[
            "quota",
            "set",
            "user:ana",
            "tokens_all",
            "hour",
            "unlimited",
        ])
        .ok();
    for (format, name) in [("toml", "quotas.toml"), ("json", "quotas.json")] {
        let export = world.at(&["quota", "export", "--format", format]).ok().out;
        let path = world.write(name, &export);
        let other = World::new();
        other.at(&["quota", "import", path.to_str().unwrap()]).ok();
        assert_eq!(
            other.at(&["quota", "export", "--format", format]).ok().out,
            export
        );
    }
}

#[test]
fn files_of_the_replaced_system_are_read_and_the_rest_is_named() {
    let world = World::new();
    world.write(
        "quota_config.json",
        r#"{
            "users": { "ana": {
                "daily_limit": 350, "monthly_limit": 5000, "warning_threshold": 60,
                "critical_threshold": 85, "team": "team_sap_group"
            }},
            "teams": { "team_sap_group": {
                "monthly_limit": 25000, "warning_threshold": 60, "critical_threshold": 85, "colour": "red"
            }}
        }"#,
    );
    world.write(
        "config.json",
        r#"{
            "aws_region": "eu-west-1",
            "quotas": {
                "default_quotas": { "daily_limit": 300, "monthly_limit": -1 },
                "user_quotas": { "bob": { "daily": 10 }, "ana": { "daily_limit": 400 } }
            }
        }"#,
    );
    world
        .at(&["quota", "import", "quota_config.json", "config.json"])
        .ok()
        .says(&[
            "teams.team_sap_group.colour",
            "weir user set ana --team sap",
            "config.json: aws_region",
            "quotas.default_quotas.monthly_limit",
            "5 quotas are set",
        ]);
    let list = world.at(&["--json", "quota", "list"]).ok().json();
    let mut lines: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .filter(|quota| quota["author"] != "built-in")
        .map(|quota| {
            format!("{} {} {}", quota["scope"], quota["window"], quota["limit"]).replace('"', "")
        })
        .collect();
    lines.sort();
    assert_eq!(
        lines,
        [
            "defaults day 300",
            "team:sap month 25000",
            "user:ana day 400",
            "user:ana month 5000",
            "user:bob day 10",
        ]
    );
    world.write("bad.toml", "[[quotas]]\nscope = \"ana\"\n");
    world
        .at(&["quota", "import", "bad.toml"])
        .ends(1)
        .says(&["bad.toml", "line 2", "user:NAME"]);
}

#[test]
fn a_raise_ends_by_itself() {
    let world = World::with(&CALL);
    let raise = [
        "quota",
        "raise",
        "ana.lopez",
        "+100",
        "--until",
        "18:00",
        "--reason",
        "release day",
    ];
    world
        .at(&raise)
        .ok()
        .says(&["100 more requests per day until 2026-11-20 18:00 CET"]);
    let limit = |at: &str| {
        let status = world
            .weir(&["--as-of", at, "--json", "status", "ana.lopez"])
            .ok()
            .json();
        status["quotas"][0]["limit"].clone()
    };
    assert_eq!(limit("2026-11-20T16:59:59Z"), 450);
    assert_eq!(limit("2026-11-20T17:00:00Z"), 350);
    for (amount, word) in [
        ("100", "+100"),
        ("+x", "not a number"),
        ("+$5", "no limit of cost"),
    ] {
        let args = [
            "quota",
            "raise",
            "ana.lopez",
            amount,
            "--for",
            "2h",
            "--reason",
            "a test",
        ];
        assert!(world.at(&args).err.contains(word), "{amount}");
    }
}
