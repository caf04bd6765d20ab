//! Connections and how values pass through them.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool,
    SqlitePoolOptions, SqliteRow, SqliteSynchronous, SqliteValueRef,
};
use sqlx::{
    Arguments, AssertSqlSafe, Decode, Row as _, SqlSafeStr, Transaction, TypeInfo, ValueRef,
};

use crate::dialect::{Conn, Tx};
use crate::error::StoreError;
use crate::sql::Sql;
use crate::value::{Arg, Row, Value};

/// How long a statement waits for another process that writes.
const BUSY: Duration = Duration::from_secs(15);

/// A `SQLite` database.
#[derive(Clone, Debug)]
pub(crate) struct Sqlite {
    /// Exactly one connection.
    writer: SqlitePool,
    /// The same connection, if the database lives in memory.
    readers: SqlitePool,
    /// A connection that nobody uses: a database in memory lives as long as one is open, and the
    /// pool closes one whose user went away in the middle of a statement.
    _anchor: Option<SqlitePool>,
}

/// A connection that reads.
pub(crate) struct Reader(sqlx::pool::PoolConnection<sqlx::Sqlite>);

/// The connection that writes, in a transaction. Dropped, the transaction is rolled back before the
/// connection does anything else.
pub(crate) struct Writer(Transaction<'static, sqlx::Sqlite>);

/// Opens the file, made with mode 0600 if it is missing; `:memory:` is a database of its own.
pub(crate) async fn open(path: &str) -> Result<Sqlite, StoreError> {
    let one = || {
        SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
    };
    if path == ":memory:" {
        let options = start(SqliteConnectOptions::from_str("sqlite::memory:")?);
        let anchor = one().connect_with(options.clone()).await?;
        let pool = one().connect_with(options).await?;
        return Ok(Sqlite {
            writer: pool.clone(),
            readers: pool,
            _anchor: Some(anchor),
        });
    }
    create(Path::new(path)).map_err(sqlx::Error::Io)?;
    let options = start(SqliteConnectOptions::new())
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        // What was acknowledged survives a power cut.
        .synchronous(SqliteSynchronous::Full);
    let writer = one().connect_with(options.clone()).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(4)
        .connect_lazy_with(options);
    Ok(Sqlite {
        writer,
        readers,
        _anchor: None,
    })
}

fn start(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .busy_timeout(BUSY)
        .foreign_keys(true)
        .statement_cache_capacity(256)
        .pragma("cache_size", "-32768")
        // What is deleted is overwritten: who is forgotten must not stay in free pages.
        .pragma("secure_delete", "ON")
}

/// Makes the file, readable by its owner only.
fn create(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Lends a connection for reading.
pub(crate) async fn read(db: &Sqlite) -> Result<Reader, StoreError> {
    Ok(Reader(db.readers.acquire().await?))
}

/// Begins a transaction that writes.
pub(crate) async fn begin(db: &Sqlite) -> Result<Writer, StoreError> {
    Ok(Writer(db.writer.begin_with("BEGIN IMMEDIATE").await?))
}

/// The connection that writes, outside a transaction.
pub(crate) async fn alone(db: &Sqlite) -> Result<Reader, StoreError> {
    Ok(Reader(db.writer.acquire().await?))
}

impl Conn for Reader {
    async fn query(&mut self, sql: Sql, args: Vec<Arg<'_>>) -> Result<Vec<Row>, StoreError> {
        fetch(&mut self.0, sql, args).await
    }

    async fn execute(&mut self, sql: Sql, args: Vec<Arg<'_>>) -> Result<u64, StoreError> {
        run(&mut self.0, sql, args).await
    }
}

impl Conn for Writer {
    async fn query(&mut self, sql: Sql, args: Vec<Arg<'_>>) -> Result<Vec<Row>, StoreError> {
        fetch(&mut self.0, sql, args).await
    }

    async fn execute(&mut self, sql: Sql, args: Vec<Arg<'_>>) -> Result<u64, StoreError> {
        run(&mut self.0, sql, args).await
    }
}

impl Tx for Writer {
    async fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit().await?)
    }

    async fn rollback(self) -> Result<(), StoreError> {
        Ok(self.0.rollback().await?)
    }
}

impl Reader {
    /// Runs statements that take no values, migrations for instance.
    pub(crate) async fn script(&mut self, text: &'static str) -> Result<(), StoreError> {
        sqlx::raw_sql(text).execute(&mut *self.0).await?;
        Ok(())
    }
}

async fn fetch(
    conn: &mut SqliteConnection,
    sql: Sql,
    args: Vec<Arg<'_>>,
) -> Result<Vec<Row>, StoreError> {
    let rows = sqlx::query_with(text(sql), bind(args)?)
        .fetch_all(conn)
        .await?;
    rows.iter().map(row).collect()
}

async fn run(conn: &mut SqliteConnection, sql: Sql, args: Vec<Arg<'_>>) -> Result<u64, StoreError> {
    Ok(sqlx::query_with(text(sql), bind(args)?)
        .execute(conn)
        .await?
        .rows_affected())
}

fn text(sql: Sql) -> sqlx::SqlStr {
    match sql {
        Sql::Fixed(text) => text.into_sql_str(),
        Sql::Built(text) => AssertSqlSafe(text).into_sql_str(),
    }
}

fn bind(args: Vec<Arg<'_>>) -> Result<SqliteArguments, StoreError> {
    let mut bound = SqliteArguments::default();
    bound.reserve(args.len(), 0);
    for arg in args {
        match arg {
            Arg::Null => bound.add(None::<i64>),
            Arg::Int(number) => bound.add(number),
            Arg::Text(text) => bound.add(text.into_owned()),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(bound)
}

fn row(row: &SqliteRow) -> Result<Row, StoreError> {
    let values = (0..row.len()).map(|index| value(row.try_get_raw(index)?));
    Ok(Row::new(values.collect::<Result<_, sqlx::Error>>()?))
}

fn value(raw: SqliteValueRef<'_>) -> Result<Value, sqlx::Error> {
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let is_text = raw.type_info().name() == "TEXT";
    let value = if is_text {
        <String as Decode<sqlx::Sqlite>>::decode(raw).map(Value::Text)
    } else {
        <i64 as Decode<sqlx::Sqlite>>::decode(raw).map(Value::Int)
    };
    value.map_err(sqlx::Error::Decode)
}
