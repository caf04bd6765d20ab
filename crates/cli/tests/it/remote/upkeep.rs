//! What keeps the installation in order, and what reads very much: the same through a server.

use serde_json::Value;

use super::alike::CALLS;
use crate::served::Served;

/// Two installations alike: one is asked through its server, one directly.
fn two() -> [Served; 2] {
    [0, 1].map(|_| {
        let served = Served::with(&CALLS);
        served.log_in().ok();
        let human = ["user", "set", "ana.lopez", "--class", "human"];
        served.through(&human).ok();
        served
    })
}

/// Both end alike and print the same, whoever asks.
fn alike(served: &[Served; 2], steps: &[(&[&str], i32)]) {
    let [with, without] = served;
    let me = without.directly(&["--json", "whoami"]).ok().json();
    let me = me["name"].as_str().unwrap().to_owned();
    for (args, code) in steps {
        let through = with.through(args).ends(*code);
        let directly = without.directly(args).ends(*code);
        let out = directly.out.replace(&me, "operator:eva");
        assert_eq!(through.out, out, "{args:?}");
        if *code == 0 {
            assert_eq!(through.err, directly.err, "{args:?}");
        }
    }
}

/// Without what a clock says.
fn timeless(mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            fields.retain(|name, _| !matches!(name.as_str(), "since" | "older_than"));
            fields
                .values_mut()
                .for_each(|field| *field = timeless(field.take()));
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| *item = timeless(item.take())),
        _ => {}
    }
    value
}

#[test]
fn the_mode_is_changed_alike() {
    let served = two();
    alike(
        &served,
        &[
            (&["enforce", "mode"], 0),
            (&["--json", "enforce", "mode"], 0),
            (
                &["block", "ana.lopez", "--reason", "tested", "--indefinite"],
                0,
            ),
            (&["enforce", "mode", "iam"], 5),
            (&["enforce", "mode", "iam", "--keep"], 2),
            (
                &["--yes", "enforce", "mode", "off", "--reason", "a trial"],
                0,
            ),
            (&["--yes", "--json", "enforce", "mode", "dry-run"], 0),
        ],
    );
    let claimed = ["enforce", "mode", "off", "--by", "root"];
    served[0].through(&claimed).ends(2).says(&["--by"]);
}

#[test]
fn resets_and_retention_are_run_alike() {
    let served = two();
    alike(
        &served,
        &[
            (&["reset", "run"], 0),
            (&["reset", "run", "--date", "2026-11-20"], 0),
            (&["--json", "reset", "run", "--date", "2100-01-01"], 1),
            (&["retention", "run"], 0),
            (&["--json", "retention", "run"], 0),
        ],
    );
    let foreseen = ["--json", "reset", "run", "--dry-run"];
    let show = ["--json", "retention", "show"];
    for args in [&foreseen[..], &show] {
        let [with, without] = [served[0].through(args), served[0].directly(args)];
        assert_eq!(
            timeless(with.ok().json()),
            timeless(without.ok().json()),
            "{args:?}"
        );
    }
    assert_eq!(served[0].through(&["retention", "show"]).ok().err, "");
}

#[test]
fn past_calls_are_costed_anew_alike() {
    let model = "anthropic.claude-haiku-4-5-20251001-v1:0";
    let set = ["pricing", "set", model, "--input", "6", "--output", "30"];
    let set = [&set[..], &["--from", "2026-11-01"]].concat();
    let anew = ["pricing", "reprice", model, "--from", "2026-11-01"];
    let with = |before: &[&'static str], after: &[&'static str]| [before, &anew, after].concat();
    let nothing_of_the_past = ["pricing", "reprice", "amazon.nova-lite-v1:0"];
    let nothing_of_the_past = [&nothing_of_the_past[..], &["--from", "2026-11-01"]].concat();
    let served = two();
    alike(
        &served,
        &[
            (&nothing_of_the_past, 0),
            (&set, 0),
            (&with(&["--json"], &["--dry-run"]), 0),
            (&with(&[], &[]), 5),
            (&with(&["--json"], &["--to", "2026-10-31", "--dry-run"]), 1),
            (&with(&["--yes", "--json"], &["--region", "eu-west-9"]), 0),
            (&with(&["--yes"], &[]), 0),
            (&with(&["--yes", "--json"], &[]), 0),
            (&["--json", "usage", "--by", "model"], 0),
        ],
    );
    let foreseen = served[0].through(&with(&["--json"], &["--dry-run"])).ok();
    assert_eq!(foreseen.json()["changed"], 0, "all of them were");
}

#[test]
fn what_aws_counted_is_read_alike() {
    let served = two();
    let read = ["coverage", "--read"];
    for ran in [served[0].through(&read), served[1].directly(&read)] {
        ran.ends(1).says(&["CloudWatch"]);
    }
}

#[test]
fn quotas_are_tried_alike() {
    let served = Served::with(&CALLS);
    served.log_in().ok();
    for quota in [
        &["user:ana.lopez", "requests", "day", "1"][..],
        &["team:unassigned", "cost", "month", "$0.01", "--last", "60d"],
        &[
            "defaults", "requests", "day", "0", "--action", "notify", "--warn", "50",
        ],
    ] {
        let args = [&["--json", "quota", "try"], quota].concat();
        let [with, without] = [served.through(&args), served.directly(&args)];
        let [with, without] = [with, without].map(|ran| timeless(ran.ok().json()));
        assert_eq!(with, without, "{args:?}");
        let args = [&["quota", "try"], quota].concat();
        let [with, without] = [served.through(&args), served.directly(&args)];
        assert_eq!(with.ok().out, without.ok().out, "{args:?}");
    }
}

#[test]
fn files_are_imported_alike() {
    const QUOTAS: &str = "[[quotas]]\nscope = \"user:ana.lopez\"\nmetric = \"requests\"\nwindow = \"day\"\n\
                          limit = 0\n[[quotas]]\nscope = \"defaults\"\nmetric = \"cost\"\nwindow = \"month\"\n\
                          limit = \"$99.50\"\n";
    const OLD: &str = r#"{"users": {"ben": {"daily_limit": 350, "colour": "red"}}}"#;
    const PEOPLE: &str = "user;team;person;language\nana.lopez;sap;Ana;es\nzoe;web;Zoe;en\n";
    let served = two();
    for served in &served {
        served.world.write("quotas.toml", QUOTAS);
        served.world.write("old.json", OLD);
        served.world.write("people.csv", PEOPLE);
        served.world.write("nobody.csv", "user\n");
    }
    alike(
        &served,
        &[
            (
                &[
                    "--json",
                    "quota",
                    "import",
                    "quotas.toml",
                    "old.json",
                    "--dry-run",
                ],
                0,
            ),
            (&["--json", "quota", "import", "old.json", "--dry-run"], 0),
            (&["--json", "--yes", "quota", "import", "old.json"], 0),
            (&["quota", "import", "missing.toml"], 1),
            (&["--yes", "quota", "import", "quotas.toml"], 0),
            (&["--json", "quota", "list"], 0),
            (&["user", "import", "people.csv", "--dry-run"], 0),
            (&["--json", "user", "import", "people.csv"], 0),
            (&["user", "import", "people.csv"], 0),
            (&["user", "import", "nobody.csv"], 0),
            (&["user", "import", "quotas.toml"], 2),
        ],
    );
}

#[test]
fn whose_calls_they_are_is_said_alike() {
    const EVA: &str = "arn:aws:iam::111122223333:user/eva";
    let since = [
        "user",
        "set",
        "ana.lopez",
        "--team",
        "web",
        "--since",
        "2026-11-10",
    ];
    let yes = [&["--yes", "--json"], &since[..]].concat();
    let dry = [&since[..], &["--dry-run"]].concat();
    alike(
        &two(),
        &[
            (&dry, 0),
            (&since, 5),
            (&yes, 0),
            (
                &[
                    "user",
                    "set",
                    "nobody",
                    "--team",
                    "web",
                    "--since",
                    "2026-11-10",
                ],
                4,
            ),
            (
                &[
                    "user",
                    "set",
                    "ana.lopez",
                    "--class",
                    "human",
                    "--since",
                    "2026-11-10",
                ],
                2,
            ),
            (&["user", "link", EVA, "eva", "--dry-run"], 0),
            (&["user", "link", EVA, "ana.lopez"], 0),
            (&["user", "link", "eva", "ana.lopez"], 2),
            (
                &["block", "ana.lopez", "--reason", "tested", "--indefinite"],
                0,
            ),
            (
                &["user", "link", "111122223333/iam-user/zoe", "ana.lopez"],
                5,
            ),
            (
                &[
                    "--yes",
                    "user",
                    "link",
                    "111122223333/iam-user/zoe",
                    "ana.lopez",
                ],
                0,
            ),
            (&["user", "forget", "nobody"], 4),
        ],
    );
}

#[test]
fn somebody_is_forgotten_through_a_server() {
    let [served, _] = two();
    let dry = ["--json", "user", "forget", "ana.lopez", "--dry-run"];
    // An answer that is remembered names them, until it is replaced too.
    let [without, with] = [served.directly(&dry), served.through(&dry)];
    assert_eq!(with.ok().out, without.ok().out);
    let block = ["block", "ana.lopez", "--reason", "tested"];
    served.through(&block).ok();
    let blocked = ["--yes", "user", "forget", "ana.lopez"];
    served.through(&blocked).ends(1).says(&["block"]);
    let unblock = ["unblock", "ana.lopez", "--no-protect"];
    served.through(&unblock).ok();
    served.through(&["user", "forget", "ana.lopez"]).ends(5);
    let done = served.through(&["--json", "--yes", "user", "forget", "ana.lopez"]);
    let done = done.ok().json();
    let pseudonym = done["done"]["pseudonym"].as_str().unwrap();
    assert!(pseudonym.starts_with("forgotten/"), "{done}");
    served.directly(&["user", "show", pseudonym]).ok();
    served.directly(&["user", "show", "ana.lopez"]).ends(4);
    served.directly(&["audit", "verify"]).ok();
}

#[test]
fn what_needs_aws_says_so_through_a_server() {
    let [served, _] = two();
    served
        .through(&["reconcile", "--all"])
        .ends(1)
        .says(&["AWS credentials"]);
    served
        .through(&["enforce", "check", "ana.lopez"])
        .ends(5)
        .says(&["may not use Bedrock"]);
    served
        .through(&["--yes", "enforce", "check", "ana.lopez"])
        .ends(1)
        .says(&["AWS credentials"]);
}
