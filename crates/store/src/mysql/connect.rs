//! Connections and how values pass through them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::mysql::{
    MySqlArguments, MySqlConnectOptions, MySqlConnection, MySqlPool, MySqlPoolOptions, MySqlRow,
    MySqlValueRef,
};
use sqlx::pool::PoolConnection;
use sqlx::{
    Arguments, AssertSqlSafe, ConnectOptions, Connection, Decode, Row as _, SqlSafeStr, TypeInfo,
    ValueRef,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::dialect::{Conn, Tx};
use crate::entrance::Entrance;
use crate::error::StoreError;
use crate::login::Entry;
use crate::sql::Sql;
use crate::value::{Arg, Row, Value};

/// A connection that was idle for longer is asked whether it still lives.
const IDLE: Duration = Duration::from_secs(20);

/// What every connection starts with. `sql_mode` is that of both engines, whatever the server says.
const SESSION: &str = "SET SESSION sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_DATE,\
    NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', \
    SESSION innodb_lock_wait_timeout = 10";
const ISOLATION: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

/// How many transactions may run at once.
const WRITERS: usize = 8;

/// A `MySQL` database.
#[derive(Clone, Debug)]
pub(crate) struct MySql {
    readers: MySqlPool,
    writers: Arc<Writers>,
}

/// Connections for transactions. No pool: one asks each connection that comes back whether it still
/// lives, which is a round trip, and a connection on its way back makes the next caller open another.
#[derive(Debug)]
struct Writers {
    entrance: Entrance,
    permits: Arc<Semaphore>,
    /// Connections between transactions, the one used last on top, and since when.
    idle: Mutex<Vec<(MySqlConnection, Instant)>>,
}

/// A connection that reads.
pub(crate) struct Reader(PoolConnection<sqlx::MySql>);

/// A connection in a transaction. Dropped without an end, it is closed rather than given back: the
/// server rolls back, and nobody ever gets a connection with somebody else's transaction.
pub(crate) struct Writer {
    conn: Option<MySqlConnection>,
    home: Arc<Writers>,
    _permit: OwnedSemaphorePermit,
}

/// Opens a database; the first connection is made when it is needed.
pub(crate) fn open(
    options: MySqlConnectOptions,
    says_tls: bool,
    entry: Entry,
) -> Result<MySql, StoreError> {
    let entrance = Entrance::new(options, says_tls, entry)?;
    let readers = MySqlPoolOptions::new()
        .max_connections(8)
        .test_before_acquire(false)
        .before_acquire(|conn, meta| {
            Box::pin(async move {
                if meta.idle_for > IDLE {
                    conn.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(|conn, _| Box::pin(start(conn)))
        .connect_lazy_with(entrance.first());
    let writers = Writers {
        entrance,
        permits: Arc::new(Semaphore::new(WRITERS)),
        idle: Mutex::new(Vec::new()),
    };
    Ok(MySql {
        readers,
        writers: Arc::new(writers),
    })
}

async fn start(conn: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(SESSION).execute(&mut *conn).await?;
    sqlx::raw_sql(ISOLATION).execute(&mut *conn).await?;
    Ok(())
}

/// Lends a connection for reading.
pub(crate) async fn read(db: &MySql) -> Result<Reader, StoreError> {
    let entrance = &db.writers.entrance;
    let mut refused = false;
    loop {
        if let Some(options) = entrance.options_if_new(refused).await? {
            db.readers.set_connect_options(options);
        }
        match db.readers.acquire().await {
            Ok(conn) => return Ok(Reader(conn)),
            Err(error) if !refused && entrance.may_have_changed(&error) => refused = true,
            Err(error) => return Err(entrance.explained(error)),
        }
    }
}

/// Begins a transaction that writes.
pub(crate) async fn begin(db: &MySql) -> Result<Writer, StoreError> {
    let permits = db.writers.permits.clone();
    let permit = permits
        .acquire_owned()
        .await
        .map_err(|_| sqlx::Error::PoolClosed)?;
    let conn = db.writers.take().await?;
    let mut writer = Writer {
        conn: Some(conn),
        home: db.writers.clone(),
        _permit: permit,
    };
    writer.script("BEGIN").await?;
    Ok(writer)
}

impl Writers {
    /// A connection that lives.
    async fn take(&self) -> Result<MySqlConnection, StoreError> {
        while let Some((mut conn, since)) = self.pop() {
            if since.elapsed() < IDLE || conn.ping().await.is_ok() {
                return Ok(conn);
            }
        }
        let mut conn = self.connect().await?;
        start(&mut conn).await?;
        Ok(conn)
    }

    async fn connect(&self) -> Result<MySqlConnection, StoreError> {
        let mut refused = false;
        loop {
            match self.entrance.options(refused).await?.connect().await {
                Ok(conn) => return Ok(conn),
                Err(error) if !refused && self.entrance.may_have_changed(&error) => refused = true,
                Err(error) => return Err(self.entrance.explained(error)),
            }
        }
    }

    fn pop(&self) -> Option<(MySqlConnection, Instant)> {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
    }

    fn push(&self, conn: MySqlConnection) {
        let now = Instant::now();
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((conn, now));
    }
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
        fetch(self.conn()?, sql, args).await
    }

    async fn execute(&mut self, sql: Sql, args: Vec<Arg<'_>>) -> Result<u64, StoreError> {
        run(self.conn()?, sql, args).await
    }
}

impl Tx for Writer {
    async fn commit(mut self) -> Result<(), StoreError> {
        self.end("COMMIT").await
    }

    async fn rollback(mut self) -> Result<(), StoreError> {
        self.end("ROLLBACK").await
    }
}

impl Writer {
    fn conn(&mut self) -> Result<&mut MySqlConnection, StoreError> {
        self.conn
            .as_mut()
            .ok_or(StoreError::Database(sqlx::Error::PoolClosed))
    }

    async fn script(&mut self, text: &'static str) -> Result<(), StoreError> {
        sqlx::raw_sql(text).execute(&mut *self.conn()?).await?;
        Ok(())
    }

    /// Ends the transaction; only then the connection is given back.
    async fn end(&mut self, text: &'static str) -> Result<(), StoreError> {
        self.script(text).await?;
        if let Some(conn) = self.conn.take() {
            self.home.push(conn);
        }
        Ok(())
    }
}

impl Reader {
    /// Runs a statement that takes no values, a step of a migration for instance.
    pub(crate) async fn script(&mut self, text: &'static str) -> Result<(), StoreError> {
        sqlx::raw_sql(text).execute(&mut *self.0).await?;
        Ok(())
    }
}

async fn fetch(
    conn: &mut MySqlConnection,
    sql: Sql,
    args: Vec<Arg<'_>>,
) -> Result<Vec<Row>, StoreError> {
    let rows = sqlx::query_with(text(sql), bind(args)?)
        .fetch_all(conn)
        .await?;
    rows.iter().map(row).collect()
}

async fn run(conn: &mut MySqlConnection, sql: Sql, args: Vec<Arg<'_>>) -> Result<u64, StoreError> {
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

fn bind(args: Vec<Arg<'_>>) -> Result<MySqlArguments, StoreError> {
    let mut bound = MySqlArguments::default();
    for arg in args {
        match arg {
            Arg::Null => bound.add(None::<i64>),
            Arg::Int(number) => bound.add(number),
            Arg::Text(text) => bound.add(&*text),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(bound)
}

fn row(row: &MySqlRow) -> Result<Row, StoreError> {
    let values = (0..row.len()).map(|index| value(row.try_get_raw(index)?));
    Ok(Row::new(values.collect::<Result<_, sqlx::Error>>()?))
}

fn value(raw: MySqlValueRef<'_>) -> Result<Value, sqlx::Error> {
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let is_number = match raw.type_info().name() {
        "BOOLEAN" => true,
        name => name.contains("INT"),
    };
    let value = if is_number {
        <i64 as Decode<sqlx::MySql>>::decode(raw).map(Value::Int)
    } else {
        <String as Decode<sqlx::MySql>>::decode(raw).map(Value::Text)
    };
    value.map_err(sqlx::Error::Decode)
}
