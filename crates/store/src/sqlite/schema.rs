//! The schema of `SQLite`, migrated in one exclusive transaction.

use super::connect::{Reader, Sqlite, alone};
use crate::dialect::Conn;
use crate::error::StoreError;
use crate::sql::portable;
use crate::value::args;
use crate::work::founding;
use crate::work::migrate::{Migration, migrations, on_file, pending};

migrations! {
    "sqlite":
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
const BOOKS: &str = "
    CREATE TABLE IF NOT EXISTS schema_migrations (
      version INTEGER NOT NULL PRIMARY KEY,
      name TEXT NOT NULL,
      oldest TEXT NOT NULL,
      digest TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      finished_at INTEGER NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS schema_steps (
      version INTEGER NOT NULL,
      step INTEGER NOT NULL,
      finished INTEGER NOT NULL,
      PRIMARY KEY (version, step)
    ) WITHOUT ROWID, STRICT;";

/// Applies pending migrations.
pub(crate) async fn migrate(db: &Sqlite) -> Result<Vec<String>, StoreError> {
    let mut conn = alone(db).await?;
    conn.script("BEGIN EXCLUSIVE").await?;
    let done = run(&mut conn).await;
    let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
    conn.script(end).await?;
    drop(conn);
    let done = done?;
    founding::seed(db).await?;
    Ok(done)
}

async fn run(conn: &mut Reader) -> Result<Vec<String>, StoreError> {
    conn.script(BOOKS).await?;
    let on_file = on_file::<Sqlite>(conn).await?;
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
    for (number, text) in (1_i64..).zip(migration.steps()) {
        conn.script(text).await?;
        conn.execute(portable::STEP_BEGINS.into(), args![version, number])
            .await?;
        conn.execute(portable::STEP_ENDS.into(), args![version, number])
            .await?;
    }
    let now = clock(conn).await?;
    conn.execute(portable::MIGRATION_ENDS.into(), args![now, version])
        .await
        .map(|_| ())
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
