//! `weir import legacy`: the system that Weir replaces is taken over, once, and stays as it is.

use serde_json::{Value, json};
use weir_testkit::texts::Texts;

use super::company::{skipped, variable};
use crate::world::{Ran, World, fixture};

/// The id of the call that Weir counted itself.
const KNOWN: &str = "0b7c9d1e-2f3a-4b5c-8d6e-000000000001";

const ROWS: &str = "
INSERT INTO users (user_id, team, person_tag, daily_limit, monthly_limit, warning_threshold, critical_threshold,
  is_blocked, blocked_reason, blocked_until) VALUES
  ('sap_003', 'team_sap_group', 'Ana Lopez', 100, 2000, 60, 85, 1, 'Key found in public', '2026-11-21 23:00:00'),
  ('web_001', 'web', NULL, NULL, 900, NULL, NULL, 0, NULL, NULL),
  ('web_002', 'web', NULL, NULL, NULL, NULL, NULL, 1, 'Daily limit', '2026-11-19 23:00:00'),
  ('web*', 'web', NULL, 10, 10, 60, 85, 0, NULL, NULL);
INSERT INTO bedrock_requests (id, user_id, team, request_timestamp, model_id, request_type, input_tokens,
  output_tokens, region, request_id, status_code, error_message) VALUES
  (1, 'sap_003', 'team_sap_group', '2024-11-20 08:00:00', 'anthropic.claude-3-haiku-20240307-v1:0', 'invoke', 9, 9,
    'eu-west-1', 'old-1', 200, NULL),
  (2, 'sap_003', 'team_sap_group', '2026-11-19 08:00:00.250', 'anthropic.claude-3-haiku-20240307-v1:0', 'converse',
    1000, 20, 'eu-west-1', 'old-2', 200, NULL),
  (3, 'sap_003', 'team_sap_group', '2026-11-20 08:00:00', 'anthropic.claude-3-haiku-20240307-v1:0', 'invoke', 0, 0,
    'eu-west-1', 'old-3', 403, 'not authorized'),
  (4, 'web_001', 'web', '2026-11-20 08:00:00', '', 'invoke', 1, 1, 'eu-west-1', 'old-4', 200, NULL),
  (5, 'web_001', 'web', '2026-11-20 08:00:01', 'anthropic.claude-3-haiku-20240307-v1:0', 'invoke', 1, 1,
    'eu-west-1', 'KNOWN', 200, NULL),
  (6, 'web_001', 'web', '2026-11-19 08:00:02', 'anthropic.claude-3-haiku-20240307-v1:0', 'invoke', 1, 1,
    'eu-west-1', NULL, 200, NULL),
  (7, 'web_001', 'web', '2026-11-20 08:00:03', 'anthropic.claude-3-haiku-20240307-v1:0', 'invoke-stream', 5, 5,
    'eu-west-1', 'old-7', 200, NULL);
INSERT INTO blocking_operations (user_id, operation, reason, performed_by, expires_at, created_at) VALUES
  ('web_002', 'block', 'Daily limit', 'system', '2026-11-19 23:00:00', '2026-11-19 12:00:00'),
  ('sap_003', 'block', 'Key found in public', 'eva', '2026-11-21 23:00:00', '2026-11-20 07:00:00');";

/// The old database on a server, and a new one of Weir with a call of its own.
pub(super) struct Takeover {
    pub(super) world: World,
    pub(super) url: String,
    pub(super) rt: tokio::runtime::Runtime,
}

impl Takeover {
    fn new(server: &str, name: &str) -> Self {
        Self::of(server, name, &ROWS.replace("KNOWN", KNOWN))
    }

    /// With these rows.
    pub(super) fn of(server: &str, name: &str, rows: &str) -> Self {
        let rt = tokio::runtime::Runtime::new().unwrap();
        let name = format!("old_{name}_{}", std::process::id());
        let url = rt.block_on(Texts::create_database(server, &name)).unwrap();
        let takeover = Self {
            world: World::with(&["ct_invokemodel_iamuser.json"]),
            url,
            rt,
        };
        let tables = std::fs::read_to_string(fixture("replaced/tables.sql")).unwrap();
        takeover.run(&tables);
        takeover.run(rows);
        takeover
    }

    pub(super) fn run(&self, sql: &str) {
        self.rt.block_on(async {
            let mut texts = Texts::open(&self.url).await.unwrap();
            texts.run(sql).await.unwrap();
        });
    }

    pub(super) fn import(&self, more: &[&str]) -> Ran {
        let args = [
            "import",
            "legacy",
            "--mysql",
            &self.url,
            "--account",
            "111122223333",
        ];
        self.world.at(&[&args[..], more].concat())
    }

    pub(super) fn json(&self, args: &[&str]) -> Value {
        self.world.at(&[args, &["--json"]].concat()).ok().json()
    }

    /// Calls that count, by user.
    fn used(&self) -> Vec<(String, u64)> {
        let rows = self.json(&["usage", "--by", "user", "--from", "2026-11-01"]);
        let rows = rows["rows"]
            .as_array()
            .unwrap_or_else(|| rows.as_array().unwrap())
            .clone();
        let of = |row: &Value| {
            let key = row["key"]
                .as_str()
                .or(row["user"].as_str())
                .unwrap()
                .to_owned();
            (key, row["requests"].as_u64().unwrap())
        };
        let mut used: Vec<_> = rows.iter().map(of).collect();
        used.sort();
        used
    }
}

#[test]
fn the_replaced_system_is_taken_over_once() {
    taken_over_once(&variable("WEIR_TEST_MARIADB_URL"));
}

#[test]
fn the_replaced_system_is_taken_over_once_from_real_mysql() {
    if !skipped("WEIR_TEST_MYSQL_SKIPPED") {
        taken_over_once(&variable("WEIR_TEST_MYSQL_URL"));
    }
}

fn taken_over_once(server: &str) {
    let takeover = Takeover::new(server, "once");
    let before = takeover.used();

    planned(&takeover);
    assert_eq!(takeover.used(), before);
    takeover
        .import(&[])
        .ends(5)
        .says(&["--yes", "Key found", "DailyLimitBlock"]);

    let done = takeover.import(&["--yes", "--json"]).ends(3).json();
    let calls = &done["done"]["calls"];
    assert_eq!(calls["read"], 7, "{done}");
    assert_eq!(calls["counted"], 3, "{done}");
    assert_eq!((&calls["known"], &calls["too_old"]), (&json!(1), &json!(1)));
    assert_eq!(calls["unnumbered"], 1);
    assert_eq!(
        calls["bad"][0],
        json!({ "table": "bedrock_requests", "key": "4", "why": "model_id is empty" })
    );
    assert_eq!(done["done"]["blocked"], json!(["sap_003"]));
    taken_over(&takeover);

    // Run again, also after an administrator decided otherwise, it changes nothing.
    takeover
        .world
        .at(&["unblock", "sap_003", "--no-protect"])
        .ok();
    takeover
        .world
        .at(&[
            "quota",
            "set",
            "user:sap_003",
            "requests",
            "day",
            "50",
            "--yes",
        ])
        .ok();
    let used = takeover.used();
    takeover
        .import(&["--yes"])
        .ends(3)
        .says(&["nothing left to take over"]);
    assert_eq!(takeover.used(), used);
    assert_eq!(takeover.json(&["status", "sap_003"])["state"], "ACTIVE");

    // What came since is taken over, and what has no id where somebody says that nothing else counted it.
    takeover.run(
        "INSERT INTO bedrock_requests (id, user_id, team, request_timestamp, model_id, region, request_id)
         VALUES (8, 'web_001', 'web', '2026-11-20 09:00:00', 'm', 'eu-west-1', 'old-8')",
    );
    let anew = [
        "--anew",
        "--unnumbered-until",
        "2026-11-20",
        "--yes",
        "--json",
    ];
    let done = takeover.import(&anew).ends(3).json();
    assert_eq!(done["done"]["calls"]["counted"], 2, "{done}");
    assert_eq!(done["done"]["calls"]["known"], 4, "{done}");
}

/// The plan says what there is, and what is wrong with it.
fn planned(takeover: &Takeover) {
    let plan = takeover
        .import(&["--dry-run", "--json"])
        .ends(3)
        .says(&["nothing was changed"])
        .json();
    assert_eq!(
        (&plan["calls"], &plan["operations"]),
        (&json!(7), &json!(2))
    );
    assert_eq!(plan["quotas"].as_array().unwrap().len(), 3, "{plan}");
    let [block] = plan["blocks"].as_array().unwrap().as_slice() else {
        panic!("{plan}");
    };
    assert_eq!(block["user"], "sap_003");
    assert_eq!(block["until"], "2026-11-21T23:00:00Z");
    assert_eq!(block["old_policy"], "sap_003_BedrockPolicy");
    assert_eq!(plan["bad"][0]["key"], "web*");
}

/// Who they were, what they did and what holds for them now.
fn taken_over(takeover: &Takeover) {
    let used = takeover.used();
    assert!(
        used.contains(&("sap_003".to_owned(), 1)),
        "a failed call does not count: {used:?}"
    );
    assert!(used.contains(&("web_001".to_owned(), 1)), "{used:?}");
    let call = takeover.json(&["invocation", "old-2"]);
    assert_eq!(call["team"], "sap", "{call}");
    let status = takeover.json(&["status", "sap_003"]);
    assert_eq!(status["state"], "BLOCKED_ADM", "{status}");
    let told = takeover.json(&["audit", "list", "--operation", "replaced-operation"]);
    let told = told.as_array().unwrap();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0]["subject"], "user:web_002");
    assert!(
        told[0]["evidence"]
            .to_string()
            .contains("2026-11-19 12:00:00"),
        "{told:?}"
    );
    let letters = takeover.json(&["dead-letters"]);
    assert!(
        letters
            .to_string()
            .contains("bedrock_requests 4: model_id is empty"),
        "{letters}"
    );
    let proof = takeover.json(&["audit", "verify"]);
    assert_eq!(proof["ok"], true);
}

#[test]
fn a_form_that_was_never_published_is_refused() {
    let takeover = Takeover::new(&variable("WEIR_TEST_MARIADB_URL"), "other");
    takeover.run("CREATE TABLE user_limits (user_id VARCHAR(64))");
    takeover
        .import(&["--yes"])
        .ends(1)
        .says(&["user_limits", "never published", "weir ingest"]);
}

#[test]
fn times_that_lie_ahead_are_wall_times() {
    let takeover = Takeover::new(&variable("WEIR_TEST_MARIADB_URL"), "ahead");
    takeover
        .run("UPDATE bedrock_requests SET request_timestamp = '2026-11-20 10:59:00' WHERE id = 7");
    takeover
        .import(&["--yes"])
        .ends(1)
        .says(&["--written-in Europe/Madrid"]);
    let done = takeover
        .import(&["--written-in", "Europe/Madrid", "--yes", "--json"])
        .ends(3)
        .json();
    assert_eq!(done["done"]["calls"]["counted"], 3, "{done}");
    let call = takeover.json(&["invocation", "old-7"]);
    assert!(
        call["at"].to_string().contains("2026-11-20T09:59:00"),
        "{call}"
    );
}
