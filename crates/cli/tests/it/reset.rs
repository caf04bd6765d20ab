//! `weir reset` and `weir retention`.

use serde_json::json;

use crate::world::World;

#[test]
fn a_reset_tells_the_day_before_and_is_not_run_twice() {
    let world = World::with(&["ct_invokemodel_iamuser.json", "ct_access_denied.json"]);
    let at = ["--as-of", "2026-11-21T06:00:00Z"];
    let weir = |args: &[&str]| world.weir(&[&at[..], args].concat());
    let planned = weir(&["reset", "run", "--dry-run", "--json"]).ok().json();
    assert_eq!(planned[0]["end"], "dry-run");
    weir(&["reset", "history"])
        .ok()
        .says(&["no reset was run yet"]);

    let done = weir(&["reset", "run", "--json"]).ok().json();
    assert_eq!(done[0]["date"], "2026-11-21");
    assert_eq!(done[0]["end"], "done");
    let summary = &done[0]["summary"];
    assert_eq!(summary["day"], "2026-11-20");
    assert_eq!(
        (&summary["total"]["requests"], &summary["total"]["failed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        summary, &planned[0]["summary"],
        "what is foreseen is what is done"
    );

    weir(&["reset", "run"]).ok().says(&["nothing is due"]);
    let history = weir(&["reset", "history", "--json"]).ok().json();
    assert_eq!(history[0]["runs"], 1);
    assert_eq!(&history[0]["summary"], summary);
    weir(&["reset", "run", "--date", "2026-11-21"]).ok();
    let history = weir(&["reset", "history", "--json"]).ok().json();
    assert_eq!(history[0]["runs"], 2, "a date that is named is run again");
    weir(&["reset", "run", "--date", "2026-11-22"])
        .ends(1)
        .says(&["2026-11-22 has not begun: today is 2026-11-21"]);
    weir(&["audit", "verify"]).ok();
}

#[test]
fn terms_come_from_the_configuration_and_are_shown() {
    let world = World::new();
    world.write("weir.toml", "[retention]\nclient_facts = \"7d\"\n");
    let terms = world.at(&["retention", "show", "--json"]).ok().json();
    assert_eq!(
        terms[1],
        json!({ "what": "client_facts", "kept": "7d", "older_than": terms[1]["older_than"] })
    );
    let removed = world.at(&["retention", "run", "--json"]).ok().json();
    assert_eq!(removed["invocations"], 0);
    world.write("weir.toml", "[retention]\ninvocations = \"12h\"\n");
    world
        .at(&["retention", "show"])
        .ends(2)
        .says(&["weir.toml:2", "a term of retention is at least 1d"]);
}
