//! `weir import legacy` that dies half-way, and is run again.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::{Child, ExitStatus, Stdio};

use serde_json::Value;
use sqlx::Connection;
use weir_testkit::proxy::CountingProxy;
use weir_testkit::texts::Texts;

use super::company::{variable, wait_for};
use super::replaced::Takeover;

/// Three pages of 500, the last not full.
const CALLS: u32 = 1_203;
const ACCOUNT: &str = "111122223333";

/// Two users, one of them blocked; calls of both, one row that cannot be read on the second page; two operations.
fn rows() -> String {
    let mut sql = "
INSERT INTO users (user_id, team, daily_limit, monthly_limit, is_blocked, blocked_reason, blocked_until) VALUES
  ('sap_003', 'sap', 100, 2000, 1, 'Key found in public', '2026-11-21 23:00:00'),
  ('web_001', 'web', NULL, 900, 0, NULL, NULL);
INSERT INTO blocking_operations (user_id, operation, reason, performed_by, created_at) VALUES
  ('web_001', 'unblock', 'A mistake', 'eva', '2026-11-19 12:00:00'),
  ('sap_003', 'block', 'Key found in public', 'eva', '2026-11-20 07:00:00');
INSERT INTO bedrock_requests (id, user_id, team, request_timestamp, model_id, input_tokens, output_tokens, region,
  request_id) VALUES"
        .to_owned();
    for id in 1..=CALLS {
        let (user, team) = if id % 3 == 0 {
            ("web_001", "web")
        } else {
            ("sap_003", "sap")
        };
        let model = if id == 700 { "" } else { "m" };
        let comma = if id == 1 { "" } else { "," };
        let _ = write!(
            sql,
            "{comma}({id},'{user}','{team}','2026-11-19 08:00:00','{model}',{id},2,'eu-west-1','old-{id}')"
        );
    }
    sql
}

impl Takeover {
    fn of_many(name: &str) -> Self {
        Self::of(&variable("WEIR_TEST_MARIADB_URL"), name, &rows())
    }

    /// Weir's own database.
    fn ours(&self) -> String {
        let path = self.world.path(".local/share/weir/weir.db");
        format!("sqlite:{}", path.display())
    }

    /// The process, on the old database at this address.
    fn start(&self, old: &str) -> Child {
        let now = crate::world::NOW;
        let import = ["--yes", "--as-of", now, "import", "legacy", "--mysql", old];
        let args = [&import[..], &["--account", ACCOUNT]].concat();
        let mut command = self.world.command(&args);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    }

    /// Up to which row the calls were read.
    fn read_to(&self) -> String {
        self.rt.block_on(async {
            let mut conn = sqlx::SqliteConnection::connect(&self.ours()).await.unwrap();
            let read = sqlx::query_scalar("SELECT position FROM intake_cursors");
            let read: Option<String> = read.fetch_optional(&mut conn).await.unwrap();
            read.unwrap_or_default()
        })
    }

    fn ours_runs(&self, sql: &str) {
        self.rt.block_on(async {
            let mut texts = Texts::open(&self.ours()).await.unwrap();
            texts.run(sql).await.unwrap();
        });
    }

    /// Everything that was taken over, without what tells when and how often it was tried.
    fn state(&self) -> Vec<Value> {
        let wrong = self.rt.block_on(async {
            let store = weir_store::open(&self.ours()).await.unwrap();
            store.check_totals().await.unwrap()
        });
        assert_eq!(wrong, Vec::<String>::new());
        assert_eq!(self.json(&["audit", "verify"])["ok"], true);
        let only = |args: &[&str], keys: &[&str]| {
            let rows = self.json(args);
            let rows = rows.as_array().unwrap().iter();
            let row = |row: &Value| keys.iter().map(|key| row[*key].clone()).collect();
            let rows: Vec<Value> = rows.map(row).collect();
            Value::from(rows)
        };
        let told = ["audit", "list", "--operation", "replaced-operation"];
        let blocked = ["audit", "list", "--operation", "block"];
        let set = ["audit", "list", "--operation", "quota-set"];
        vec![
            self.json(&["usage", "--by", "user", "--from", "2026-11-01"]),
            self.json(&["usage", "--by", "team", "--from", "2026-11-01"]),
            self.json(&["quota", "list"]),
            only(&["blocks"], &["user", "reason", "until"]),
            only(&["dead-letters"], &["reason"]),
            only(&told, &["subject", "reason", "evidence"]),
            only(&blocked, &["subject", "reason"]),
            only(&set, &["subject"]),
        ]
    }
}

/// What a run that nobody disturbs leaves. The names of the databases differ, and stand in the evidence.
fn undisturbed(name: &str, like: &Takeover) -> Vec<Value> {
    let takeover = Takeover::of_many(name);
    takeover.import(&["--yes"]).ends(3);
    let database = |url: &str| url.rsplit('/').next().unwrap().to_owned();
    let text = serde_json::to_string(&takeover.state()).unwrap();
    let text = text.replace(&database(&takeover.url), &database(&like.url));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn an_import_that_is_killed_between_any_two_reads_goes_on_where_it_was() {
    let takeover = Takeover::of_many("killed");
    let proxy = takeover
        .rt
        .block_on(CountingProxy::before(&takeover.url))
        .unwrap();
    let mut read_to = BTreeSet::new();
    let mut answered = 0;
    let ended: ExitStatus = loop {
        proxy.answer_only(answered);
        let mut process = takeover.start(&proxy.url);
        let ended = wait_for("the process to ask once more, or to end", || {
            let waits = proxy.trips() > answered;
            process
                .try_wait()
                .unwrap()
                .map(Some)
                .or_else(|| waits.then_some(None))
        });
        if let Some(status) = ended {
            break status;
        }
        process.kill().unwrap();
        process.wait().unwrap();
        // A run that read a page begins the next one after it.
        if !read_to.insert(takeover.read_to()) {
            answered += 1;
        }
    };
    assert_eq!(
        ended.code(),
        Some(0),
        "what cannot be read was told by the run that read it"
    );
    let pages = ["", "500", "1000", "1203"].map(ToOwned::to_owned);
    assert_eq!(read_to, BTreeSet::from(pages), "died between all of them");
    let once = undisturbed("calm", &takeover);
    is_the_same(&takeover.state(), &once);
}

#[test]
fn an_import_that_cannot_write_goes_on_where_it_was() {
    let takeover = Takeover::of_many("refused");
    // Between what it counted and the note of it, of the first page and of a later one; between operations, limits
    // and blocks.
    for (table, when) in [
        ("intake_cursors", "NEW.position = '500'"),
        ("intake_cursors", "NEW.position = '1000'"),
        (
            "blocking_operations",
            "NEW.operation = 'replaced-operation'",
        ),
        ("quotas", "TRUE"),
        ("blocks", "TRUE"),
    ] {
        takeover.ours_runs(&format!(
            "CREATE TRIGGER stop BEFORE INSERT ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, 'no more'); END"
        ));
        takeover.import(&["--yes"]).ends(1).says(&["no more"]);
        takeover.ours_runs("DROP TRIGGER stop");
    }
    takeover.import(&["--yes"]);
    let once = undisturbed("written", &takeover);
    is_the_same(&takeover.state(), &once);
}

#[track_caller]
fn is_the_same(found: &[Value], wanted: &[Value]) {
    for (found, wanted) in found.iter().zip(wanted) {
        assert_eq!(found, wanted);
        assert_ne!(wanted.as_array().map(Vec::len), Some(0), "{wanted}");
    }
}
