//! Servers that are named wrongly, are not there, or are not as they should be.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::world::{Ran, World};

#[test]
fn what_is_named_decides_where_commands_work() {
    let world = World::new();
    for (args, environment, code, says) in [
        (
            &["--server", "http://192.0.2.1", "blocks"][..],
            &[][..],
            2,
            "https",
        ),
        (
            &["--server", "https://ana:secret@weir.test", "blocks"],
            &[],
            2,
            "passwords",
        ),
        (&["--server", "weir.test", "blocks"], &[], 2, "not a URL"),
        (&["--server", "ftp://weir.test", "blocks"], &[], 2, "https"),
        (&["login", "http://weir.test"], &[], 2, "https"),
        (
            &[
                "--server",
                "https://weir.test",
                "--database",
                "sqlite:x.db",
                "blocks",
            ],
            &[],
            2,
            "one of them",
        ),
        (
            &["blocks"],
            &[
                ("WEIR_SERVER", "https://weir.test"),
                ("WEIR_DATABASE_URL", "sqlite:x.db"),
            ],
            2,
            "both",
        ),
        (
            &["blocks"],
            &[("WEIR_SERVER", "https://weir.test")],
            6,
            "weir login https://weir.test",
        ),
        (
            &["--database", "sqlite:x.db", "blocks"],
            &[("WEIR_SERVER", "https://weir.test")],
            0,
            "",
        ),
        (&["blocks"], &[], 0, ""),
        (
            &["db", "status"],
            &[("WEIR_SERVER", "https://weir.test")],
            0,
            "",
        ),
    ] {
        let mut command = world.command(args);
        command.envs(environment.iter().copied());
        let ran = Ran::of(command.output().unwrap()).ends(code);
        assert!(
            ran.err.contains(says) && !ran.err.contains("secret"),
            "{ran:#?}"
        );
    }
}

/// A server that answers with these, one after the other.
fn canned(answers: Vec<(u16, &'static str)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).unwrap();
            let head = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\n\
                 Location: http://elsewhere.test\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(body.as_bytes()).unwrap();
        }
    });
    url
}

#[test]
fn a_server_that_is_not_as_it_should_be_is_told_apart() {
    const OLD: &str = r#"{"name":"eva","role":"admin","team":null,"permissions":[],"token":"a","has_password":true,
        "zone":"Europe/Madrid","now":"2026-11-20T10:00:00Z","mode":"dry-run","version":"0.0.1"}"#;
    const NOTHING: &str =
        r#"{"title":"Not Found","status":404,"detail":"there is nothing at this address"}"#;
    const FAULT: &str =
        r#"{"title":"x","status":500,"detail":"this should not happen","id":"000007"}"#;
    let world = World::new();
    let ask = |url: &str, args: &[&str]| {
        let mut command = world.command(&[&["--server", url], args].concat());
        Ran::of(command.env("WEIR_TOKEN", "weir_x").output().unwrap())
    };
    for (answers, code, says) in [
        (
            vec![(200, "hello")],
            1,
            "does not answer like a Weir server",
        ),
        (vec![(302, "")], 1, "does not answer like a Weir server"),
        (vec![(502, "<html>bad gateway</html>")], 1, "HTTP 502"),
        (
            vec![(200, OLD), (404, NOTHING)],
            1,
            "the server is Weir 0.0.1",
        ),
        (vec![(200, OLD), (200, "{}")], 1, "the server is Weir 0.0.1"),
        (vec![(200, OLD), (500, FAULT)], 1, "000007"),
    ] {
        ask(&canned(answers), &["status", "ana"])
            .ends(code)
            .says(&[says]);
    }
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let ran = ask(&format!("http://{gone}"), &["status", "ana"]).ends(1);
    assert!(
        ran.err.contains("cannot be reached") && !ran.err.contains("weir_x"),
        "{ran:#?}"
    );
}

#[test]
fn a_certificate_is_verified_by_the_authorities_of_the_machine() {
    use std::process::{Command, Stdio};
    let world = World::new();
    let (key, certificate) = (world.path("key.pem"), world.path("cert.pem"));
    let request = world.write(
        "openssl.cnf",
        "[req]\ndistinguished_name = dn\nx509_extensions = ext\nprompt = no\n[dn]\nCN = localhost\n\
         [ext]\nbasicConstraints = critical, CA:FALSE\nsubjectAltName = DNS:localhost\n",
    );
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
        ])
        .args(["-days", "2", "-config"])
        .arg(&request)
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status();
    let made = made.expect("openssl is needed: apt-get install openssl");
    assert!(made.success());
    // A free port, taken again by openssl.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut server = Command::new("openssl")
        .args([
            "s_server",
            "-www",
            "-quiet",
            "-accept",
            &format!("127.0.0.1:{port}"),
        ])
        .arg("-key")
        .arg(&key)
        .arg("-cert")
        .arg(&certificate)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::yield_now();
    }
    let url = format!("https://localhost:{port}");
    let ask = |trusted: bool| {
        let mut command = world.command(&["--server", &url, "whoami"]);
        command.env("WEIR_TOKEN", "weir_x");
        if trusted {
            command.env("SSL_CERT_FILE", &certificate);
        }
        Ran::of(command.output().unwrap())
    };
    let (wrong, right) = (ask(false), ask(true));
    server.kill().unwrap();
    server.wait().unwrap();
    wrong
        .ends(1)
        .says(&["certificate", "not trusted", "SSL_CERT_FILE"]);
    right.ends(1).says(&["does not answer like a Weir server"]);
}
