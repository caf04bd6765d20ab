//! `weir user forget`.

use serde_json::Value;

use crate::world::World;

/// Whoever called in the fixture.
const WHO: &str = "ana.lopez";

fn rows(plan: &Value, table: &str) -> u64 {
    let rows = plan["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["table"] == table);
    row.map_or(0, |row| row["rows"].as_u64().unwrap())
}

#[test]
fn somebody_is_forgotten_once_and_not_while_they_are_blocked() {
    let world = World::with(&["ct_invokemodel_iamuser.json", "ct_access_denied.json"]);
    let forget = |more: &[&str]| world.at(&[&["user", "forget", WHO], more].concat());

    // The plan says how many rows of which table, and changes nothing.
    let plan = forget(&["--dry-run", "--json"])
        .ok()
        .says(&["nothing was changed"])
        .json();
    assert_eq!(plan["user_id"], WHO);
    assert_eq!(plan["done"], Value::Null);
    assert_eq!(plan["obstacle"], Value::Null);
    let calls = rows(&plan, "bedrock_requests");
    assert!(calls > 0, "{plan}");
    for table in ["users", "user_principals"] {
        assert_eq!(rows(&plan, table), 1, "{table}: {plan}");
    }
    let shown = forget(&["--dry-run"]).ok();
    assert!(shown.out.contains("bedrock_requests"), "{}", shown.out);

    // A Deny may exist: nobody would know any more whom it is for.
    world
        .at(&[
            "block",
            WHO,
            "--reason",
            "a key was found in public",
            "--force",
        ])
        .ok();
    forget(&["--reason", "request 2026-117", "--yes"])
        .ends(1)
        .says(&["block", WHO]);
    world.at(&["unblock", WHO, "--no-protect"]).ok();

    // Without anybody to ask it needs a yes.
    forget(&["--reason", "request 2026-117"])
        .ends(5)
        .says(&["--yes"]);
    let done = forget(&["--reason", "request 2026-117", "--yes", "--json"])
        .ok()
        .json();
    let pseudonym = done["done"]["pseudonym"].as_str().unwrap().to_owned();
    assert!(pseudonym.starts_with("forgotten/"), "{pseudonym}");
    assert_eq!(done["done"]["invocations"].as_u64(), Some(calls));
    let proof = world.at(&["audit", "verify", "--json"]).ok().json();
    assert_eq!(proof["ok"], true);
    assert!(proof["replaced"].as_u64() > Some(0), "{proof}");

    // What was used stays, and nothing is left to do.
    world.at(&["status", WHO]).ends(4);
    let used = world
        .at(&["usage", "--by", "user", "--from", "2026-11-01", "--json"])
        .ok();
    assert!(used.out.contains(&pseudonym), "{}", used.out);
    forget(&["--reason", "request 2026-117", "--yes"])
        .ends(4)
        .says(&["no user", WHO]);
}
