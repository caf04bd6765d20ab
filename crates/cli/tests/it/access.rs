//! `weir block`, `unblock`, `protect`, `unprotect`, and what the audit keeps of them.

use serde_json::json;

use crate::world::World;

const CALL: [&str; 1] = ["ct_invokemodel_iamuser.json"];

/// A user who is a person: tags and groups were not looked up.
fn world() -> World {
    let world = World::with(&CALL);
    world
        .at(&["user", "set", "ana.lopez", "--class", "human"])
        .ok();
    world
}

#[test]
fn a_manual_block_ends_when_it_was_told_to() {
    for (args, until) in [
        (vec![], json!("2026-11-21T10:00:00Z")),
        (vec!["--for", "12h"], json!("2026-11-20T22:00:00Z")),
        (vec!["--for", "90d"], json!("2027-02-18T10:00:00Z")),
        (
            vec!["--until", "2026-11-25 08:00"],
            json!("2026-11-25T07:00:00Z"),
        ),
        (
            vec!["--until", "2026-11-25T08:00:00Z"],
            json!("2026-11-25T08:00:00Z"),
        ),
        (vec!["--indefinite"], json!(null)),
    ] {
        let world = world();
        let block = [
            "--json",
            "block",
            "ana.lopez",
            "--reason",
            "left the company",
        ];
        let status = world.at(&[&block[..], &args[..]].concat()).ok().json();
        assert_eq!(status["state"], "BLOCKED_ADM", "{args:?}");
        assert_eq!(status["blocked_until"], until, "{args:?}");
        assert_eq!(status["reasons"], json!(["left the company"]));
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_a_remedy() {
    let world = world();
    for (args, code, words) in [
        (vec!["--reason", "no"], 1, "3 to 500"),
        (vec!["--reason", "a test", "--for", "1w"], 2, "12h"),
        (
            vec!["--reason", "a test", "--until", "2026-11-19 08:00"],
            1,
            "in the past",
        ),
        (
            vec!["--reason", "a test", "--until", "2026-11-25"],
            2,
            "'2026-11-25 00:00'",
        ),
        (vec!["--reason", "a test", "--for", "4000d"], 1, "ten years"),
    ] {
        let ran = world
            .at(&[&["block", "ana.lopez"], &args[..]].concat())
            .ends(code);
        assert!(ran.err.contains(words), "{ran:#?}");
    }
    let unblock = ["unblock", "ana.lopez", "--protect-until", "2026-11-25"];
    let said = ["--protect-until", "'2026-11-25 23:59'"];
    world.at(&unblock).ends(2).says(&said);
    let workload = World::with(&["ct_converse_assumedrole_geo_profile.json"]);
    let block = ["block", "role/app-backend-role", "--reason", "a test"];
    workload.at(&block).ends(1).says(&["--force"]);
    workload.at(&[&block[..], &["--force"]].concat()).ok();
}

#[test]
fn unblocking_protects_until_midnight_and_is_idempotent() {
    let world = world();
    world.at(&["block", "ana.lopez", "--reason", "a test"]).ok();
    let unblock = [
        "--json",
        "unblock",
        "ana.lopez",
        "--reason",
        "sorted out",
        "--by",
        "Berta",
    ];
    let status = world.at(&unblock).ok().json();
    assert_eq!(status["state"], "ACTIVE_ADM");
    assert_eq!(status["protection"]["until"], "2026-11-20T23:00:00Z");
    world
        .at(&unblock)
        .ok()
        .says(&["there was no block to lift"]);
    let status = world.at(&["--json", "unprotect", "ana.lopez"]).ok().json();
    assert_eq!(
        (&status["state"], &status["protection"]),
        (&json!("ACTIVE"), &json!(null))
    );

    world
        .at(&[
            "protect",
            "ana.lopez",
            "--reason",
            "demo day",
            "--up-to",
            "99",
        ])
        .ends(2);
    let protect = [
        "--json",
        "protect",
        "ana.lopez",
        "--reason",
        "demo day",
        "--up-to",
        "150",
    ];
    let status = world.at(&protect).ok().json();
    assert_eq!(status["protection"]["up_to_percent"], 150);
}

#[test]
fn the_audit_knows_who_did_what_and_cannot_be_altered_unseen() {
    let world = world();
    world
        .at(&["block", "ana.lopez", "--reason", "a test", "--by", "Berta"])
        .ok();
    world.at(&["unblock", "ana.lopez", "--no-protect"]).ok();
    let entries = world.at(&["--json", "audit", "list"]).ok().json();
    let entries = entries.as_array().unwrap();
    let block = entries
        .iter()
        .find(|entry| entry["operation"] == "block")
        .unwrap();
    assert_eq!(block["claimed_by"], "Berta");
    assert!(block["actor"].as_str().unwrap().contains('@'), "{block}");
    let seqs: Vec<_> = entries
        .iter()
        .map(|entry| entry["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs, (1..=entries.len() as u64).collect::<Vec<_>>());

    let verified = world.at(&["--json", "audit", "verify"]).ok().json();
    assert_eq!(
        (&verified["ok"], &verified["entries"]),
        (&json!(true), &json!(entries.len()))
    );
    let anchor = verified["head"].as_str().unwrap();
    world.at(&["audit", "verify", "--anchor", anchor]).ok();
    let other = format!("2:{}", "0".repeat(64));
    world.at(&["audit", "verify", "--anchor", &other]).ends(1);
    world
        .at(&["audit", "verify", "--anchor", "nonsense"])
        .ends(2);
    let export = world.at(&["audit", "export"]).ok().out;
    assert_eq!(export.lines().count(), entries.len());
}
