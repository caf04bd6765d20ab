//! `weir usage`, `status`, `invocation`, `blocks` and their shapes.

use serde_json::json;

use crate::world::World;

const CALLS: [&str; 4] = [
    "ct_invokemodel_iamuser.json",
    "mil_invokemodel.json",
    "ct_stream_sso_apicall.json",
    "mil_stream_claude_code_s3input.json",
];

#[test]
fn usage_rows_are_the_contract() {
    let world = World::with(&CALLS);
    let rows = world.at(&["--json", "usage", "--by", "user"]).ok().json();
    assert_eq!(
        rows,
        json!([
            {
                "user": "maria.garcia@example.com", "requests": 1, "failed": 0, "input_tokens": 3,
                "cache_read_tokens": 17487, "cache_write_tokens": 1204, "output_tokens": 356,
                "cost_usd": "0.01898754", "unpriced": 0, "unmetered": 0,
            },
            {
                "user": "ana.lopez", "requests": 1, "failed": 0, "input_tokens": 812,
                "cache_read_tokens": 0, "cache_write_tokens": 0, "output_tokens": 164,
                "cost_usd": "0.0017952", "unpriced": 0, "unmetered": 0,
            },
        ])
    );
    for (by, keys) in [
        ("team", vec!["unassigned"]),
        ("tool", vec!["claude-code", "boto3"]),
        ("day", vec!["2026-11-20"]),
        (
            "model",
            vec![
                "anthropic.claude-opus-5-5",
                "anthropic.claude-haiku-4-5-20251001-v1:0",
            ],
        ),
    ] {
        let rows = world.at(&["--json", "usage", "--by", by]).ok().json();
        let found: Vec<_> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row[by].as_str().unwrap())
            .collect();
        assert_eq!(found, keys, "{by}");
    }
}

#[test]
fn usage_is_filtered_and_days_are_inclusive() {
    let world = World::with(&CALLS);
    for (args, rows) in [
        (vec!["--from", "2026-11-20", "--to", "2026-11-20"], 2),
        (vec!["--from", "2026-11-21"], 0),
        (vec!["--to", "2026-11-19"], 0),
        (vec!["--user", "ana.lopez"], 1),
        (vec!["--tool", "claude-code"], 1),
        (vec!["--team", "team_unassigned_group"], 2),
        (vec!["--model", "eu.anthropic.claude-opus-5-5"], 1),
    ] {
        let args = [&["--json", "usage", "--by", "user"], &args[..]].concat();
        let found = world.at(&args).ok().json();
        assert_eq!(found.as_array().unwrap().len(), rows, "{args:?}");
    }
}

#[test]
fn usage_is_csv_and_a_table_too() {
    let world = World::with(&CALLS);
    let csv = world
        .at(&["usage", "--by", "user", "--csv", "--user", "ana.lopez"])
        .ok();
    assert_eq!(
        csv.out,
        "user,requests,failed,input_tokens,cache_read_tokens,cache_write_tokens,output_tokens,\
         cost_usd,unpriced,unmetered\r\nana.lopez,1,0,812,0,0,164,0.0017952,0,0\r\n"
    );
    let table = world.at(&["usage", "--by", "user"]).ok().out;
    assert!(table.starts_with("USER"), "{table}");
    assert!(
        table.contains("$0.001795") && table.contains("TOTAL"),
        "{table}"
    );
}

#[test]
fn a_formula_does_not_reach_a_spreadsheet_and_control_characters_no_terminal() {
    let world = World::new();
    let event = String::from_utf8(crate::world::bytes("ct_invokemodel_iamuser.json")).unwrap();
    let event = event.replace("ana.lopez", "=1+1@x,\\u001b[2Jy");
    world.pipe(&["ingest"], event.as_bytes()).ok();
    let csv = world.at(&["usage", "--by", "user", "--csv"]).ok().out;
    assert!(csv.contains("\"'=1+1@x,"), "{csv}");
    let table = world.at(&["usage", "--by", "user"]).ok().out;
    assert!(!table.contains('\u{1b}'), "{table:?}");
}

#[test]
fn the_status_is_the_contract() {
    let world = World::with(&CALLS);
    world
        .at(&[
            "user",
            "set",
            "ana.lopez",
            "--person",
            "Ana López",
            "--team",
            "team_data_group",
        ])
        .ok();
    let status = world.at(&["--json", "status", "ana.lopez"]).ok().json();
    assert_eq!(
        status,
        json!({
            "user_id": "ana.lopez", "team": "data", "person": "Ana López", "state": "ACTIVE",
            "enforcement": "none", "blocked_until": null, "reasons": [], "protection": null,
            "quotas": [
                {
                    "scope": "defaults", "metric": "requests", "window": "day", "limit": 350, "used": 1,
                    "percent": 0, "resets_at": "2026-11-20T23:00:00Z", "action": "notify",
                },
                {
                    "scope": "defaults", "metric": "requests", "window": "month", "limit": 5000,
                    "used": 1, "percent": 0, "resets_at": "2026-11-30T23:00:00Z", "action": "notify",
                },
                // Every team has it until one is set.
                {
                    "scope": "team:data", "metric": "requests", "window": "month", "limit": 25000,
                    "used": 0, "percent": 0, "resets_at": "2026-11-30T23:00:00Z", "action": "notify",
                },
            ],
        })
    );
    let page = world.at(&["status", "ana.lopez"]).ok().out;
    assert!(page.contains("2026-11-21 00:00 CET"), "{page}");
}

#[test]
fn who_is_not_there_ends_with_4_and_names_others() {
    let world = World::with(&CALLS);
    world
        .at(&["status", "ana.lopes"])
        .ends(4)
        .says(&["did you mean `ana.lopez`"]);
    world
        .at(&["invocation", "nothing"])
        .ends(4)
        .says(&["nothing"]);
    world.at(&["block", "nobody", "--reason", "a test"]).ends(4);
    world
        .at(&["pricing", "show", "cohere.nothing-v1:0"])
        .ends(4)
        .says(&["weir pricing set"]);
    world
        .at(&["quota", "unset", "user:ana.lopez", "tokens", "hour"])
        .ends(4);
}

#[test]
fn an_invocation_is_shown_with_its_parts() {
    let world = World::with(&CALLS);
    let id = "0b7c9d1e-2f3a-4b5c-8d6e-000000000004";
    let view = world.at(&["--json", "invocation", id]).ok().json();
    for (key, value) in [
        ("request_id", json!(id)),
        ("user_id", json!("maria.garcia@example.com")),
        ("tool", json!("claude-code")),
        ("region", json!("eu-west-1")),
        ("inference_region", json!("eu-north-1")),
        ("model", json!("anthropic.claude-opus-5-5")),
        ("profile", json!("eu.anthropic.claude-opus-5-5")),
        ("class", json!("regional")),
        ("status", json!("ok")),
        ("usage_source", json!("log")),
        ("provisional", json!(false)),
        ("cost_usd", json!("0.01898754")),
        (
            "tokens",
            json!({
                "input": 3, "cache_read": 17487, "cache_write_5m": 1000, "cache_write_1h": 204,
                "output": 356,
            }),
        ),
    ] {
        assert_eq!(view[key], value, "{key}");
    }
    let sources: Vec<_> = view["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["source"])
        .collect();
    assert_eq!(sources, ["api-call", "log"]);
    assert!(
        world
            .at(&["invocation", id])
            .ok()
            .out
            .contains("$0.01898754")
    );
}

#[test]
fn prices_are_the_contract() {
    let world = World::new();
    let arn =
        "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-opus-5-5";
    let by_flag = [
        "--json",
        "pricing",
        "show",
        "eu.anthropic.claude-opus-5-5",
        "--region",
        "eu-west-1",
    ];
    for args in [&by_flag[..], &["--json", "pricing", "show", arn]] {
        let view = world.at(args).ok().json();
        assert_eq!(view["model"], "anthropic.claude-opus-5-5");
        assert_eq!(
            (&view["class"], &view["region"]),
            (&json!("regional"), &json!("eu-west-1"))
        );
        assert_eq!(
            view["prices_usd_per_mtok"],
            json!({
                "input": "4.4", "output": "22", "cache_read": "0.22", "cache_write_5m": "5.5",
                "cache_write_1h": "8.8",
            })
        );
        assert_eq!(
            (&view["bands"], &view["source"]),
            (&json!([]), &json!("bundled"))
        );
    }
}

#[test]
fn a_price_that_is_set_costs_what_had_none() {
    let world = World::new();
    let event = String::from_utf8(crate::world::bytes("ct_invokemodel_iamuser.json")).unwrap();
    let event = event.replace(
        "anthropic.claude-haiku-4-5-20251001-v1:0",
        "cohere.command-r-plus-v1:0",
    );
    let report = world
        .pipe(&["--json", "ingest"], event.as_bytes())
        .ok()
        .json();
    assert_eq!(report["unpriced"], 1);
    let set = [
        "pricing",
        "set",
        "cohere.command-r-plus-v1:0",
        "--input",
        "3",
        "--output",
        "15",
    ];
    world
        .at(&[&set[..], &["--from", "2026-11-01"]].concat())
        .ok()
        .says(&["1 invocations"]);
    let rows = world.at(&["--json", "usage", "--by", "model"]).ok().json();
    // 812 × $3 + 164 × $15, per million.
    assert_eq!(
        (&rows[0]["cost_usd"], &rows[0]["unpriced"]),
        (&json!("0.004896"), &json!(0))
    );
    world
        .at(&[
            "pricing",
            "set",
            "eu.anthropic.claude-opus-5-5",
            "--input",
            "1",
        ])
        .ends(2)
        .says(&["canonical"]);
}

#[test]
fn past_calls_are_costed_anew_when_somebody_asks() {
    let world = World::new();
    let model = "cohere.command-r-plus-v1:0";
    let event = String::from_utf8(crate::world::bytes("ct_invokemodel_iamuser.json")).unwrap();
    let event = event.replace("anthropic.claude-haiku-4-5-20251001-v1:0", model);
    let set = |input: &str, output: &str| {
        let prices = ["--input", input, "--output", output, "--from", "2026-11-01"];
        world
            .at(&[&["pricing", "set", model], &prices[..]].concat())
            .ok();
    };
    let cost = || {
        let rows = world.at(&["--json", "usage", "--by", "model"]).ok().json();
        rows[0]["cost_usd"].as_str().unwrap().to_owned()
    };
    set("3", "15");
    world.pipe(&["ingest"], event.as_bytes()).ok();
    set("6", "30");
    assert_eq!(cost(), "0.004896", "a price changes no history");

    let reprice = ["pricing", "reprice", model, "--from", "2026-11-20"];
    let foreseen = world.at(&[&["--json"], &reprice[..], &["--dry-run"]].concat());
    let foreseen = foreseen.ok().says(&["1 of them would cost"]).json();
    assert_eq!(
        (&foreseen["changed"], &foreseen["done"]),
        (&json!(1), &json!(false))
    );
    assert_eq!(
        (&foreseen["before"], &foreseen["after"]),
        (
            &json!({ "cost_usd": "0.004896", "unpriced": 0 }),
            &json!({ "cost_usd": "0.009792", "unpriced": 0 })
        )
    );
    world.at(&reprice).ends(5).says(&["--yes"]);
    assert_eq!(cost(), "0.004896");
    world
        .at(&[&["--yes"], &reprice[..]].concat())
        .ok()
        .says(&["1 invocation was costed anew"]);
    assert_eq!(cost(), "0.009792");
    let entries = world.at(&["--json", "audit", "list"]).ok().json();
    let entries = entries.as_array().unwrap().iter();
    let of_it = entries.filter(|entry| entry["operation"] == "price-reprice");
    assert_eq!(of_it.count(), 1);
    world
        .at(&[
            "pricing",
            "reprice",
            "eu.anthropic.claude-opus-5-5",
            "--from",
            "2026-11-20",
        ])
        .ends(2)
        .says(&["canonical"]);
}

#[test]
fn coverage_says_what_it_needs() {
    let world = World::with(&["ct_invokemodel_iamuser.json"]);
    let ran = world.at(&["coverage"]).ok().says(&["weir serve", "--read"]);
    assert_eq!(ran.out, "");
    assert_eq!(world.at(&["--json", "coverage"]).ok().json(), json!([]));
    world
        .at(&["coverage", "--read"])
        .ends(1)
        .says(&["CloudWatch", "credentials"]);
    world
        .at(&["coverage", "--from", "2026-11-20", "--to", "2026-11-19"])
        .ends(2)
        .says(&["--from"]);
}
