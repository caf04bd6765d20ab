//! The same bytes with the database and through a server, under the operator's own role.

use serde_json::json;

use crate::served::Served;
use crate::world::{Ran, World};

pub(crate) const CALLS: [&str; 4] = [
    "ct_invokemodel_iamuser.json",
    "mil_invokemodel.json",
    "ct_stream_sso_apicall.json",
    "mil_stream_claude_code_s3input.json",
];
pub(super) const FAR: &str = "2027-11-01T00:00:00Z";

/// Every verb that reads.
const READS: &[&[&str]] = &[
    &["status", "ana.lopez"],
    &["usage", "--by", "user"],
    &["usage", "--by", "team", "--from", "2026-11-01", "--csv"],
    &["usage", "--by", "model", "--user", "ana.lopez"],
    &["usage", "--by", "tool"],
    &["usage", "--by", "day", "--to", "2026-11-30"],
    &["invocation", "0b7c9d1e-2f3a-4b5c-8d6e-000000000004"],
    &["blocks"],
    &["blocks", "--history", "--user", "ana.lopez"],
    &["enforce", "held", "list"],
    &["enforce", "status"],
    &["enforce", "status", "--all"],
    &["quota", "list"],
    &["quota", "show", "ana.lopez"],
    &["quota", "show", "defaults"],
    &["quota", "show", "team:sap"],
    &["pricing", "list", "claude"],
    &[
        "pricing",
        "show",
        "eu.anthropic.claude-opus-5-5",
        "--region",
        "eu-west-1",
    ],
    &["pricing", "show", "cohere.nothing-v1:0"],
    &["user", "list"],
    &["user", "list", "--team", "sap"],
    &["user", "show", "ana.lopez"],
    &["user", "show", "nobody"],
    &["team", "list"],
    &["audit", "list"],
    &[
        "audit",
        "list",
        "--last",
        "3",
        "--operation",
        "operator-create",
    ],
    &["audit", "verify"],
    &["audit", "export", "--after", "2"],
    &["dead-letters"],
    &["outbox", "list"],
    &["quota", "export"],
    &["quota", "export", "--format", "json"],
    &["blocks", "--history", "--text", "ANA"],
    &["outbox", "show", "nothing"],
    &["reset", "history"],
    &["enforce", "mode"],
    &["quota", "suggest"],
    &["coverage"],
    &["operator", "list"],
    &["token", "list"],
    &["token", "list", "--operator", "nobody"],
    // More than a page of the server.
    &["outbox", "list", "--limit", "1000"],
    &["dead-letters", "--limit", "1000"],
];

/// What there is to read.
///
/// Through the server: it learns only by and by of what others do in its database.
fn prepare(served: &Served) {
    served.log_in().ok();
    served.operator("bo", "viewer");
    for args in [
        &[
            "user",
            "set",
            "ana.lopez",
            "--team",
            "sap",
            "--person",
            "Ana",
            "--class",
            "human",
        ][..],
        &["team", "set", "sap", "--owner", "lead@example.com"],
        &["quota", "set", "team:sap", "cost", "month", "$500"],
        &[
            "block",
            "ana.lopez",
            "--reason",
            "key in public",
            "--until",
            FAR,
        ],
    ] {
        served.through(args).ok();
    }
}

pub(crate) fn every_verb_reads_alike(served: &Served) {
    prepare(served);
    for args in READS {
        for json in [&[][..], &["--json"]] {
            if !json.is_empty() && args.contains(&"--csv") {
                continue;
            }
            let args = [json, args].concat();
            let through = served.through(&args);
            let directly = served.directly(&args);
            assert_eq!(
                through.code, directly.code,
                "{args:?}: {through:#?} {directly:#?}"
            );
            assert_eq!(through.out, directly.out, "{args:?}: {}", through.err);
            assert!(
                through.code != 0 || !through.err.contains("error"),
                "{through:#?}"
            );
        }
    }
    let checks = served.through(&["--json", "doctor"]).json();
    let names = checks.as_array().unwrap().iter();
    let names: Vec<_> = names.map(|check| check["name"].clone()).collect();
    assert!(names.contains(&json!("database")), "{names:?}");
    assert!(!names.contains(&json!("configuration")), "{names:?}");
}

#[test]
fn every_verb_prints_the_same_bytes_through_a_server() {
    every_verb_reads_alike(&Served::with(&CALLS));
}

/// Every verb that administers, with the status it ends with. What it finds was left by those before.
const WRITES: &[(&[&str], i32)] = &[
    (&["user", "set", "ana.lopez", "--class", "human"], 0),
    (
        &[
            "block",
            "ana.lopez",
            "--reason",
            "key in public",
            "--until",
            FAR,
        ],
        0,
    ),
    (
        &[
            "block",
            "ana.lopez",
            "--reason",
            "still there",
            "--indefinite",
        ],
        0,
    ),
    (&["--json", "unblock", "ana.lopez"], 0),
    (
        &[
            "unblock",
            "ana.lopez",
            "--no-protect",
            "--reason",
            "once more",
        ],
        0,
    ),
    (
        &[
            "protect",
            "ana.lopez",
            "--reason",
            "release week",
            "--until",
            FAR,
            "--up-to",
            "150",
        ],
        0,
    ),
    (&["unprotect", "ana.lopez"], 0),
    (&["unprotect", "ana.lopez"], 0),
    (&["block", "ana.lopez", "--reason", "x"], 1),
    (
        &[
            "block",
            "ana.lopez",
            "--reason",
            "too late",
            "--until",
            "2020-01-01T00:00:00Z",
        ],
        1,
    ),
    (&["block", "nobody", "--reason", "a test"], 4),
    (
        &["quota", "set", "user:ana.lopez", "requests", "day", "0"],
        5,
    ),
    (
        &[
            "--json",
            "--yes",
            "quota",
            "set",
            "user:ana.lopez",
            "requests",
            "day",
            "0",
        ],
        0,
    ),
    (&["status", "ana.lopez"], 0),
    (
        &[
            "quota",
            "raise",
            "ana.lopez",
            "+100",
            "--until",
            FAR,
            "--reason",
            "release day",
        ],
        0,
    ),
    (
        &[
            "quota",
            "raise",
            "ana.lopez",
            "+$5",
            "--until",
            FAR,
            "--reason",
            "no limit",
        ],
        1,
    ),
    (
        &[
            "--json",
            "quota",
            "set",
            "user:ana.lopez",
            "cost",
            "month",
            "$1,200.50",
            "--warn",
            "50",
        ],
        0,
    ),
    (&["quota", "export"], 0),
    (&["outbox", "retry", "--failed"], 0),
    (&["outbox", "retry", "nothing"], 4),
    (&["quota", "unset", "user:ana.lopez", "requests", "day"], 0),
    (&["quota", "unset", "user:ana.lopez", "requests", "day"], 4),
    (
        &[
            "pricing",
            "set",
            "cohere.command-r-plus-v1:0",
            "--input",
            "3",
            "--output",
            "15",
        ],
        0,
    ),
    (
        &[
            "pricing",
            "set",
            "cohere.command-r-plus-v1:0",
            "--input",
            "4",
            "--class",
            "global",
            "--region",
            "eu-*",
        ],
        0,
    ),
    (&["--json", "pricing", "list", "cohere.command-r-plus"], 0),
    (&["pricing", "list", "--set", "cohere"], 0),
    (
        &[
            "pricing",
            "unset",
            "cohere.command-r-plus-v1:0",
            "--class",
            "global",
            "--reason",
            "the contract ended",
        ],
        0,
    ),
    (
        &[
            "pricing",
            "unset",
            "cohere.command-r-plus-v1:0",
            "--class",
            "global",
        ],
        4,
    ),
    (
        &[
            "pricing",
            "unset",
            "cohere.command-r-plus-v1:0",
            "--from",
            "2026-01-01",
        ],
        2,
    ),
    (&["--json", "pricing", "list", "--set", "cohere"], 0),
    (
        &[
            "user",
            "set",
            "ana.lopez",
            "--team",
            "team_SAP_group",
            "--email",
            "ana@example.com",
        ],
        0,
    ),
    (&["user", "confirm", "ana.lopez"], 1),
    (&["team", "set", "sap", "--owner", "lead@example.com"], 0),
    (&["team", "list"], 0),
    (&["team", "set", "sap", "--no-owner"], 0),
    (&["operator", "set", "bo", "--role", "operator"], 0),
    (&["operator", "disable", "bo"], 0),
    (&["operator", "enable", "bo"], 0),
    (&["operator", "disable", "nobody"], 4),
    (&["token", "revoke", "nothing"], 4),
];

#[test]
fn every_verb_administers_alike_through_a_server() {
    let [with, without] = [Served::with(&CALLS), Served::with(&CALLS)];
    for served in [&with, &without] {
        served.log_in().ok();
        served.operator("bo", "viewer");
    }
    let me = without.directly(&["--json", "whoami"]).ok().json();
    let me = me["name"].as_str().unwrap().to_owned();
    for (args, code) in WRITES {
        let through = with.through(args).ends(*code);
        let directly = without.directly(args).ends(*code);
        let out = directly.out.replace(&me, "operator:eva");
        assert_eq!(through.out, out, "{args:?}");
        if *code == 0 {
            assert_eq!(through.err, directly.err, "{args:?}");
        }
    }
    // The record has the operator, who cannot claim to be another.
    let entries = with.through(&["--json", "audit", "list"]).ok().json();
    let by_eva = |entry: &serde_json::Value| entry["actor"] == "operator:eva";
    assert!(
        entries
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| by_eva(one))
            .count()
            > 10
    );
    let claimed = with.through(&["unblock", "ana.lopez", "--by", "root"]);
    claimed.ends(2).says(&["--by"]);
    let now = with
        .world
        .weir(&["--server", &with.url, "--as-of", FAR, "status", "ana.lopez"]);
    now.ends(2).says(&["--as-of"]);
}

#[test]
fn one_block_is_ended_by_its_id() {
    let served = Served::with(&CALLS);
    served.log_in().ok();
    let human = ["user", "set", "ana.lopez", "--class", "human"];
    served.through(&human).ok();
    let block = ["block", "ana.lopez", "--reason", "key in public"];
    let through = |args: &[&str]| served.through(args);
    let directly = |args: &[&str]| served.directly(args);
    for work in [&through as &dyn Fn(&[&str]) -> Ran, &directly] {
        work(&block).ok();
        let id = work(&["--json", "blocks"]).json()[0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let end = ["--json", "unblock", "ana.lopez", "--block", &id];
        let status = work(&end).ok().json();
        assert_eq!(
            (&status["state"], &status["protection"]),
            (&json!("ACTIVE"), &json!(null))
        );
        work(&end).ends(4).says(&["block"]);
    }
}

#[test]
fn what_the_breaker_holds_is_decided_on_alike() {
    let config = "[enforcement]\nmax_new_blocks = 0\n";
    let none_a_day = ["user:ana.lopez", "requests", "day", "0"];
    let quota = [&["--yes", "quota", "set"], &none_a_day[..]].concat();
    let [with, without] = [0, 1].map(|_| {
        let world = World::with(&CALLS);
        world.write("weir.toml", config);
        let database = world.path(".local/share/weir/weir.db");
        let served = Served::of(world, &format!("sqlite:{}", database.display()));
        served.log_in().ok();
        let human = ["user", "set", "ana.lopez", "--class", "human"];
        served.through(&human).ok();
        served.through(&quota).ok();
        served
    });
    let decide = |decision| ["--json", "enforce", "held", decision, "ana.lopez"];
    let plain = decide("apply");
    for (args, code, says) in [
        (&["enforce", "held", "apply", "eva"][..], 4, "holds nothing"),
        (&plain, 5, "would be blocked: ana.lopez"),
        (&[&["--yes"], &plain[..]].concat(), 0, ""),
        (
            &["--yes", "enforce", "held", "apply", "--all"],
            0,
            "nothing",
        ),
    ] {
        let through = with.through(args).ends(code);
        let directly = without.directly(args).ends(code);
        assert!(through.err.contains(says), "{through:#?}");
        assert_eq!(
            (through.out, through.err),
            (directly.out, directly.err),
            "{args:?}"
        );
    }
    let status = with.through(&["--json", "status", "ana.lopez"]).json();
    assert_eq!(status["state"], "BLOCKED");
}
