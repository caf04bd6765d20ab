//! Where a test runs: a database of its own.
#![expect(
    clippy::disallowed_methods,
    reason = "the addresses of the servers come from the environment"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, Row};
use weir_store::Store;

/// A migrated database, gone when dropped.
pub(crate) struct Place {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) url: String,
    pub(crate) engine: Engine,
    _dir: Option<tempfile::TempDir>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    SqliteFile,
    SqliteMemory,
    MySql,
}

impl Place {
    async fn at(url: String, engine: Engine, dir: Option<tempfile::TempDir>) -> Self {
        let store = weir_store::open(&url).await.unwrap();
        store.migrate().await.unwrap();
        store.set_zone("Europe/Madrid").await.unwrap();
        Self {
            store,
            url,
            engine,
            _dir: dir,
        }
    }

    /// Every statement that runs here.
    pub(crate) fn statements(&self) -> Vec<(String, String)> {
        match self.engine {
            Engine::MySql => weir_store::inspect::mysql_statements(),
            Engine::SqliteFile | Engine::SqliteMemory => weir_store::inspect::sqlite_statements(),
        }
    }
}

impl Place {
    /// Runs a statement beside the store; whether there is a way to.
    pub(crate) async fn raw(&self, sql: &str) -> Result<bool, sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self.engine {
            Engine::SqliteMemory => return Ok(false),
            Engine::SqliteFile => {
                let mut conn = sqlx::SqliteConnection::connect(&self.url).await?;
                sqlx::raw_sql(sql).execute(&mut conn).await?;
            }
            Engine::MySql => {
                let mut conn = sqlx::MySqlConnection::connect(&self.url).await?;
                sqlx::raw_sql(sql).execute(&mut conn).await?;
            }
        }
        Ok(true)
    }

    /// How the engine runs a query, a line for each table it reads: `TABLE INDEX` (`-` for none).
    pub(crate) async fn explain(&self, sql: &str) -> Vec<String> {
        match self.engine {
            Engine::SqliteMemory => Vec::new(),
            Engine::SqliteFile => {
                let sql = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
                let mut conn = sqlx::SqliteConnection::connect(&self.url).await.unwrap();
                let rows = sqlx::raw_sql(sql).fetch_all(&mut conn).await.unwrap();
                // "SEARCH bedrock_requests USING INDEX bedrock_requests_unpriced (unpriced_model=?)"
                let words = |row: &sqlx::sqlite::SqliteRow| -> Vec<String> {
                    let detail: String = row.get("detail");
                    detail.split(' ').map(ToOwned::to_owned).collect()
                };
                let tables = rows.iter().map(words).filter(|words| words.len() > 1);
                tables
                    .filter(|words| words[0] == "SEARCH" || words[0] == "SCAN")
                    .map(|words| {
                        let index = words.iter().position(|word| word == "INDEX");
                        let index = index.map_or("-", |at| words[at + 1].as_str());
                        format!("{} {index}", words[1])
                    })
                    .collect()
            }
            Engine::MySql => {
                let sql = AssertSqlSafe(format!("EXPLAIN FORMAT=TRADITIONAL {sql}"));
                let mut conn = sqlx::MySqlConnection::connect(&self.url).await.unwrap();
                let rows = sqlx::raw_sql(sql).fetch_all(&mut conn).await.unwrap();
                rows.iter()
                    .map(|row| {
                        let table: Option<String> = row.get("table");
                        let key: Option<String> = row.get("key");
                        let (table, key) = (table.as_deref(), key.as_deref());
                        format!("{} {}", table.unwrap_or("-"), key.unwrap_or("-"))
                    })
                    .collect()
            }
        }
    }

    /// How many rows an engine behind a server steps over, along an index, to answer a query.
    pub(crate) async fn stepped_over(&self, sql: &str) -> Option<i64> {
        if self.engine != Engine::MySql {
            return None;
        }
        // What a session of its own has read.
        let mut conn = sqlx::MySqlConnection::connect(&self.url).await.unwrap();
        let sql = AssertSqlSafe(sql.to_owned());
        sqlx::raw_sql(sql).fetch_all(&mut conn).await.unwrap();
        let status = "SHOW SESSION STATUS LIKE 'Handler_read_next'";
        let row = sqlx::raw_sql(status).fetch_one(&mut conn).await.unwrap();
        Some(row.get::<String, _>(1).parse().unwrap())
    }

    /// Reads a number beside the store.
    pub(crate) async fn number(&self, sql: &str) -> Option<i64> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self.engine {
            Engine::SqliteMemory => None,
            Engine::SqliteFile => {
                let mut conn = sqlx::SqliteConnection::connect(&self.url).await.unwrap();
                Some(sqlx::query_scalar(sql).fetch_one(&mut conn).await.unwrap())
            }
            Engine::MySql => {
                let mut conn = sqlx::MySqlConnection::connect(&self.url).await.unwrap();
                Some(sqlx::query_scalar(sql).fetch_one(&mut conn).await.unwrap())
            }
        }
    }
}

/// A new database on the server that the variable names. Missing, the test says how to start one.
async fn server(variable: &str) -> Place {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let url = std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: run the tests by `scripts/with-services.sh cargo nextest run --profile ci`")
    });
    let name = format!(
        "it_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    let mut conn = sqlx::MySqlConnection::connect(&url).await.unwrap();
    let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::raw_sql(create).execute(&mut conn).await.unwrap();
    Place::at(
        format!("{}/{name}", url.trim_end_matches('/')),
        Engine::MySql,
        None,
    )
    .await
}

pub(crate) async fn mariadb() -> Option<Place> {
    Some(server("WEIR_TEST_MARIADB_URL").await)
}

pub(crate) async fn mysql() -> Option<Place> {
    // `scripts/services.sh` says so, loudly, where real MySQL cannot be had.
    if std::env::var("WEIR_TEST_MYSQL_SKIPPED").is_ok_and(|skipped| skipped == "1") {
        return None;
    }
    Some(server("WEIR_TEST_MYSQL_URL").await)
}

pub(crate) async fn sqlite_file() -> Place {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("weir.db").display());
    Place::at(url, Engine::SqliteFile, Some(dir)).await
}

pub(crate) async fn sqlite_memory() -> Place {
    Place::at("sqlite::memory:".to_owned(), Engine::SqliteMemory, None).await
}
