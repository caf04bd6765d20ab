//! Every text in a database, found by its schema: what a test looks through that wants to know whether
//! something is kept anywhere at all.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Connection, MySqlConnection, Row, SqliteConnection};

const MYSQL_TEXTS: &str = "SELECT CONVERT(c.TABLE_NAME USING utf8mb4), CONVERT(c.COLUMN_NAME USING utf8mb4)
    FROM information_schema.COLUMNS c
    JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
   WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE'
     AND c.DATA_TYPE NOT IN ('bigint', 'int', 'smallint', 'tinyint')";
const SQLITE_TEXTS: &str =
    "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c
   WHERE m.type = 'table' AND c.type <> 'INTEGER' AND m.name NOT LIKE 'sqlite_%'";

/// A database of a test, beside the store that is tested.
pub enum Texts {
    /// A file.
    Sqlite(SqliteConnection),
    /// MariaDB too.
    MySql(MySqlConnection),
}

impl Texts {
    /// Opens it.
    ///
    /// # Errors
    /// If nothing is there.
    pub async fn open(url: &str) -> Result<Self, sqlx::Error> {
        Ok(if url.starts_with("sqlite:") {
            Self::Sqlite(SqliteConnection::connect(url).await?)
        } else {
            Self::MySql(MySqlConnection::connect(url).await?)
        })
    }

    /// A new database on a server; its address.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn create_database(server: &str, name: &str) -> Result<String, sqlx::Error> {
        let mut conn = MySqlConnection::connect(server).await?;
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut conn).await?;
        Ok(format!("{}/{name}", server.trim_end_matches('/')))
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn run(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(conn) => sqlx::raw_sql(sql).execute(conn).await.map(|_| ()),
            Self::MySql(conn) => sqlx::raw_sql(sql).execute(conn).await.map(|_| ()),
        }
    }

    /// `table.column` of every text there is.
    ///
    /// # Errors
    /// If the schema cannot be read.
    pub async fn columns(&mut self) -> Result<BTreeSet<(String, String)>, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(conn) => {
                let rows = sqlx::query(SQLITE_TEXTS).fetch_all(conn).await?;
                rows.iter().map(|row| (row.get(0), row.get(1))).collect()
            }
            Self::MySql(conn) => {
                let rows = sqlx::query(MYSQL_TEXTS).fetch_all(conn).await?;
                rows.iter().map(|row| (row.get(0), row.get(1))).collect()
            }
        })
    }

    /// Where any of these is kept, in whatever case: `table.column: what`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn holding(&mut self, what: &[&str]) -> Result<BTreeSet<String>, sqlx::Error> {
        let mut found = BTreeSet::new();
        for (table, column) in self.columns().await? {
            for wanted in what {
                let sql = format!(
                    "SELECT COUNT(*) FROM `{table}` WHERE INSTR(LOWER(CAST(`{column}` AS CHAR)), ?) > 0"
                );
                let small = wanted.to_lowercase();
                let rows: i64 = match self {
                    Self::Sqlite(conn) => {
                        sqlx::query_scalar(AssertSqlSafe(sql))
                            .bind(small)
                            .fetch_one(conn)
                            .await?
                    }
                    Self::MySql(conn) => {
                        sqlx::query_scalar(AssertSqlSafe(sql))
                            .bind(small)
                            .fetch_one(conn)
                            .await?
                    }
                };
                if rows > 0 {
                    found.insert(format!("{table}.{column}: {wanted}"));
                }
            }
        }
        Ok(found)
    }
}
