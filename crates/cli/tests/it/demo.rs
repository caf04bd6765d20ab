//! `weir demo`

use serde_json::json;

use crate::world::{NOW, World};

#[test]
fn the_same_seed_gives_the_same_totals_and_a_stranger_is_left_alone() {
    let world = World::new();
    let demo = |database: &str| {
        let args = [
            "--as-of",
            NOW,
            "--json",
            "--database",
            database,
            "demo",
            "--no-live",
            "--seed",
            "7",
        ];
        world.weir(&args)
    };
    let (mut first, mut second) = std::thread::scope(|scope| {
        let other = scope.spawn(|| demo("sqlite:b.db").ok().json());
        (demo("sqlite:a.db").ok().json(), other.join().unwrap())
    });
    for summary in [&mut first, &mut second] {
        summary.as_object_mut().unwrap().remove("database");
    }
    assert_eq!(first, second);
    assert_eq!(
        (&first["users"], &first["teams"], &first["tools"]),
        (&json!(40), &json!(6), &json!(5))
    );
    assert_eq!(first["dead_letters"], 0);
    for key in ["duplicates", "failed_calls", "unpriced"] {
        assert!(first[key].as_u64().unwrap() > 0, "{key}");
    }
    assert!(first["records"].as_u64().unwrap() > 10_000);
    assert!(first["warned"].as_array().unwrap().len() >= 3, "{first}");
    assert!(
        first["blocked"]
            .as_array()
            .unwrap()
            .iter()
            .any(|user| user == "ana.lopez"),
        "{first}"
    );

    let status = [
        "--as-of",
        NOW,
        "--json",
        "--database",
        "sqlite:a.db",
        "status",
        "ana.lopez",
    ];
    assert_eq!(world.weir(&status).ok().json()["state"], "BLOCKED");

    world
        .weir(&["--database", "sqlite:real.db", "db", "migrate"])
        .ok();
    demo("sqlite:real.db")
        .ends(1)
        .says(&["real.db", "left alone"]);
    world.write("notes.txt", "not a database");
    demo("sqlite:notes.txt").ends(1).says(&["left alone"]);
    assert_eq!(
        std::fs::read_to_string(world.path("notes.txt")).unwrap(),
        "not a database"
    );
    demo("mysql://weir@localhost/weir")
        .ends(2)
        .says(&["SQLite"]);
}
