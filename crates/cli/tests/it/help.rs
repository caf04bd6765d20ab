//! What the binary says about itself.

use std::fmt::Write;

use expect_test::expect_file;

use crate::world::World;

#[test]
fn the_top_level_help_is_pinned() {
    let ran = World::new().weir(&["--help"]).ok();
    assert_eq!(ran.err, "");
    expect_file!["help.txt"].assert_eq(&ran.out);
}

/// Those that hand out access, and those of the first half hour.
const PINNED: [&str; 12] = [
    "aws-policy",
    "doctor",
    "enforce",
    "group",
    "import",
    "ingest",
    "init",
    "policy",
    "provision",
    "quota",
    "sync",
    "user",
];

/// The help of a command and of all below it, without the global options, which are the same everywhere.
fn helps(world: &World, command: &str, text: &mut String) {
    let args: Vec<_> = command.split(' ').chain(["--help"]).collect();
    let ran = world.weir(&args).ok();
    let (own, _) = ran.out.split_once("\nGlobal options:").unwrap();
    let _ = writeln!(text, "$ weir {command} --help\n{own}");
    let below = ran.out.split_once("\nCommands:\n").map(|(_, rest)| rest);
    let below = below.unwrap_or_default().lines();
    for line in below.take_while(|line| !line.is_empty()) {
        // A long description goes on in lines that are indented further.
        let name = line
            .strip_prefix("  ")
            .filter(|rest| !rest.starts_with(' '));
        if let Some(name) = name.and_then(|rest| rest.split(' ').next()) {
            helps(world, &format!("{command} {name}"), text);
        }
    }
}

#[test]
fn the_help_of_every_verb_is_pinned() {
    let world = World::new();
    for command in PINNED {
        let mut text = String::new();
        helps(&world, command, &mut text);
        let path = format!("{}/tests/it/help/{command}.txt", env!("CARGO_MANIFEST_DIR"));
        expect_file![path].assert_eq(&text);
    }
}

const COMMANDS: [&str; 102] = [
    "ingest",
    "init",
    "ingest aws",
    "ingest logs",
    "ingest cloudtrail",
    "status",
    "usage",
    "coverage",
    "invocation",
    "quota",
    "quota list",
    "quota show",
    "quota set",
    "quota unset",
    "quota export",
    "quota raise",
    "quota import",
    "block",
    "unblock",
    "protect",
    "unprotect",
    "blocks",
    "pricing",
    "pricing set",
    "pricing unset",
    "pricing reprice",
    "user",
    "user list",
    "user show",
    "user set",
    "user link",
    "user confirm",
    "user create",
    "user info",
    "user update",
    "user delete",
    "user create-key",
    "user keys",
    "user bind-key",
    "user revoke-key",
    "user rotate-key",
    "user enable-key",
    "user disable-key",
    "user import",
    "user forget",
    "import",
    "import legacy",
    "group",
    "group create",
    "group info",
    "group list",
    "group delete",
    "group setup",
    "policy",
    "policy create",
    "policy info",
    "policy list",
    "policy attach",
    "policy detach",
    "policy delete",
    "provision",
    "sync",
    "quota suggest",
    "quota try",
    "audit",
    "audit verify",
    "dead-letters",
    "reconcile",
    "enforce",
    "enforce status",
    "enforce setup",
    "enforce held",
    "enforce mode",
    "enforce release-all",
    "aws-policy",
    "enforce check",
    "reset",
    "reset run",
    "reset history",
    "retention",
    "notify",
    "notify preview",
    "notify test",
    "outbox",
    "outbox list",
    "outbox show",
    "outbox retry",
    "team",
    "team set",
    "operator",
    "operator create",
    "token",
    "token create",
    "login",
    "logout",
    "whoami",
    "db",
    "serve",
    "demo",
    "doctor",
    "config",
    "completions",
];

#[test]
fn every_command_has_help_and_says_what_it_does() {
    let world = World::new();
    for command in COMMANDS {
        let mut args: Vec<_> = command.split(' ').collect();
        args.push("--help");
        let ran = world.weir(&args).ok();
        assert!(ran.out.contains("Usage:"), "{command}: {}", ran.out);
    }
}

#[test]
fn completions_are_a_script() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish"] {
        let ran = world.weir(&["completions", shell]).ok();
        assert!(ran.out.contains("weir") && ran.out.len() > 1_000, "{shell}");
    }
}

#[test]
fn a_wrong_command_line_ends_with_2_and_prints_no_data() {
    let world = World::new();
    for args in [
        vec!["nonsense"],
        vec!["usage"],
        vec!["usage", "--by", "colour"],
        vec!["block", "ana"],
        vec!["--as-of", "yesterday", "status", "ana"],
        vec!["--effects", "status", "ana"],
        vec!["quota", "set", "ana", "requests", "day", "5"],
        vec!["quota", "set", "user:ana", "requests", "day", "$5"],
        vec!["quota", "set", "user:ana", "cost", "day", "5k"],
        vec!["quota", "set", "user:ana", "requests", "day", "1,5k"],
        vec![
            "quota", "set", "user:ana", "requests", "day", "5", "--warn", "0",
        ],
        vec!["user", "set", "ana"],
        vec!["user", "create", "ana", "Ana"],
        vec!["user", "update", "ana"],
        vec!["user", "create-key", "ana", "cline", "--kind", "password"],
        vec!["user", "create-key", "ana", "cline", "--expires", "soon"],
        vec!["policy", "attach", "reader"],
        vec!["provision", "ana"],
        vec!["provision"],
        vec!["user", "link", "ana", "ana"],
        vec![
            "block",
            "ana",
            "--reason",
            "test",
            "--for",
            "1d",
            "--indefinite",
        ],
        vec![
            "usage",
            "--by",
            "day",
            "--from",
            "2026-11-20",
            "--to",
            "2026-11-19",
        ],
        vec!["--database", "postgres://x", "status", "ana"],
    ] {
        let ran = world.weir(&args).ends(2);
        assert_eq!(ran.out, "", "{args:?}");
        assert!(!ran.err.is_empty(), "{args:?}");
    }
}
