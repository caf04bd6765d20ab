//! `weir init` and `weir aws-policy`: how it begins.

use serde_json::Value;

use crate::world::World;

#[test]
fn a_configuration_is_written_that_is_good_and_commented() {
    for (limits, action, unknown) in [
        ("watch", "notify", "flag"),
        ("block", "block", "flag"),
        ("strict", "block", "worst"),
    ] {
        let world = World::new();
        let flags = [
            "--language",
            "en",
            "--zone",
            "Atlantic/Canary",
            "--limits",
            limits,
        ];
        let ran = world.weir(&[&["init"], &flags[..]].concat()).ok();
        let ran = ran.says(&["wrote weir.toml"]);
        assert!(ran.out.contains("weir ingest aws --last 24h"), "{ran:?}");
        let text = std::fs::read_to_string(world.path("weir.toml")).unwrap();
        for line in [
            "zone = \"Atlantic/Canary\"".to_owned(),
            "# mode = \"dry-run\"".to_owned(),
            "language = \"en\"".to_owned(),
            format!("action = \"{action}\""),
            format!("unknown = \"{unknown}\""),
        ] {
            assert!(text.lines().any(|one| one == line), "{line}: {text}");
        }
        world.weir(&["config", "check"]).ok();
        let shown = world.weir(&["--json", "quota", "list"]).ok().json();
        let ours = shown.as_array().unwrap().iter();
        let ours = ours.filter(|quota| quota["scope"] == "defaults");
        assert!(ours.clone().count() >= 2, "{shown}");
    }
}

#[test]
fn a_file_that_is_there_is_left_alone() {
    let world = World::new();
    world.write("weir.toml", "# mine\n");
    world.weir(&["init"]).ends(1).says(&["left alone", "--out"]);
    let text = std::fs::read_to_string(world.path("weir.toml")).unwrap();
    assert_eq!(text, "# mine\n");
    let other = world.weir(&["--json", "init", "--out", "other.toml"]).ok();
    let other = other.says(&["How strict", "watch"]);
    assert_eq!(other.json()["file"], "other.toml");
    assert_eq!(other.json()["account"], Value::Null);
}

#[test]
fn without_somebody_to_ask_the_first_answers_are_taken_and_said() {
    let world = World::new();
    let ran = world.weir(&["init"]).ok();
    ran.says(&[
        "Language of messages (es, en): es",
        "Business time zone: Europe/Madrid",
    ]);
    let wrong = world.weir(&["init", "--zone", "Moon/Base", "--out", "x.toml"]);
    wrong.ends(2).says(&["Moon/Base"]);
    let blind = world.weir(&["init", "--aws", "--out", "y.toml"]).ends(1);
    blind.says(&["no AWS credentials"]);
    assert!(!world.path("y.toml").exists());
}

#[test]
fn each_feature_has_its_rights_and_says_what_a_thief_could_do() {
    let world = World::new();
    for (feature, sid, words) in [
        ("read", "WeirWhoIsWho", "change nothing"),
        (
            "enforce",
            "WeirAttachesItsPolicyOnly",
            "take over the account",
        ),
        (
            "identity-center",
            "WeirWritesVersionsOfItsPolicies",
            "Identity Center",
        ),
        ("provision", "WeirHandsOutUsers", "never to a server"),
    ] {
        let ran = world.weir(&["aws-policy", "--feature", feature]).ok();
        let ran = ran.says(&["Whoever steals", words]);
        let policy = ran.json();
        let statements = policy["Statement"].as_array().unwrap();
        assert!(statements.iter().any(|one| one["Sid"] == sid), "{policy}");
    }
    let both = [
        "aws-policy",
        "--feature",
        "read,enforce",
        "--account",
        "111122223333",
    ];
    let both = world.weir(&both).ok();
    assert!(
        both.out
            .contains("arn:aws:iam::111122223333:policy/weir/WeirBlock")
    );
    let set_up = world.weir(&["enforce", "setup", "--print"]).ok().json();
    let printed = world.weir(&["aws-policy", "--feature", "read,enforce"]);
    assert_eq!(set_up, printed.json(), "one source");
    let scp = [
        "aws-policy",
        "--feature",
        "identity-center",
        "--scp",
        "p-1234",
    ];
    let scp = world.weir(&scp).ok().out;
    assert!(scp.contains("service_control_policy/p-1234") && !scp.contains("iam:CreatePolicy"));
    world
        .weir(&["aws-policy", "--feature", "everything"])
        .ends(2);
    world.weir(&["aws-policy"]).ends(2);
}
