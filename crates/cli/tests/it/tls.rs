//! `[server.tls]`: a real process that speaks TLS, and what the doctor says of its certificate.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::json;

use crate::world::World;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const OPEN: [&str; 5] = [
    "--database",
    "sqlite:tls.db",
    "serve",
    "--listen",
    "0.0.0.0:0",
];

/// A certificate that ends on a day, its key, and the configuration that names them.
fn with(end: (i32, u8, u8)) -> World {
    let world = World::new();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["weir.example.com".to_owned()]).unwrap();
    params.not_after = date_time_ymd(end.0, end.1, end.2);
    let certificate = params.self_signed(&key).unwrap();
    world.write("certificate.pem", certificate.pem());
    world.write("key.pem", key.serialize_pem());
    world.write(
        "weir.toml",
        "[server.tls]\ncertificate_file = \"certificate.pem\"\nkey_file = \"key.pem\"\n",
    );
    world
}

#[test]
fn with_a_certificate_it_serves_beyond_this_machine() {
    let world = with((2131, 5, 4));
    let mut child = world
        .command(&OPEN)
        .env("WEIR_SERVER_TOKEN", TOKEN)
        .env("WEIR_LOG", "off")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = said.next().unwrap().unwrap();
    assert!(
        first.starts_with("listening on https://0.0.0.0:"),
        "{first}"
    );
    let link = said.find(|line| line.as_ref().unwrap().contains("/setup#"));
    let link = link.unwrap().unwrap();
    assert!(link.contains("https://"), "{link}");
    let killed = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_certificate_that_cannot_be_used_is_told_before_anything_listens() {
    let world = with((2131, 5, 4));
    world.write("token", TOKEN);
    world.write("key.pem", KeyPair::generate().unwrap().serialize_pem());
    let args = ["serve", "--token-file", "token", "--listen", "0.0.0.0:0"];
    let wrong = [
        "server.tls.key_file `key.pem` is not the key of",
        "certificate.pem",
    ];
    world.weir(&args).ends(1).says(&wrong);
    std::fs::remove_file(world.path("certificate.pem")).unwrap();
    let missing = ["server.tls.certificate_file `certificate.pem` cannot be read"];
    world.weir(&args).ends(1).says(&missing);
}

#[test]
fn the_doctor_says_when_the_certificate_ends() {
    for (end, level, says) in [
        ((2026, 12, 25), "ok", "good until 2026-12-25T00:00:00Z"),
        ((2026, 12, 5), "warn", "ends at 2026-12-05T00:00:00Z"),
        ((2026, 11, 20), "fail", "ended at 2026-11-20T00:00:00Z"),
    ] {
        let world = with(end);
        world.at(&["db", "migrate"]).ok();
        let checks = world.at(&["--json", "doctor"]).json();
        let of_us = |check: &&serde_json::Value| check["name"] == "certificate";
        let check = checks.as_array().unwrap().iter().find(of_us).unwrap();
        assert_eq!(
            (&check["level"], &check["found"]),
            (&json!(level), &json!(says))
        );
        assert_eq!(check["remedy"].is_string(), level != "ok");
    }
}
