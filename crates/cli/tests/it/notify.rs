//! Looking at messages.

use crate::world::World;

#[test]
fn every_message_can_be_looked_at_in_both_languages() {
    let world = World::new();
    let help = world.weir(&["notify", "preview", "--help"]).ok().out;
    let types = help.split("[possible values: ").nth(1).unwrap();
    let types: Vec<_> = types
        .split(']')
        .next()
        .unwrap()
        .split([',', '\n'])
        .collect();
    let types = types.iter().map(|word| word.trim());
    let types: Vec<_> = types.filter(|word| !word.is_empty()).collect();
    assert!(types.contains(&"blocked") && types.len() > 10, "{types:?}");
    for kind in types {
        let es = world.weir(&["notify", "preview", kind]).ok();
        let en = world
            .weir(&["notify", "preview", kind, "--lang", "en"])
            .ok();
        assert!(es.err.contains("Subject: ") && es.err != en.err, "{es:?}");
        assert!(es.out.contains("Qué pasa ahora") && en.out.contains("What happens next"));
        let html = world
            .weir(&["notify", "preview", kind, "--format", "html"])
            .ok();
        assert!(html.out.starts_with("<!doctype html>"), "{kind}");
    }
}

#[test]
fn a_preview_goes_by_the_configuration_and_needs_no_database() {
    let world = World::new();
    world.write(
        "weir.toml",
        "zone = \"America/Bogota\"\n[notify]\nlanguage = \"en\"\ncontact = \"bedrock@example.com\"\n",
    );
    let shown = world
        .weir(&["--json", "notify", "preview", "blocked"])
        .ok()
        .json();
    assert_eq!(shown["language"], "en");
    assert_eq!(shown["message"]["event_type"], "blocked");
    let text = shown["text"].as_str().unwrap();
    assert!(text.contains("Until: Fri 20 Nov 2026, 18:00 -05"), "{text}");
    assert!(text.contains("Questions? Write to bedrock@example.com."));
    assert!(!world.path(".local").exists());
    world.write("weir.toml", "[notify]\nlanguage = \"fr\"\n");
    world
        .weir(&["config", "check"])
        .ends(2)
        .says(&["weir.toml:2", "es or en"]);
}

const CHANNELS: &str = r#"
[notify]
from = "Weir <weir@example.com>"
admins = ["ops@example.com"]

[notify.smtp]
host = "smtp.example.com"
user = "weir@example.com"

[notify.sns]
topic_arn = "arn:aws:sns:eu-west-1:111122223333:weir"

[notify.chats.ops]

[[notify.routes]]
audience = "user"
channels = ["smtp"]

[[notify.routes]]
audience = "admins"
events = ["leak", "held"]
channels = ["smtp", "sns"]

[[notify.routes]]
audience = "admins"
severity = "critical"
channels = ["chat.ops"]
"#;

fn with_secrets(world: &World, args: &[&str]) -> crate::world::Ran {
    let mut command = world.command(args);
    command
        .env("WEIR_SMTP_PASSWORD", "hunter2")
        .env("WEIR_CHAT_URL_OPS", "https://hooks.example.com/hunter2");
    crate::world::Ran::of(command.output().unwrap())
}

#[test]
fn channels_and_routes_are_shown_without_their_secrets() {
    let world = World::new();
    world.write("weir.toml", CHANNELS);
    let shown = with_secrets(&world, &["config", "show"]).ok();
    for word in [
        "weir@example.com:…@smtp.example.com:587",
        "smtp, sns, chat.ops",
        "admins: leak held from info → smtp + sns",
    ] {
        assert!(shown.out.contains(word), "`{word}`: {shown:#?}");
    }
    assert!(!shown.out.contains("hunter2") && !shown.err.contains("hunter2"));
    with_secrets(&world, &["notify", "preview", "leak"])
        .ok()
        .says(&["Goes to: admins through chat.ops, smtp, sns"]);
    with_secrets(&world, &["notify", "preview", "new-user"])
        .ok()
        .says(&["Goes to: nobody, by the configuration"]);
}

#[test]
fn what_is_wrong_with_a_channel_is_said_with_its_line_and_the_remedy() {
    let world = World::new();
    for (text, words) in [
        (
            "[notify]\n[notify.smtp]\nhost = \"mail\"\n",
            "weir.toml:1: notify.from is missing",
        ),
        (
            "[notify]\nfrom = \"nobody\"\n",
            "weir.toml:2: `nobody` is not an address",
        ),
        (
            "[notify]\nadmins = [\"ops\"]\n",
            "weir.toml:2: `ops` is not an address",
        ),
        (
            "[notify]\nfrom = \"a@b.c\"\n[notify.smtp]\nhost = \"mail\"\nuser = \"ana\"\n",
            "weir.toml:5: user has no password: set password_file or WEIR_SMTP_PASSWORD",
        ),
        (
            "[notify]\nfrom = \"a@b.c\"\n[notify.smtp]\nhost = \"mail\"\nsecurity = \"none\"\n",
            "weir.toml:5: without TLS only to 127.0.0.1",
        ),
        (
            "[notify.sns]\ntopic_arn = \"weir\"\n",
            "weir.toml:2: `weir` is not a topic",
        ),
        (
            "[notify.chats.ops-2]\n",
            "no URL to post to: set url_file or WEIR_CHAT_URL_OPS_2",
        ),
        ("[notify.chats.Ops]\n", "`Ops` is not a name of a channel"),
        (
            "[notify.webhooks.a]\nurl = \"https://x\"\n",
            "no secret to sign with: set secret_file or WEIR_WEBHOOK_SECRET_A",
        ),
        (
            "[notify.webhooks.a]\nurl = \"http://x.example.com/\"\nsecret_file = \"weir.toml\"\n",
            "weir.toml:2: a URL that begins with https://",
        ),
        (
            "[notify.webhooks.a]\nurl = \"http://localhost:1@x.example.com/\"\nsecret_file = \"weir.toml\"\n",
            "weir.toml:2: a URL that begins with https://",
        ),
        (
            "[notify.chats.a]\nurl_file = \"weir.toml\"\n",
            "weir.toml:1: a URL that begins with https://",
        ),
        (
            "[[notify.routes]]\naudience = \"user\"\nchannels = [\"smtp\"]\n",
            "there is no channel `smtp`",
        ),
        (
            "[[notify.routes]]\naudience = \"user\"\nevents = [\"party\"]\nchannels = []\n",
            "`party` is not a type of message",
        ),
        (
            "[notify.sns]\ntopic_arn = \"arn:aws:sns:eu-west-1:111122223333:t\"\n\
             [[notify.routes]]\naudience = \"user\"\nchannels = [\"sns\"]\n",
            "`sns` reaches whoever listens",
        ),
    ] {
        world.write("weir.toml", text);
        let ran = world.weir(&["config", "check"]).ends(2);
        assert!(ran.err.contains(words), "{text}\n{ran:#?}");
    }
}

#[test]
fn a_password_in_clear_is_warned_about() {
    let world = World::new();
    world.write(
        "weir.toml",
        "[notify]\nfrom = \"a@b.c\"\n[notify.smtp]\nhost = \"mail\"\nuser = \"ana\"\npassword = \"hunter2\"\n",
    );
    let ran = world.weir(&["config", "check"]).ok();
    assert!(
        ran.err.contains("weir.toml:6: a password in clear"),
        "{ran:?}"
    );
    assert!(!ran.err.contains("hunter2"), "{ran:?}");
}

/// Answers one request, and gives it.
fn receive(listener: std::net::TcpListener) -> std::thread::JoinHandle<String> {
    use std::io::{Read, Write};
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = String::new();
        let is_whole = |request: &str| {
            let (head, body) = request.split_once("\r\n\r\n")?;
            let head = head.to_lowercase();
            let (_, length) = head.split_once("content-length: ")?;
            let length: usize = length.lines().next()?.trim().parse().ok()?;
            (body.len() >= length).then_some(())
        };
        while is_whole(&request).is_none() {
            let mut bytes = [0; 4096];
            let n = stream.read(&mut bytes).unwrap();
            request.push_str(std::str::from_utf8(&bytes[..n]).unwrap());
        }
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
            .unwrap();
        request
    })
}

#[test]
fn a_webhook_can_be_tried() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/audit", listener.local_addr().unwrap());
    let world = World::new();
    world.write(
        "weir.toml",
        format!("[notify]\nlanguage = \"en\"\n[notify.webhooks.audit]\nurl = \"{url}\"\n"),
    );
    let secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    let test = || {
        let mut command = world.command(&["notify", "test", "webhook.audit"]);
        command.env("WEIR_WEBHOOK_SECRET_AUDIT", secret);
        crate::world::Ran::of(command.output().unwrap())
    };
    let received = receive(listener);
    test().ok().says(&["channel `webhook.audit` works"]);
    let request = received.join().unwrap();
    assert!(
        request.starts_with("POST /audit ")
            && request.contains("webhook-signature: v1,")
            && request.contains("weir.channel-test"),
        "{request}"
    );
    // Nobody listens any more.
    let ran = test().ends(1);
    assert!(
        ran.err.contains("channel `webhook.audit` does not work") && !ran.err.contains("whsec"),
        "{ran:?}"
    );
}

#[test]
fn a_channel_can_be_tried() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hunter2", listener.local_addr().unwrap());
    let world = World::new();
    world.write(
        "weir.toml",
        "[notify.chats.ops]\nurl_file = \"url\"\n[notify]\nlanguage = \"en\"\n",
    );
    world.write("url", format!("{url}\n"));
    let chat = receive(listener);
    world
        .weir(&["notify", "test", "chat.ops"])
        .ok()
        .says(&["channel `chat.ops` works"]);
    let request = chat.join().unwrap();
    assert!(
        request.starts_with("POST /hunter2 ")
            && request.contains("Test of the channel chat.ops, asked for by"),
        "{request}"
    );
    // Nobody listens any more.
    let ran = world.weir(&["notify", "test", "chat.ops"]).ends(1);
    assert!(
        ran.err.contains("channel `chat.ops` does not work") && !ran.err.contains("hunter2"),
        "{ran:?}"
    );
    world
        .weir(&["notify", "test", "smtp"])
        .ends(4)
        .says(&["there is no channel `smtp`; there are: chat.ops"]);
}
