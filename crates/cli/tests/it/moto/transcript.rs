//! What the verbs print that hand out access: the plan, then the result, one after the other in one account.

use std::fmt::Write;

use expect_test::expect_file;

use super::Account;

/// What is typed. `+`: with --dry-run first; KEY: the first key of ana.
const TYPED: [&str; 40] = [
    "+ group create sap --profiles OPUS",
    "+ group create crm",
    "+ group setup crm --profiles OPUS --open batch",
    "group info crm",
    "group list",
    "+ user create ana Ana sap --email ana@example.com",
    "+ user create ana Ana crm",
    "+ user create-key ana cline",
    "+ user create-key ana kiro --expires 90d",
    "user keys ana",
    "user info ana",
    "+ user update ana --person Ann",
    "+ user update ana --team crm",
    "+ user disable-key ana KEY",
    "+ user enable-key ana KEY",
    "+ user bind-key ana KEY claude-code",
    "+ user rotate-key ana KEY",
    "+ user revoke-key ana KEY",
    "+ policy create looks --profiles OPUS",
    "+ policy create looks --allow-models amazon.nova-pro-v1:0",
    "+ policy attach looks --user ana",
    "policy info looks",
    "policy list",
    "+ policy detach looks --user ana",
    "+ policy delete looks",
    "+ provision ben --team sap --person Ben --tool cline --quota requests/day=350 --by maria",
    "+ provision ben --team sap --person Ben --tool cline --quota requests/day=350 --by maria",
    "user list",
    "user show ben",
    "+ user set ben --team crm",
    "sync",
    "+ sync --apply",
    "+ user link NUMBER/iam-user/cai ben",
    "quota list",
    "quota suggest",
    "enforce status",
    "+ user delete ben",
    "+ user delete ana",
    "+ group delete sap",
    "+ group delete crm",
];

/// Verbs without a plan of their own.
const NO_PLAN: [&str; 2] = ["sync --apply", "user set"];

#[test]
fn plans_and_results_read_as_they_should() {
    let account = Account::alone();
    let mut text = String::new();
    for typed in TYPED {
        let (has_plan, typed) = match typed.strip_prefix("+ ") {
            Some(typed) => (true, typed),
            None => (false, typed),
        };
        let typed = account.words(typed, "ana").join(" ");
        if has_plan && !NO_PLAN.iter().any(|verb| typed.starts_with(verb)) {
            run(&account, &format!("{typed} --dry-run"), &mut text);
        }
        let yes = if has_plan { "--yes " } else { "" };
        run(&account, &format!("{yes}{typed}"), &mut text);
    }
    let text = text.replace(&account.number, "111122223333");
    expect_file!["transcript.txt"].assert_eq(&masked(&text));
}

fn run(account: &Account, typed: &str, text: &mut String) {
    let args: Vec<&str> = typed.split(' ').collect();
    let ran = account.weir(&args);
    let out = ran.out.trim_end().lines();
    // Ids are drawn.
    let out: Vec<_> = out
        .map(|line| {
            line.split_once("id             ")
                .map_or(line, |_| "id             …")
        })
        .collect();
    let _ = writeln!(text, "$ weir {typed}\n{}", out.join("\n"));
    for line in ran.err.lines() {
        let _ = writeln!(text, "# {line}");
    }
    if ran.code != 0 {
        let _ = writeln!(text, "# ends with {}", ran.code);
    }
    text.push('\n');
}

/// Without what differs from run to run.
fn masked(text: &str) -> String {
    let is_drawn = |word: &str| {
        let starts = ["ACCA", "ABSK", "AKIA", "AIDA"];
        starts.iter().any(|start| word.starts_with(start)) && word.len() > 12
    };
    let part = |c: char| !(c.is_ascii_alphanumeric() || "=+/_".contains(c));
    let mut masked = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(part).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        if is_drawn(word) {
            masked.push_str(&word[..4]);
            masked.push('…');
        } else if let Some((name, secret)) = word.split_once("=ABSK") {
            let _ = write!(masked, "{name}=ABSK…");
            assert!(!secret.is_empty());
        } else {
            masked.push_str(word);
        }
        let mut chars = tail.chars();
        masked.extend(chars.next());
        rest = chars.as_str();
    }
    without_times(&masked)
}

/// Dates and times, which are of the day on which this runs.
fn without_times(text: &str) -> String {
    let digits = |text: &str| -> String {
        let digit = |c: char| if c.is_ascii_digit() { '0' } else { c };
        text.chars().map(digit).collect()
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let shape = rest.get(..16).map(digits);
        let is_time = shape.is_some_and(|shape| shape == "0000-00-00 00:00");
        let length = if is_time { 16 } else { c.len_utf8() };
        out.push_str(if is_time {
            "<date and time>"
        } else {
            &rest[..length]
        });
        rest = &rest[length..];
    }
    out
}
