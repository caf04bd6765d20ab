//! The database of the system that Weir replaces: read, and never written
//! (`docs/decisions/0024-taking-over-the-replaced-system.md`).

use std::collections::BTreeMap;

use sqlx::mysql::{MySqlConnection, MySqlRow};
use sqlx::{ConnectOptions, Row as _};
use tokio::sync::Mutex;
use weir_core::replaced::{CallRow, UserRow};

use crate::entrance::{self, Entrance};
use crate::error::StoreError;
use crate::login::Entry;
use crate::open::{bad, is_mysql, is_said};
use crate::sql::statements;

/// What the connection says first: nothing is written by it, and times are told in UTC.
const SESSION: &str = "SET SESSION TRANSACTION READ ONLY; SET time_zone = '+00:00'";

statements! {
    /// The columns of every table.
    COLUMNS = "SELECT CAST(table_name AS CHAR) AS t, CAST(column_name AS CHAR) AS c
    FROM information_schema.columns WHERE table_schema = DATABASE()";
    /// Calls after a number.
    CALLS = "SELECT r.id, CAST(r.user_id AS CHAR), CAST(r.team AS CHAR), CAST(u.person_tag AS CHAR),
      CAST(UNIX_TIMESTAMP(r.request_timestamp) AS CHAR), CAST(r.model_id AS CHAR), CAST(r.request_type AS CHAR),
      CAST(r.input_tokens AS CHAR), CAST(r.output_tokens AS CHAR), CAST(r.region AS CHAR), CAST(r.source_ip AS CHAR),
      CAST(r.user_agent AS CHAR), CAST(r.request_id AS CHAR), CAST(r.status_code AS CHAR),
      CAST(r.error_message AS CHAR)
    FROM bedrock_requests r LEFT JOIN users u ON u.user_id = r.user_id
    WHERE r.id > ? ORDER BY r.id LIMIT ?";
    /// Everybody.
    USERS = "SELECT CAST(u.user_id AS CHAR), CAST(u.daily_limit AS CHAR), CAST(u.monthly_limit AS CHAR),
      CAST(u.warning_threshold AS CHAR), CAST(u.critical_threshold AS CHAR), CAST(u.is_blocked AS CHAR),
      CAST(u.blocked_reason AS CHAR), CAST(UNIX_TIMESTAMP(u.blocked_until) AS CHAR),
      (SELECT CAST(o.performed_by AS CHAR) FROM blocking_operations o
        WHERE o.user_id = u.user_id AND o.operation = 'block' ORDER BY o.id DESC LIMIT 1)
    FROM users u ORDER BY u.user_id";
    /// What was done, after a number.
    OPERATIONS = "SELECT id, CAST(user_id AS CHAR), CAST(operation AS CHAR), CAST(reason AS CHAR),
      CAST(performed_by AS CHAR), CAST(expires_at AS CHAR), CAST(created_at AS CHAR)
    FROM blocking_operations WHERE id > ? ORDER BY id LIMIT ?";
    /// How much there is.
    COUNTS = "SELECT (SELECT COUNT(*) FROM bedrock_requests WHERE id > ?),
      (SELECT COUNT(*) FROM blocking_operations WHERE id > ?),
      (SELECT CAST(UNIX_TIMESTAMP(MAX(request_timestamp)) AS CHAR) FROM bedrock_requests),
      (SELECT CAST(SUM(cost_usd) AS CHAR) FROM bedrock_requests)";
}

/// The old database.
#[derive(Debug)]
pub struct ReplacedDatabase {
    conn: Mutex<MySqlConnection>,
    host: String,
    database: String,
}

/// A row of `blocking_operations`, as text; times in UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperationRow {
    /// `id`.
    pub id: i64,
    /// `user_id`.
    pub user: Option<String>,
    /// `block`, `unblock`, `admin_protect`, `admin_unprotect`.
    pub operation: Option<String>,
    /// `reason`.
    pub reason: Option<String>,
    /// `performed_by`.
    pub by: Option<String>,
    /// `expires_at`.
    pub expires_at: Option<String>,
    /// `created_at`.
    pub at: Option<String>,
}

/// How much there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplacedCounts {
    /// Calls after the given number.
    pub calls: u64,
    /// Operations after the given number.
    pub operations: u64,
    /// The latest call, seconds since 1970.
    pub latest: Option<String>,
    /// What the old system thought that all calls cost, dollars.
    pub cost: Option<String>,
}

impl ReplacedDatabase {
    /// Connects to `mysql://USER:PASSWORD@HOST/NAME`; by TLS beyond this machine, unless the URL says otherwise.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let options = Some(url).filter(|url| is_mysql(url));
        let options = options
            .and_then(|url| entrance::options(url).ok())
            .ok_or_else(|| bad(url))?;
        let database = options.get_database().ok_or_else(|| bad(url))?;
        let (host, database) = (options.get_host().to_owned(), database.to_owned());
        let entrance = Entrance::new(options, is_said(url, "ssl-mode"), Entry::default())?;
        let connected = entrance.first().connect().await;
        let mut conn = connected.map_err(|error| entrance.explained(error))?;
        sqlx::raw_sql(SESSION).execute(&mut conn).await?;
        Ok(Self {
            conn: Mutex::new(conn),
            host,
            database,
        })
    }

    /// The server it is on, as it was named.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its name there.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The columns of each table, in lower case.
    pub async fn columns(&self) -> Result<BTreeMap<String, Vec<String>>, StoreError> {
        let mut conn = self.conn.lock().await;
        let rows = sqlx::query(COLUMNS).fetch_all(&mut *conn).await?;
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in rows {
            let (table, column) = (cell(&row, 0)?, cell(&row, 1)?);
            let of = found
                .entry(table.unwrap_or_default().to_lowercase())
                .or_default();
            of.push(column.unwrap_or_default().to_lowercase());
        }
        Ok(found)
    }

    /// How many calls and operations there are after these numbers.
    pub async fn counts(&self, call: i64, operation: i64) -> Result<ReplacedCounts, StoreError> {
        let mut conn = self.conn.lock().await;
        let asked = sqlx::query(COUNTS).bind(call).bind(operation);
        let row = asked.fetch_one(&mut *conn).await?;
        let count = |at: usize| row.try_get::<i64, _>(at).map(i64::unsigned_abs);
        Ok(ReplacedCounts {
            calls: count(0)?,
            operations: count(1)?,
            latest: cell(&row, 2)?,
            cost: cell(&row, 3)?,
        })
    }

    /// Calls after a number, by number.
    pub async fn calls(&self, after: i64, limit: u32) -> Result<Vec<CallRow>, StoreError> {
        let mut conn = self.conn.lock().await;
        let asked = sqlx::query(CALLS).bind(after).bind(limit);
        let rows = asked.fetch_all(&mut *conn).await?;
        rows.iter().map(call).collect()
    }

    /// Everybody, by name.
    pub async fn users(&self) -> Result<Vec<UserRow>, StoreError> {
        let mut conn = self.conn.lock().await;
        let rows = sqlx::query(USERS).fetch_all(&mut *conn).await?;
        rows.iter().map(user).collect()
    }

    /// What was done, after a number, by number.
    pub async fn operations(
        &self,
        after: i64,
        limit: u32,
    ) -> Result<Vec<OperationRow>, StoreError> {
        let mut conn = self.conn.lock().await;
        let asked = sqlx::query(OPERATIONS).bind(after).bind(limit);
        let rows = asked.fetch_all(&mut *conn).await?;
        rows.iter().map(operation).collect()
    }
}

fn cell(row: &MySqlRow, at: usize) -> Result<Option<String>, StoreError> {
    Ok(row.try_get(at)?)
}

fn call(row: &MySqlRow) -> Result<CallRow, StoreError> {
    Ok(CallRow {
        id: row.try_get(0)?,
        user: cell(row, 1)?,
        team: cell(row, 2)?,
        person: cell(row, 3)?,
        at: cell(row, 4)?,
        model: cell(row, 5)?,
        kind: cell(row, 6)?,
        input: cell(row, 7)?,
        output: cell(row, 8)?,
        region: cell(row, 9)?,
        source_ip: cell(row, 10)?,
        user_agent: cell(row, 11)?,
        request: cell(row, 12)?,
        status: cell(row, 13)?,
        error: cell(row, 14)?,
    })
}

fn user(row: &MySqlRow) -> Result<UserRow, StoreError> {
    Ok(UserRow {
        user: cell(row, 0)?,
        daily: cell(row, 1)?,
        monthly: cell(row, 2)?,
        warning: cell(row, 3)?,
        critical: cell(row, 4)?,
        blocked: cell(row, 5)?,
        reason: cell(row, 6)?,
        until: cell(row, 7)?,
        blocked_by: cell(row, 8)?,
    })
}

fn operation(row: &MySqlRow) -> Result<OperationRow, StoreError> {
    Ok(OperationRow {
        id: row.try_get(0)?,
        user: cell(row, 1)?,
        operation: cell(row, 2)?,
        reason: cell(row, 3)?,
        by: cell(row, 4)?,
        expires_at: cell(row, 5)?,
        at: cell(row, 6)?,
    })
}
