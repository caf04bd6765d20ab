//! `weir operator` and `weir token`.

use crate::world::{Ran, World};

const PASSWORD: &[u8] = b"correct horse battery\n";

fn create(world: &World, args: &[&str]) -> Ran {
    world.pipe(&[&["operator", "create"], args].concat(), PASSWORD)
}

#[test]
fn operators_are_made_and_what_is_wrong_is_told() {
    let world = World::new();
    world
        .weir(&["operator", "list"])
        .ok()
        .says(&["no operators yet"]);
    create(&world, &["Ana", "--role", "admin"])
        .ok()
        .says(&["`ana`"]);
    create(
        &world,
        &["bo", "--role", "team", "--team", "team_SAP_group"],
    )
    .ok();
    for (args, code, says) in [
        (vec!["ana", "--role", "viewer"], 1, "already"),
        (vec!["ana diaz", "--role", "viewer"], 2, "1 to 64"),
        (
            vec!["cy", "--role", "boss"],
            2,
            "viewer, operator, admin, team or developer",
        ),
        (vec!["cy", "--role", "team"], 2, "--team"),
        (
            vec!["cy", "--role", "viewer", "--team", "sap"],
            2,
            "role team only",
        ),
        (vec!["cy", "--role", "developer"], 2, "--user"),
        (
            vec!["cy", "--role", "viewer", "--user", "ana"],
            2,
            "role developer only",
        ),
        (
            vec!["cy", "--role", "developer", "--user", "unknown"],
            2,
            "not `unknown`",
        ),
    ] {
        create(&world, &args).ends(code).says(&[says]);
    }
    create(&world, &["dev", "--role", "developer", "--user", "carol"])
        .ok()
        .says(&[
            "`dev` can log in as developer",
            "no user `carol`",
            "first call",
        ]);
    let listed = world.weir(&["--json", "operator", "list"]).ok().json();
    assert_eq!(listed[2]["user"], "carol", "{listed}");
    let short = world.pipe(
        &["operator", "create", "cy", "--role", "viewer"],
        b"short\n",
    );
    short.ends(1).says(&["12 characters"]);
    let nobody = world.weir(&["operator", "create", "cy", "--role", "viewer"]);
    nobody.ends(2).says(&["standard input"]);
}

#[test]
fn operators_are_changed_and_an_admin_is_left() {
    let world = World::new();
    create(&world, &["ana", "--role", "admin"]).ok();
    create(&world, &["bo", "--role", "team", "--team", "sap"]).ok();
    let disable = |name: &str| world.weir(&["operator", "disable", name]);
    disable("ana").ends(1).says(&["last admin"]);
    disable("cy").ends(4).says(&["no operator `cy`"]);
    disable("bo").ok();
    world
        .weir(&["operator", "set", "bo", "--role", "admin"])
        .ok();
    world.weir(&["operator", "enable", "bo"]).ok();
    disable("ana").ok();
    world
        .pipe(&["operator", "passwd", "bo"], b"another horse battery\n")
        .ok();

    let listed = world.weir(&["--json", "operator", "list"]).ok().json();
    let found: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["name"].as_str(),
                one["role"].as_str(),
                one["disabled_at"].is_null(),
            )
        })
        .collect();
    let expected = [
        (Some("ana"), Some("admin"), false),
        (Some("bo"), Some("admin"), true),
    ];
    assert_eq!(found, expected);
    let everything = world.weir(&["--json", "audit", "list"]).ok();
    for word in ["argon2", "horse"] {
        assert!(!listed.to_string().contains(word), "{listed}");
        assert!(!everything.out.contains(word), "{}", everything.out);
    }
    for operation in [
        "operator-create",
        "operator-set",
        "operator-disable",
        "operator-enable",
        "operator-passwd",
    ] {
        assert!(everything.out.contains(operation), "{operation}");
    }
}

#[test]
fn a_token_is_shown_once() {
    let world = World::new();
    create(&world, &["ana", "--role", "operator"]).ok();
    let token = ["token", "create", "ana", "--label", "nightly"];
    let made = world.weir(&token).ok();
    let secret = made.out.trim();
    assert!(
        secret.starts_with("weir_") && secret.len() == 69,
        "{secret}"
    );
    for (args, code, says) in [
        (vec!["--role", "admin"], 1, "what its operator is not"),
        (vec!["--for", "400d"], 1, "a year at most"),
        (vec!["--for", "soon"], 2, "--for"),
    ] {
        world
            .weir(&[&token, args.as_slice()].concat())
            .ends(code)
            .says(&[says]);
    }
    let listed = world.weir(&["--json", "token", "list"]).ok();
    assert!(!listed.out.contains(secret), "{}", listed.out);
    let id = listed.json()[0]["id"].as_str().unwrap().to_owned();
    let revoke = ["token", "revoke", &id];
    world.weir(&revoke).ok().says(&["is revoked"]);
    world.weir(&revoke).ends(4);
    let listed = world.weir(&["token", "list", "--operator", "bo"]).ok();
    listed.says(&["no tokens"]);
}
