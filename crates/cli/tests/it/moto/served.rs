//! What is asked of AWS through a server, by whoever has no rights there.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use super::Account;
use crate::served::{PASSWORD, fed};
use crate::world::Ran;

/// A server that ends with its test.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn of(account: &Account) -> Self {
        let mut child = account
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .env("WEIR_SERVER_TOKEN", "0123456789abcdef0123456789abcdef")
            .env("WEIR_LOG", "off")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        let listening = said.find_map(|line| {
            let line = line.unwrap();
            line.strip_prefix("listening on ").map(str::to_owned)
        });
        let url = listening.unwrap();
        Self { child, url }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_denial_is_tried_and_aws_compared_by_the_rights_of_the_server() {
    let account = Account::with_team();
    let person = ["provision", "zoe-#", "--team", "sap-#", "--person", "Zoe"];
    account
        .weir(&[&person[..], &["--tool", "cline"]].concat())
        .ok();
    account.weir(&["enforce", "setup"]).ok();
    let create = account.command(&["operator", "create", "eva", "--role", "admin"]);
    fed(create, PASSWORD).ok();
    let token = account.weir(&["token", "create", "eva", "--label", "test"]);
    let token = token.ok().out.trim().to_owned();
    let server = Server::of(&account);
    // Nothing of AWS is in its environment.
    let through = |args: &[&str]| {
        let args = [&["--server", &server.url], args].concat();
        let mut command = account.world.command(&args);
        Ran::of(command.env("WEIR_TOKEN", &token).output().unwrap())
    };
    let zoe = format!("zoe-{}", account.id);
    let check = ["enforce", "check", &zoe];
    through(&check).ends(5).says(&["may not use Bedrock"]);
    let tried = through(&[&["--yes", "--json"], &check[..]].concat());
    let tried = tried.ok().json();
    assert_eq!(tried.as_array().unwrap().len(), 1, "{tried}");
    for done in ["verified", "removed"] {
        assert_eq!(tried[0][done], true, "{tried}");
    }
    let found = through(&["--json", "reconcile", "--dry-run"]).ok().json();
    assert_eq!(found["errors"], serde_json::json!([]), "{found}");
    through(&["reconcile"]).ok().says(&["mode dry-run"]);
    through(&["coverage", "--read"])
        .ok()
        .says(&["whose account"]);
    let entries = account.weir(&["--json", "audit", "list"]).ok().json();
    let by_eva = |entry: &&serde_json::Value| {
        entry["operation"] == "enforcement-check" && entry["actor"] == "operator:eva"
    };
    assert_eq!(entries.as_array().unwrap().iter().filter(by_eva).count(), 1);
}
