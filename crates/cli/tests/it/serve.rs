//! `weir serve`: a real process, stopped by a signal.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::world::{World, bytes};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn without_a_token_it_does_not_start() {
    let world = World::new();
    world
        .weir(&["serve", "--listen", "127.0.0.1:0"])
        .ends(2)
        .says(&["--token-file", "WEIR_SERVER_TOKEN"]);
    world.write("token", "short\n");
    world
        .weir(&["serve", "--token-file", "token"])
        .ends(2)
        .says(&["token", "16"]);
    world
        .weir(&["serve", "--token-file", "missing"])
        .ends(1)
        .says(&["missing"]);
}

#[test]
fn beyond_this_machine_it_serves_only_by_tls_or_behind_a_proxy() {
    let world = World::new();
    world.write("token", TOKEN);
    let args = ["serve", "--token-file", "token", "--listen", "0.0.0.0:0"];
    world
        .weir(&args)
        .ends(2)
        .says(&["0.0.0.0:0", "[server.tls]", "--behind-proxy", "127.0.0.1"]);
}

#[test]
fn events_are_counted_and_a_signal_ends_it() {
    let world = World::new();
    let mut command = world.command(&[
        "--database",
        "sqlite:serve.db",
        "serve",
        "--listen",
        "127.0.0.1:0",
    ]);
    let mut child = command
        .env("WEIR_SERVER_TOKEN", TOKEN)
        .env("WEIR_LOG", "off")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = said.next().unwrap().unwrap();
    let address = first
        .strip_prefix("listening on http://")
        .unwrap()
        .to_owned();

    let body = bytes("ct_invokemodel_iamuser.json");
    let head = format!(
        "POST /api/v1/events HTTP/1.1\r\nHost: weir\r\nConnection: close\r\n\
         Authorization: Bearer {TOKEN}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"new\":1"), "{answer}");

    let killed = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let rest: Vec<_> = said.map(Result::unwrap).collect();
    let offered = rest.iter().any(|line| line.contains("weir_setup_"));
    assert!(offered, "there is no operator: {rest:?}");
    assert!(rest.iter().any(|line| line.contains("stopped")), "{rest:?}");
    let asked = [
        "--database",
        "sqlite:serve.db",
        "usage",
        "--by",
        "user",
        "--json",
    ];
    let used = world.weir(&asked).ok().json();
    assert_eq!(used[0]["user"], "ana.lopez", "{used}");
    assert_eq!(used[0]["requests"], 1, "{used}");
}

#[test]
fn figures_are_written_where_the_configuration_says() {
    let world = World::new();
    world.write("weir.toml", "[metrics]\ncloudwatch = \"emf\"\n");
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let mut child = world
        .command(&[&["--database", "sqlite:emf.db"], &serve[..]].concat())
        .env("WEIR_SERVER_TOKEN", TOKEN)
        .env("WEIR_LOG", "off")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut lines =
        lines.map(|line| -> serde_json::Value { serde_json::from_str(&line.unwrap()).unwrap() });
    let system = lines.find(|line| line["OutboxDue"].is_f64()).unwrap();
    let told = &system["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(told["Namespace"], "Weir/System");
    assert!(system["_aws"]["Timestamp"].is_i64(), "{system}");
    let killed = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
