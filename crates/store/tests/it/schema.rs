//! The schema and the statements over it.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Connection, Executor, Row, SqlSafeStr};
use weir_core::audit::{Entry, Start};
use weir_core::record::Record;
use weir_store::AuditFilter;
use weir_testkit::texts::Texts;

use crate::make::{call, plain, record, tokens};
use crate::place::{Engine, Place};

pub(crate) async fn every_statement_is_prepared(place: Place) {
    let statements = place.statements();
    assert!(statements.len() > 80, "{}", statements.len());
    match place.engine {
        Engine::SqliteMemory => {} // the database is nobody else's
        Engine::MySql => {
            let mut conn = sqlx::MySqlConnection::connect(&place.url).await.unwrap();
            for (name, text) in statements {
                let sql = AssertSqlSafe(text).into_sql_str();
                if let Err(error) = conn.prepare(sql).await {
                    panic!("{name}: {error}");
                }
            }
        }
        Engine::SqliteFile => {
            let mut conn = sqlx::SqliteConnection::connect(&place.url).await.unwrap();
            for (name, text) in statements {
                let sql = AssertSqlSafe(text).into_sql_str();
                if let Err(error) = conn.prepare(sql).await {
                    panic!("{name}: {error}");
                }
            }
        }
    }
}

/// In a database of its own: its `users` are not ours.
pub(crate) async fn every_statement_on_the_replaced_system_is_prepared(place: Place) {
    if place.engine != Engine::MySql {
        return;
    }
    let (server, name) = place.url.rsplit_once('/').unwrap();
    let name = format!("old_{name}");
    let old = Texts::create_database(server, &name).await.unwrap();
    let tables = include_str!("../../../../fixtures/replaced/tables.sql");
    Texts::open(&old).await.unwrap().run(tables).await.unwrap();
    let mut conn = sqlx::MySqlConnection::connect(&old).await.unwrap();
    let statements = weir_store::inspect::replaced_statements();
    assert_eq!(statements.len(), 5);
    for (name, text) in statements {
        let sql = AssertSqlSafe((*text).to_owned()).into_sql_str();
        if let Err(error) = conn.prepare(sql).await {
            panic!("{name}: {error}");
        }
    }
}

pub(crate) async fn migrating_twice_changes_nothing(place: Place) {
    assert_eq!(place.store.migrate().await.unwrap(), Vec::<String>::new());
    let status = place.store.migrations().await.unwrap();
    assert_eq!(status.applied, weir_store::inspect::migration_names().0);
    assert!(status.pending.is_empty() && status.unknown.is_empty());
    let rules = place.store.rules().await.unwrap();
    assert_eq!(rules.quotas.len(), weir_core::quota::built_in().len());
    assert_eq!(rules.zone, "Europe/Madrid");
    assert!(place.store.set_zone("UTC").await.is_err());
}

pub(crate) async fn a_newer_schema_is_refused(place: Place) {
    let future =
        "INSERT INTO schema_migrations (version, name, oldest, digest, started_at, finished_at)
        VALUES (999, '0999_future', '99.0.0', '', 1, 1)";
    if !place.raw(future).await.unwrap() {
        return;
    }
    let status = place.store.migrations().await.unwrap();
    assert_eq!(status.unknown, ["0999_future"]);
    let refused = place.store.migrate().await.unwrap_err().to_string();
    assert!(
        refused.contains("0999_future") && refused.contains("update weir"),
        "{refused}"
    );
}

pub(crate) async fn a_schema_of_another_text_is_refused(place: Place) {
    // Half-way, too: the rest of another text would not fit what is there.
    for damage in [
        "UPDATE schema_migrations SET digest = 'another' WHERE version = 3",
        "UPDATE schema_migrations SET digest = 'another', finished_at = NULL WHERE version = 10",
    ] {
        if !place.raw(damage).await.unwrap() {
            return;
        }
    }
    let status = place.store.migrations().await.unwrap();
    assert_eq!(status.changed, ["0003_invocations", "0010_routines"]);
    let refused = place.store.migrate().await.unwrap_err().to_string();
    assert_eq!(Some(&refused), status.refusal().as_ref());
    assert!(
        refused.contains("another text of 0003_invocations, 0010_routines")
            && refused.contains("go on with the build that made it"),
        "{refused}"
    );
    // What was made before there were checksums says so, instead of a column that is missing.
    place
        .raw("ALTER TABLE schema_migrations DROP COLUMN digest")
        .await
        .unwrap();
    for refused in [
        place.store.migrate().await.unwrap_err(),
        place.store.migrations().await.unwrap_err(),
    ] {
        let refused = refused.to_string();
        assert!(refused.contains("kept no checksums"), "{refused}");
    }
}

pub(crate) async fn the_old_end_of_the_audit_log_leaves_and_the_rest_is_append_only(place: Place) {
    let store = &place.store;
    let second = |second| jiff::Timestamp::from_second(second).unwrap();
    // The clock of whoever wrote the third was behind: it leaves only after the second.
    for at in [10, 20, 5, 30] {
        let entry = Entry {
            operation: "block".to_owned(),
            at: second(at),
            ..Entry::default()
        };
        store.append_audit(vec![entry]).await.unwrap();
    }
    let trim = async |before| {
        let say = Entry {
            at: second(99),
            ..Entry::default()
        };
        store.trim_audit(second(before), 2, say).await.unwrap()
    };
    assert_eq!(store.audit_start().await.unwrap(), Start::default());
    assert_eq!(trim(10).await, 0);
    assert_eq!(trim(20).await, 1);
    assert_eq!(trim(30).await, 2, "never more than asked for");
    assert_eq!(trim(30).await, 0);
    let left = store.audit(&AuditFilter::default()).await.unwrap();
    let seqs: Vec<_> = left.iter().map(|chained| chained.seq).collect();
    assert_eq!(seqs, [4, 5, 6], "and two say what left");
    let start = store.audit_start().await.unwrap();
    assert_eq!((start.seq, &start.hash), (3, &left[0].prev_hash));
    for forbidden in [
        "DELETE FROM blocking_operations WHERE seq = 4",
        "UPDATE audit_start SET seq = 2",
        "UPDATE audit_start SET hash = 'x'",
        "DELETE FROM audit_start",
    ] {
        match place.raw(forbidden).await {
            Ok(ran) => assert!(!ran, "{forbidden}"),
            Err(error) => assert!(error.to_string().contains("append-only"), "{error}"),
        }
    }
}

pub(crate) async fn the_audit_log_is_append_only(place: Place) {
    let entry = Entry {
        operation: "block".to_owned(),
        ..Entry::default()
    };
    place
        .store
        .append_audit(vec![entry.clone(), entry])
        .await
        .unwrap();
    for forbidden in [
        "UPDATE blocking_operations SET reason = 'x' WHERE seq = 1",
        "UPDATE blocking_operations SET operation = 'x', seals = REPLACE(seals, ',', ',,') WHERE seq = 1",
        "UPDATE blocking_operations SET reason = 'x', seals = '' WHERE seq = 1",
        "DELETE FROM blocking_operations WHERE seq = 2",
    ] {
        match place.raw(forbidden).await {
            Ok(ran) => assert!(!ran, "{forbidden}"),
            Err(error) => assert!(error.to_string().contains("append-only"), "{error}"),
        }
    }
    if place.engine == Engine::SqliteFile {
        place
            .raw("DROP TRIGGER blocking_operations_no_delete")
            .await
            .unwrap();
        place
            .raw("DELETE FROM blocking_operations WHERE seq = 2")
            .await
            .unwrap();
        let forged =
            "INSERT INTO blocking_operations VALUES (2, 1, '', '', '', '', NULL, 0, '', NULL,
            NULL, NULL, NULL, '', '', '')";
        assert!(
            place
                .raw(forged)
                .await
                .unwrap_err()
                .to_string()
                .contains("append-only")
        );
    }
}

pub(crate) async fn views_show_dollars_and_changes_by_hand_are_dated(place: Place) {
    let odd = Record {
        tokens: Some(tokens(1_001, 101)),
        ..call("r1", "ana")
    };
    record(&*place.store, "s1", vec![plain(odd)]).await.unwrap();
    let cost = place.store.invocation(&"r1".into()).await.unwrap().unwrap();
    let nanos = cost.invocation.cost.unwrap().nanos();
    assert_eq!(nanos, 1_204_800);
    for view in [
        "v_user_realtime_usage",
        "v_team_usage_dashboard",
        "v_hourly_usage",
        "v_last_10_days_usage",
        "v_model_usage_stats",
    ] {
        let count = format!(
            "SELECT COUNT(*) FROM {view} WHERE requests = 1 AND ROUND(cost_usd * 1000000000) = {nanos}"
        );
        let rows = match view {
            "v_user_realtime_usage" | "v_team_usage_dashboard" => 3,
            _ => 1,
        };
        assert!(
            place.number(&count).await.is_none_or(|found| found == rows),
            "{view}"
        );
    }
    let dated = "SELECT updated_at FROM users WHERE user_id = 'ana'";
    let before = place.number(dated).await;
    if place
        .raw("UPDATE users SET email = 'ana@example.com' WHERE user_id = 'ana'")
        .await
        .unwrap()
    {
        assert!(place.number(dated).await > before);
    }
}

/// Table, column, whether it may be NULL.
type Columns = BTreeSet<(String, String, bool)>;

pub(crate) async fn both_dialects_have_the_same_schema(place: Place) {
    if place.engine != Engine::MySql {
        return;
    }
    let (sqlite, mysql) = weir_store::inspect::migration_names();
    assert_eq!(sqlite, mysql);
    let lite = crate::place::sqlite_file().await;
    let mut conn = sqlx::SqliteConnection::connect(&lite.url).await.unwrap();
    let rows = sqlx::query(
        "SELECT m.name, c.name, c.\"notnull\" = 0 AND m.type = 'table'
           FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c
          WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite_%'",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    let here: Columns = rows
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get::<i64, _>(2) != 0))
        .collect();
    let mut conn = sqlx::MySqlConnection::connect(&place.url).await.unwrap();
    let rows = sqlx::query(
        "SELECT CONVERT(c.TABLE_NAME USING utf8mb4), CONVERT(c.COLUMN_NAME USING utf8mb4),
                CAST(c.IS_NULLABLE = 'YES' AND t.TABLE_TYPE = 'BASE TABLE' AS SIGNED)
           FROM information_schema.COLUMNS c
           JOIN information_schema.TABLES t
             ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
          WHERE c.TABLE_SCHEMA = DATABASE()",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    let there: Columns = rows
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get::<i64, _>(2) != 0))
        .collect();
    assert!(here.len() > 200);
    assert_eq!(
        here.symmetric_difference(&there).collect::<Vec<_>>(),
        Vec::<&(String, String, bool)>::new()
    );
}

pub(crate) async fn a_migration_that_stopped_half_way_goes_on(place: Place) {
    if place.engine != Engine::MySql {
        return;
    }
    // As if the process had ended while the last step of the last migration was recorded, and in
    // the middle of the one before.
    for damage in [
        "UPDATE schema_migrations SET finished_at = NULL WHERE version IN (9, 10)",
        "UPDATE schema_steps SET finished = 0 WHERE version = 10 AND step = 4",
        "DROP VIEW v_model_usage_stats",
        "DELETE FROM schema_steps WHERE version = 9 AND step = 6",
        "UPDATE schema_steps SET finished = 0 WHERE version = 9 AND step = 5",
    ] {
        place.raw(damage).await.unwrap();
    }
    assert_eq!(place.store.migrations().await.unwrap().pending.len(), 2);
    assert_eq!(
        place.store.migrate().await.unwrap(),
        ["0009_views", "0010_routines"]
    );
    let left = "SELECT COUNT(*) FROM schema_steps WHERE finished = 0";
    assert_eq!(place.number(left).await, Some(0));
    assert_eq!(
        place
            .number("SELECT COUNT(*) FROM v_model_usage_stats")
            .await,
        Some(0)
    );
}

/// Reading what is open costs what is open, however many invocations are on file.
pub(crate) async fn what_is_open_is_found_by_an_index(place: Place) {
    let ordinary = (0..400).map(|n| plain(call(&format!("r{n}"), "ana")));
    let mut unpriced = call("unpriced", "ana");
    unpriced.model_sent = Some("acme.unheard-of-v1:0".to_owned());
    record(&*place.store, "s1", ordinary.collect())
        .await
        .unwrap();
    record(&*place.store, "s2", vec![plain(unpriced)])
        .await
        .unwrap();
    match place.engine {
        Engine::MySql => place.raw("ANALYZE TABLE bedrock_requests").await,
        Engine::SqliteFile | Engine::SqliteMemory => place.raw("ANALYZE").await,
    }
    .unwrap();
    for (name, on_sqlite) in [
        ("UNPRICED", "bedrock_requests_unpriced"),
        ("UNPRICED_REQUESTS", "bedrock_requests_unpriced"),
        ("UNRESOLVED_REQUESTS", "bedrock_requests_unresolved"),
    ] {
        let (_, text) = place
            .statements()
            .into_iter()
            .find(|(known, _)| known == name)
            .unwrap();
        let text = text.replace(
            "unpriced_model = ?",
            "unpriced_model = 'acme.unheard-of-v1:0'",
        );
        let plan = place.explain(&text.replace('?', "2000")).await;
        let index = match place.engine {
            Engine::MySql => "bedrock_requests_open",
            Engine::SqliteFile | Engine::SqliteMemory => on_sqlite,
        };
        let wanted = format!("bedrock_requests {index}");
        let read = plan
            .iter()
            .filter(|line| line.starts_with("bedrock_requests "));
        let read: Vec<_> = read.collect();
        assert!(
            place.engine == Engine::SqliteMemory || !read.is_empty(),
            "{name}: {plan:?}"
        );
        assert!(read.iter().all(|line| **line == wanted), "{name}: {plan:?}");
    }
}
