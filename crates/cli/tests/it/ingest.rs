//! `weir ingest`

use serde_json::{Value, json};

use crate::world::{World, bytes, fixture};

#[test]
fn the_answer_is_the_contract_and_the_second_time_everything_is_known() {
    let world = World::new();
    let names = [
        "ct_invokemodel_iamuser.json",
        "mil_invokemodel.json",
        "ct_stream_sso_apicall.json",
        "ct_stream_sso_completion.json",
        "ct_access_denied.json",
        "ct_iam_put_user_policy.json",
    ];
    let paths: Vec<_> = names.iter().map(|name| fixture(name)).collect();
    let mut args = vec!["--json", "ingest"];
    args.extend(paths.iter().map(|path| path.to_str().unwrap()));
    let ran = world.at(&args).ok();
    assert_eq!(ran.err, "");
    let mut expected = json!({
        "records": 5, "new": 3, "completed": 2, "duplicates": 0, "ignored": 1, "failed_calls": 1,
        "dead_letters": 0, "unpriced": 0, "warned": [], "blocked": [],
    });
    assert_eq!(ran.json(), expected);
    assert_eq!(
        keys(&ran.out),
        [
            "records",
            "new",
            "completed",
            "duplicates",
            "ignored",
            "failed_calls",
            "dead_letters",
            "unpriced",
            "warned",
            "blocked",
        ]
    );
    for (key, value) in [
        ("new", 0),
        ("completed", 0),
        ("duplicates", 5),
        ("failed_calls", 0),
    ] {
        expected[key] = json!(value);
    }
    assert_eq!(world.at(&args).ok().json(), expected);
}

/// The keys of an object in the order in which they are printed.
fn keys(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("  \""));
    lines
        .map(|line| line.split('"').next().unwrap().to_owned())
        .collect()
}

#[test]
fn standard_input_is_read_with_and_without_a_dash() {
    for args in [vec!["--json", "ingest"], vec!["--json", "ingest", "-"]] {
        let world = World::new();
        let report = world.pipe(&args, &bytes("mil_s3_object.jsonl")).ok().json();
        assert!(report["new"].as_u64().unwrap() >= 3, "{report}");
    }
    let twice = World::new().pipe(&["ingest", "-", "-"], b"{}").ends(2);
    assert!(twice.err.contains("`-`"), "{twice:?}");
}

#[test]
fn what_cannot_be_read_ends_with_3_and_its_neighbours_count() {
    let world = World::new();
    let mut input = compact("ct_invokemodel_iamuser.json");
    input.push_str("\nthis is not JSON\n");
    input.push_str(&compact("ct_throttling.json"));
    let ran = world.pipe(&["--json", "ingest"], input.as_bytes()).ends(3);
    let report = ran.json();
    assert_eq!(
        (&report["new"], &report["dead_letters"]),
        (&json!(2), &json!(1))
    );
    let letters = world.at(&["--json", "dead-letters"]).ok().json();
    assert_eq!(letters[0]["source"], "stdin, line 2");
    assert_eq!(letters[0]["count"], 1);
}

#[test]
fn strict_counts_nothing_if_anything_is_unreadable() {
    let world = World::new();
    let good = compact("ct_invokemodel_iamuser.json");
    let input = format!("{good}\nthis is not JSON\n");
    world
        .pipe(&["--json", "ingest", "--strict"], input.as_bytes())
        .ends(1)
        .says(&["stdin, line 2", "nothing was counted"]);
    let path = world.write("events.jsonl", &input);
    world
        .at(&["ingest", "--strict", path.to_str().unwrap()])
        .ends(1)
        .says(&["events.jsonl, line 2"]);
    assert_eq!(
        world.at(&["--json", "usage", "--by", "user"]).ok().json(),
        json!([])
    );
    assert_eq!(world.at(&["--json", "dead-letters"]).ok().json(), json!([]));

    let report = world
        .pipe(&["--json", "ingest", "--strict"], good.as_bytes())
        .ok()
        .json();
    assert_eq!(report["new"], 1);
}

fn compact(name: &str) -> String {
    let value: Value = serde_json::from_slice(&bytes(name)).unwrap();
    value.to_string()
}

#[test]
fn a_file_that_is_not_there_is_named_before_anything_is_counted() {
    let world = World::new();
    let good = fixture("ct_invokemodel_iamuser.json");
    let ran = world
        .at(&["ingest", good.to_str().unwrap(), "missing.json"])
        .ends(1);
    assert!(ran.err.contains("missing.json"), "{ran:?}");
    assert_eq!(
        world.at(&["--json", "usage", "--by", "user"]).ok().json(),
        json!([])
    );
    world.at(&["ingest", "."]).ends(2).says(&["is a directory"]);
}

#[test]
fn as_of_decides_at_that_instant() {
    let world = World::new();
    world
        .at(&["quota", "set", "user:ana.lopez", "requests", "day", "1"])
        .ok();
    let path = fixture("ct_invokemodel_iamuser.json");
    let path = path.to_str().unwrap();
    // The day after, the call completes yesterday and blocks nobody.
    let late = ["--as-of", "2026-11-21T10:00:00Z", "--json"];
    let report = world
        .weir(&[&late[..], &["ingest", path]].concat())
        .ok()
        .json();
    assert_eq!(
        (&report["new"], &report["blocked"]),
        (&json!(1), &json!([]))
    );
    let status = world
        .weir(&[&late[..], &["status", "ana.lopez"]].concat())
        .ok()
        .json();
    assert_eq!(status["state"], "ACTIVE");

    let world = World::new();
    world
        .at(&["quota", "set", "user:ana.lopez", "requests", "day", "1"])
        .ok();
    let report = world.at(&["--json", "ingest", path]).ok().json();
    assert_eq!(report["blocked"], json!(["ana.lopez"]));
    let before = ["--as-of", "2026-11-19T10:00:00Z", "--json", "ingest", path];
    let world = World::new();
    let report = world.weir(&before).ends(3).json();
    assert_eq!(
        (&report["new"], &report["dead_letters"]),
        (&json!(0), &json!(1))
    );
}

#[test]
fn what_is_fetched_from_aws_needs_credentials_and_days_that_make_sense() {
    let world = World::new();
    for (args, words) in [
        (&["ingest", "s3://b"][..], "s3://BUCKET/PREFIX"),
        (&["ingest", "s3://logs/a", "s3://logs/b"], "at a time"),
        (&["ingest", "a.json", "--from", "2026-11-01"], "read whole"),
        (
            &[
                "ingest",
                "s3://logs/a",
                "--from",
                "2026-11-02",
                "--to",
                "2026-11-01",
            ],
            "is later than",
        ),
        (&["ingest", "logs", "/aws/bedrock"], "--from is missing"),
        (
            &["ingest", "logs", "not a group", "--from", "2026-11-01"],
            "not a log group",
        ),
        (&["ingest", "cloudtrail", "--from", "yesterday"], "--from"),
    ] {
        world.weir(args).ends(2).says(&[words]);
    }
    for args in [
        &["ingest", "s3://logs/AWSLogs/"][..],
        &["ingest", "logs", "g", "--from", "2026-11-01"],
        &["ingest", "cloudtrail"],
    ] {
        world.weir(args).ends(1).says(&["no AWS credentials"]);
    }
}
