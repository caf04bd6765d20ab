//! `[server.oidc]`: what is wrong is told by name, and the doctor asks the provider.

use serde_json::json;

use crate::world::World;

/// Where nobody listens.
const AWAY: &str = "http://127.0.0.1:9";

fn with(issuer: &str, more: &str) -> World {
    let world = World::new();
    world.write("secret", "c0rrect horse battery\n");
    world.write(
        "weir.toml",
        format!(
            "[server.oidc]\nissuer = \"{issuer}\"\nclient_id = \"weir\"\n\
             redirect_url = \"https://weir.example.com/sso/callback\"\n{more}\n"
        ),
    );
    world
}

const ADMINS: &str = "client_secret_file = \"secret\"\n\
    [[server.oidc.groups]]\ngroup = \"weir-admins\"\nrole = \"admin\"";

#[test]
fn what_is_wrong_with_single_sign_on_is_told_by_name() {
    let no_secret = "[[server.oidc.groups]]\ngroup = \"weir-admins\"\nrole = \"admin\"";
    for (issuer, more, said) in [
        (
            "https://id.example.com",
            no_secret,
            "WEIR_OIDC_CLIENT_SECRET",
        ),
        ("http://id.example.com", ADMINS, "server.oidc.issuer"),
        ("https://id.example.com", "", "nobody could sign in"),
        (
            "https://id.example.com",
            "[[server.oidc.groups]]\ngroup = \"leads\"\nrole = \"team\"",
            "`leads`: the role team needs the team it is for",
        ),
        (
            "https://id.example.com",
            "[[server.oidc.groups]]\ngroup = \"g\"\nrole = \"boss\"",
            "`boss` is not a role",
        ),
        (
            "https://id.example.com",
            "algorithms = [\"HS256\"]\nothers = \"developer\"\nclient_secret_file = \"secret\"",
            "server.oidc.algorithms: `HS256`",
        ),
    ] {
        let world = with(issuer, more);
        world.weir(&["config", "check"]).ends(2).says(&[said]);
    }
    let good = with("https://id.example.com", ADMINS);
    good.weir(&["config", "check"]).ok();
    let shown = good.weir(&["--json", "config", "show"]).ok().json();
    let shown = shown.to_string();
    assert!(shown.contains("https://id.example.com"), "{shown}");
    assert!(!shown.contains("c0rrect"), "{shown}");
}

#[test]
fn the_doctor_says_that_the_provider_is_away() {
    let world = with(AWAY, ADMINS);
    world.at(&["db", "migrate"]).ok();
    let found = world.at(&["--json", "doctor"]).json();
    let checks = found.as_array().unwrap();
    let check = checks
        .iter()
        .find(|check| check["name"] == json!("single sign-on"));
    let check = check.unwrap();
    assert_eq!(check["level"], "fail", "{check}");
    assert!(
        check["remedy"].to_string().contains("server.oidc.issuer"),
        "{check}"
    );
}
