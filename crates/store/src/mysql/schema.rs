//! The schema of `MySQL`. Every DDL statement commits by itself, so each is recorded before and after:
//! a migration that stopped half-way goes on where it was.

use super::connect::{MySql, Reader, read};
use super::number;
use crate::dialect::Conn;
use crate::error::StoreError;
use crate::sql::portable;
use crate::value::args;
use crate::work::founding;
use crate::work::migrate::{Migration, migrations, on_file, pending};

migrations! {
    "mysql":
    1 "0001_rules",
    2 "0002_subjects",
    3 "0003_invocations",
    4 "0004_totals",
    5 "0005_decisions",
    6 "0006_targets",
    7 "0007_outbox",
    8 "0008_audit",
    9 "0009_views",
    10 "0010_routines",
    11 "0011_resets",
    12 "0012_intake",
    13 "0013_messages",
    14 "0014_mails",
    15 "0015_watch",
    17 "0017_operators",
    18 "0018_idempotency",
    20 "0020_directory",
    24 "0024_forgetting",
}

/// Where migrations are recorded; made before the first.
const BOOKS: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS schema_migrations (
      version BIGINT NOT NULL PRIMARY KEY,
      name VARCHAR(128) NOT NULL,
      oldest VARCHAR(32) NOT NULL,
      digest CHAR(64) NOT NULL,
      started_at BIGINT NOT NULL,
      finished_at BIGINT NULL
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    "CREATE TABLE IF NOT EXISTS schema_steps (
      version BIGINT NOT NULL,
      step BIGINT NOT NULL,
      finished TINYINT NOT NULL,
      PRIMARY KEY (version, step)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
];

/// Applies pending migrations.
pub(crate) async fn migrate(db: &MySql) -> Result<Vec<String>, StoreError> {
    let mut conn = read(db).await?;
    let locked = conn
        .one(super::statements::LOCK_SCHEMA.into(), Vec::new())
        .await?;
    let locked = locked
        .map(|mut row| row.maybe_int("GET_LOCK"))
        .transpose()?
        .flatten();
    if locked != Some(1) {
        return Err(StoreError::Schema(
            "another process is migrating this database: try again later".to_owned(),
        ));
    }
    let done = run(&mut conn).await;
    let unlocked = conn
        .one(super::statements::UNLOCK_SCHEMA.into(), Vec::new())
        .await;
    drop(conn);
    let done = done?;
    unlocked?;
    founding::seed(db).await?;
    Ok(done)
}

async fn run(conn: &mut Reader) -> Result<Vec<String>, StoreError> {
    for book in BOOKS {
        conn.script(book).await?;
    }
    let on_file = on_file::<MySql>(conn).await?;
    let mut done = Vec::new();
    for migration in pending(MIGRATIONS, &on_file)? {
        step(conn, migration).await?;
        done.push(migration.name.to_owned());
    }
    Ok(done)
}

async fn step(conn: &mut Reader, migration: &Migration) -> Result<(), StoreError> {
    let Migration { version, name, .. } = *migration;
    let begins = super::statements::SQL.migration_begins;
    conn.execute(
        begins.into(),
        args![version, name, migration.oldest(), migration.digest()],
    )
    .await?;
    let mut begun = Vec::new();
    for mut row in conn.query(portable::STEPS.into(), args![version]).await? {
        begun.push((
            row.int("schema_steps.step")?,
            row.flag("schema_steps.finished")?,
        ));
    }
    for (number, text) in (1_i64..).zip(migration.steps()) {
        let before = begun
            .iter()
            .find(|(step, _)| *step == number)
            .map(|(_, finished)| *finished);
        if before == Some(true) {
            continue;
        }
        conn.execute(portable::STEP_BEGINS.into(), args![version, number])
            .await?;
        match conn.script(text).await {
            // It ran, and the process ended before that was recorded.
            Err(StoreError::Database(error)) if before == Some(false) && is_there(&error) => {}
            other => other?,
        }
        conn.execute(portable::STEP_ENDS.into(), args![version, number])
            .await?;
    }
    let now = clock(conn).await?;
    conn.execute(portable::MIGRATION_ENDS.into(), args![now, version])
        .await
        .map(|_| ())
}

/// Table, column, key, routine or trigger exists already.
fn is_there(error: &sqlx::Error) -> bool {
    matches!(number(error), Some(1050 | 1060 | 1061 | 1304 | 1359))
}

async fn clock(conn: &mut Reader) -> Result<i64, StoreError> {
    let row = conn
        .one(super::statements::SQL.server.into(), Vec::new())
        .await?;
    let mut row = row.ok_or_else(|| StoreError::Schema("no clock".to_owned()))?;
    let _engine = row.text("server")?;
    row.int("clock")
}

/// Whether a table exists and has that column.
pub(crate) async fn has_column(
    conn: &mut Reader,
    table: &'static str,
    column: &'static str,
) -> Result<bool, StoreError> {
    Ok(!conn
        .query(super::statements::HAS_COLUMN.into(), args![table, column])
        .await?
        .is_empty())
}
