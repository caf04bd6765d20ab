//! What each role may do through a server: the exit status, 6 where the role may not.

use super::alike::{CALLS, FAR};
use crate::served::Served;

const ROLES: [&str; 5] = ["developer", "team", "viewer", "operator", "admin"];

#[rustfmt::skip]
const COMMANDS: [(&str, [i32; 5]); 35] = [
    ("whoami", [0, 0, 0, 0, 0]),
    ("user list", [6, 0, 0, 0, 0]),
    ("status ana.lopez", [6, 4, 0, 0, 0]),
    ("audit list", [6, 6, 0, 0, 0]),
    ("dead-letters", [6, 6, 0, 0, 0]),
    ("outbox list", [6, 6, 0, 0, 0]),
    ("outbox retry --failed", [6, 6, 6, 6, 0]),
    ("quota export", [6, 0, 0, 0, 0]),
    ("coverage", [6, 6, 0, 0, 0]),
    ("block ana.lopez --reason tested --until FAR", [6, 4, 6, 0, 0]),
    ("protect ana.lopez --reason tested", [6, 4, 6, 0, 0]),
    ("quota set defaults requests day 9k", [6, 6, 6, 6, 0]),
    ("quota raise ana.lopez +1 --for 1h --reason tested", [6, 6, 6, 6, 0]),
    ("pricing set cohere.command-r-plus-v1:0 --input 3", [6, 6, 6, 6, 0]),
    ("pricing unset cohere.command-r-plus-v1:0", [6, 6, 6, 6, 0]),
    ("user set ana.lopez --person Ana", [6, 6, 6, 6, 0]),
    ("team set sap --owner a@example.com", [6, 6, 6, 6, 0]),
    ("--yes enforce held discard ana.lopez", [6, 4, 4, 4, 4]),
    ("enforce mode", [6, 6, 0, 0, 0]),
    ("--yes enforce mode off", [6, 6, 6, 6, 0]),
    ("reset run --dry-run", [6, 6, 6, 6, 0]),
    ("reset run", [6, 6, 6, 6, 0]),
    ("retention show", [6, 6, 0, 0, 0]),
    ("retention run", [6, 6, 6, 6, 0]),
    ("quota suggest", [6, 0, 0, 0, 0]),
    ("quota try defaults requests day 9k", [6, 6, 0, 0, 0]),
    ("--yes quota import quotas.toml", [6, 6, 6, 6, 0]),
    ("--yes user link 111122223333/iam-user/zoe zoe", [6, 6, 6, 6, 0]),
    ("--yes user set ana.lopez --team sap --since 2026-11-10", [6, 6, 6, 6, 0]),
    ("--yes user import people.csv", [6, 6, 6, 6, 0]),
    ("user forget ana.lopez --dry-run", [6, 6, 6, 6, 0]),
    ("reconcile", [6, 6, 6, 6, 1]),
    ("--yes enforce check ana.lopez", [6, 6, 6, 6, 1]),
    ("operator list", [6, 6, 6, 6, 0]),
    ("operator disable viewer", [6, 6, 6, 6, 0]),
];

#[test]
fn each_role_is_refused_what_it_may_not() {
    let served = Served::with(&CALLS);
    let quota =
        "[[quotas]]\nscope = \"user:zoe\"\nmetric = \"requests\"\nwindow = \"day\"\nlimit = 9\n";
    served.world.write("quotas.toml", quota);
    served
        .world
        .write("people.csv", "user,person\nana.lopez,Ana\n");
    let tokens = ROLES.map(|role| served.token(role));
    let human = ["user", "set", "ana.lopez", "--class", "human"];
    served.by(&tokens[4], &human).ok();
    for (command, codes) in COMMANDS {
        let args: Vec<_> = command
            .split(' ')
            .map(|word| if word == "FAR" { FAR } else { word })
            .collect();
        for (token, code) in tokens.iter().zip(codes) {
            let ran = served.by(token, &args);
            assert_eq!(ran.code, code, "{command}: {ran:#?}");
            assert!(code != 6 || ran.err.contains("may not"), "{ran:#?}");
            assert!(!ran.err.contains(token.as_str()) && !ran.out.contains(token.as_str()));
        }
    }
}
