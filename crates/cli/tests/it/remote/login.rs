//! Who we are at a server, and who may know.

use serde_json::json;

use super::alike::CALLS;
use crate::served::{PASSWORD, Served, fed};
use crate::world::{Ran, World};

#[test]
fn a_login_is_kept_for_its_owner_used_and_revoked() {
    let served = Served::with(&CALLS);
    let world = &served.world;
    let nobody = world.weir(&["--server", &served.url, "whoami"]);
    nobody.ends(6).says(&["weir login"]);
    let login = served.log_in().ok().says(&["`eva`", "logins.json"]);
    let file = world.path(".config/weir/logins.json");
    let stored: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let secret = stored["logins"][&served.url]["token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(!login.err.contains(&secret) && login.out.is_empty());

    // No database is named: the login says where commands work. Not the server itself, though.
    let me = world.weir(&["--json", "whoami"]).ok().json();
    assert_eq!(
        (&me["name"], &me["role"], &me["server"]),
        (&json!("eva"), &json!("admin"), &json!(served.url))
    );
    world.weir(&["status", "ana.lopez"]).ok();
    let here = world
        .weir(&["--json", "--database", &served.database, "whoami"])
        .ok()
        .json();
    assert_eq!(here["server"], json!(null));
    world.weir(&["db", "status"]).ok();
    for args in [
        &["ingest", "-"][..],
        &["sync"],
        &["user", "create", "ana", "Ana", "sap"],
    ] {
        world
            .weir(args)
            .ends(2)
            .says(&["needs the database", "weir logout"]);
        served
            .through(args)
            .ends(2)
            .says(&["needs the database", "--database"]);
    }

    let mut loud = world.command(&["status", "ana.lopez"]);
    let loud = Ran::of(loud.env("WEIR_LOG", "trace").output().unwrap()).ok();
    assert!(!loud.err.contains(&secret), "the token is in the log");
    let tokens = world.weir(&["--json", "token", "list"]).ok();
    assert!(
        tokens.json()[0]["label"]
            .as_str()
            .unwrap()
            .starts_with("weir login of ")
    );
    assert!(!tokens.out.contains(&secret));

    only_its_owner_reads(world, &file);
    world.weir(&["logout"]).ok().says(&["logged out"]);
    served
        .by(&secret, &["whoami"])
        .ends(6)
        .says(&["does not let you in", "weir login"]);
    world.weir(&["logout"]).ok().says(&["not logged in"]);
    assert!(!std::fs::read_to_string(&file).unwrap().contains(&secret));
}

fn only_its_owner_reads(world: &World, file: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = || std::fs::metadata(file).unwrap().permissions().mode() & 0o777;
    let set = |mode| {
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    assert_eq!(mode(), 0o600);
    set(0o644);
    world
        .weir(&["whoami"])
        .ends(1)
        .says(&["others may read", "chmod 600"]);
    set(0o600);
}

#[test]
fn a_token_is_taken_from_standard_input() {
    let served = Served::with(&CALLS);
    let token = served.token("viewer");
    let login = |input: &[u8]| {
        let command = served
            .world
            .command(&["login", &served.url, "--token-stdin"]);
        fed(command, input)
    };
    login(b"weir_nothing\n")
        .ends(6)
        .says(&["does not let you in"]);
    login(b"\n").ends(2).says(&["standard input"]);
    login(format!("{token}\n").as_bytes())
        .ok()
        .says(&["`viewer`"]);
    let me = served.world.weir(&["whoami"]).ok();
    assert!(
        me.out.contains("viewer") && !me.out.contains(&token),
        "{me:#?}"
    );
    let wrong = served
        .world
        .command(&["login", &served.url, "--user", "viewer"]);
    fed(wrong, b"wrong password\n")
        .ends(6)
        .says(&["password is wrong"]);
    served.operator("ana", "developer");
    let developer = served
        .world
        .command(&["login", &served.url, "--user", "ana"]);
    fed(developer, PASSWORD)
        .ends(6)
        .says(&["developer", "My usage"]);
    let nobody = served.world.command(&["login", &served.url]);
    fed(nobody, b"").ends(2).says(&["--user"]);
}

#[test]
fn a_logout_that_reaches_nobody_still_forgets() {
    let mut served = Served::with(&CALLS);
    served.log_in().ok();
    served.stop();
    let ran = served.world.weir(&["logout"]).ends(1);
    ran.says(&["forgotten here", "weir token revoke"]);
    served.world.weir(&["logout"]).ok().says(&["not logged in"]);
}
