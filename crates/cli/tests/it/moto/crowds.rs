//! Many of everything: IAM answers in pages of a hundred, and a command that was stopped goes on.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use super::{Account, OPUS, tell};

const MANY: usize = 1_000;

fn names() -> Vec<String> {
    (0..MANY).map(|n| format!("person-{n:04}")).collect()
}

/// Runs what is typed.
fn typed(account: &Account, line: &str) -> crate::world::Ran {
    let args: Vec<&str> = line.split(' ').collect();
    account.weir(&args)
}

/// A team of so many, each of whom holds another policy, too.
fn crowd(size: usize) -> Account {
    let account = Account::alone();
    typed(&account, &format!("group create sap --profiles {OPUS}")).ok();
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Action":"bedrock:ListFoundationModels","Resource":"*"}]}"#;
    account.world.write("policy.json", text);
    typed(&account, "policy create looks policy.json").ok();
    let arn = format!("arn:aws:iam::{}:policy/weir/access/looks", account.number);
    let users = json!({"account": account.number, "users": names()[..size], "path": "/weir/",
        "tags": [{"Key": "Person", "Value": "Somebody"}, {"Key": "Team", "Value": "sap"}],
        "group": "team_sap_group", "policy": arn});
    tell("/weir-test/users", &users.to_string());
    account
}

#[test]
fn a_thousand_members_of_a_group_are_seen_and_would_be_taken_out() {
    let account = crowd(MANY);
    let info = typed(&account, "--json group info sap").ok().json();
    assert_eq!(info["members"], json!(names()));
    let page = typed(&account, "group info sap").ok().out;
    assert!(page.contains("person-0019 and 980 more"), "{page}");
    // What a team may call changes without a word to its members.
    let setup = format!("--yes group setup sap --profiles {OPUS} --open batch");
    let steps = typed(&account, &setup).ok().out;
    assert_eq!(steps.lines().count(), 3, "{steps}");
    let plan = typed(&account, "group delete sap --dry-run").ok().out;
    assert_eq!(plan.matches("take person-").count(), MANY);
}

#[test]
fn a_thousand_holders_of_a_policy_are_seen_and_would_lose_it() {
    let account = crowd(MANY);
    let info = typed(&account, "--json policy info looks").ok().json();
    assert_eq!(info["users"], json!(names()));
    // The last one is on the tenth page.
    let detach = "--yes policy detach looks --user person-0999";
    let done = typed(&account, detach).ok().out;
    assert!(done.contains("done"), "{done}");
    let again = typed(&account, detach).ok().says(&["nothing to do"]);
    assert!(again.out.contains("is not attached"), "{again:?}");
    let attach = "policy attach looks --user person-0999";
    let done = typed(&account, attach).ok().out;
    assert!(done.contains("done"), "{done}");
    typed(&account, attach).ok().says(&["nothing to do"]);
    let plan = typed(&account, "policy delete looks --dry-run").ok().out;
    assert_eq!(plan.matches("detach the policy looks").count(), MANY);
}

/// How many of a report did something, and how many had nothing to do.
fn tally(report: &Value) -> [usize; 2] {
    let people = report.as_array().unwrap();
    let did = |one: &&Value| one["steps"].to_string().contains("\"done\"");
    let done = people.iter().filter(did).count();
    [done, people.len() - done]
}

/// So many of them are known and have all.
const KNOWN: usize = 200;

/// A file of some of them. One gets a tool before the command is stopped, and three after it.
fn people(from: &[String]) -> String {
    let line = |name: &String| {
        let has_tool = *name == "person-0200" || **name > *"person-0996";
        let tool = if has_tool { "cline" } else { "" };
        format!("{name},Somebody,sap,{tool}\n")
    };
    let lines: String = from.iter().map(line).collect();
    format!("user,person,team,tools\n{lines}")
}

#[test]
fn a_thousand_people_of_a_file_go_on_where_it_was_stopped() {
    const STOPPED_AT: usize = 250;
    let account = crowd(KNOWN);
    let said = people(&names()[..KNOWN]);
    let said = said
        .replace(",tools\n", ",class\n")
        .replace("sap,\n", "sap,human\n");
    account.world.write("known.csv", said);
    typed(&account, "--yes user import known.csv").ok();
    account.world.write("people.csv", people(&names()));

    let first = "provision --file people.csv --secret-file first.env";
    let mut first = account.command(&first.split(' ').collect::<Vec<_>>());
    let first = first.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = first.spawn().unwrap();
    let said = BufReader::new(child.stderr.take().unwrap()).lines();
    let said = said.map(Result::unwrap);
    let begun = said.filter(|line| line.starts_with("person-"));
    assert_eq!(begun.take(STOPPED_AT).count(), STOPPED_AT);
    child.kill().unwrap();
    child.wait().unwrap();

    let rest = "--json provision --file people.csv --secret-file rest.env";
    let [done, there] = tally(&typed(&account, rest).ok().json());
    assert!((STOPPED_AT..MANY).contains(&there), "{done} and {there}");
    // Whoever got a key before it was stopped has it, and nobody gets two.
    let keys = ["first.env", "rest.env"].map(|file| {
        let text = std::fs::read_to_string(account.world.path(file)).unwrap();
        text.matches("AWS_BEARER_TOKEN_BEDROCK=").count()
    });
    assert_eq!(keys, [1, 3]);
    let again = typed(&account, "--json provision --file people.csv");
    assert_eq!(tally(&again.ok().json()), [0, MANY]);
}

#[test]
fn a_thousand_people_of_a_directory_come_in_pages() {
    let account = Account::new();
    let store = format!("d-{}", account.id);
    let config = format!("[directory]\nidentity_store = \"{store}\"\n");
    account.world.write("weir.toml", config);
    let people = json!({"account": account.number, "region": "eu-west-1", "store": store,
        "people": names(), "group": "team_sap_group"});
    tell("/weir-test/people", &people.to_string());
    let sync = "--json sync --from identity-center";
    let shown = typed(&account, sync).ok().json();
    let everybody = json!(MANY);
    assert_eq!([&shown["people"], &shown["with_team"]], [&everybody; 2]);
    let differences = shown["differences"].as_array().unwrap().iter();
    let with_address = differences.filter(|one| one["field"] == "email");
    assert_eq!(with_address.count(), MANY);
    typed(&account, &format!("--yes {sync} --apply")).ok();
    let again = typed(&account, sync).ok().json();
    assert_eq!(again["differences"], json!([]));
}
