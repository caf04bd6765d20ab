//! A `SQLite` file that a test may also write to beside the store, to break something on purpose.

use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use tempfile::TempDir;

/// A database file, gone when dropped.
pub struct FileDb {
    /// Its address.
    pub url: String,
    _dir: TempDir,
}

impl FileDb {
    /// A place for a new file.
    pub fn new() -> std::io::Result<Self> {
        let dir = tempfile::tempdir()?;
        Ok(Self {
            url: format!("sqlite:{}", dir.path().join("weir.db").display()),
            _dir: dir,
        })
    }

    /// Runs a statement beside the store.
    pub async fn run(&self, sql: &'static str) -> Result<(), sqlx::Error> {
        let mut conn = SqliteConnection::connect(&self.url).await?;
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut conn)
            .await
            .map(|_| ())
    }
}
