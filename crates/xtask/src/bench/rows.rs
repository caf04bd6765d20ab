//! The raw floor: rows as they lie in `bedrock_requests`, and a multi-row insert of them.

use sqlx::mysql::{MySqlArguments, MySqlConnection};
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{Arguments, AssertSqlSafe, Column, Connection, Executor, Row, TypeInfo, ValueRef};

/// A value of a row.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Null,
    Int(i64),
    Text(String),
}

/// Columns and rows of `bedrock_requests`, without its own number.
pub(super) struct Rows {
    columns: Vec<String>,
    pub(super) rows: Vec<Vec<Cell>>,
}

/// Reads what a settle has written.
pub(super) async fn read(db: &mut SqliteConnection) -> Result<Rows, sqlx::Error> {
    let found = sqlx::query("SELECT * FROM bedrock_requests ORDER BY request_id").fetch_all(db).await?;
    let Some(first) = found.first() else { return Ok(Rows { columns: vec![], rows: vec![] }) };
    let generated = ["id", "local_day", "total_tokens"];
    let kept: Vec<usize> = (0..first.len())
        .filter(|&i| !generated.contains(&first.column(i).name()))
        .collect();
    let columns = kept.iter().map(|&i| first.column(i).name().to_owned()).collect();
    let rows = found.iter().map(|row| kept.iter().map(|&i| cell(row, i)).collect()).collect();
    Ok(Rows { columns, rows })
}

fn cell(row: &sqlx::sqlite::SqliteRow, i: usize) -> Cell {
    match row.try_get_raw(i) {
        Ok(value) if value.is_null() => Cell::Null,
        Ok(value) if value.type_info().name() == "INTEGER" => Cell::Int(row.get(i)),
        Ok(_) => Cell::Text(row.get(i)),
        Err(_) => Cell::Null,
    }
}

impl Rows {
    fn statement(&self, rows: usize) -> String {
        let row = format!("({})", vec!["?"; self.columns.len()].join(","));
        format!(
            "INSERT INTO bedrock_requests ({}) VALUES {}",
            self.columns.join(","),
            vec![row; rows].join(",")
        )
    }

    /// The same rows under other request ids.
    pub(super) fn renamed(&self, salt: u64) -> Vec<Vec<Cell>> {
        let id = self.columns.iter().position(|name| name == "request_id").unwrap_or_default();
        self.rows
            .iter()
            .enumerate()
            .map(|(n, row)| {
                let mut row = row.clone();
                let number = super::invocations::scatter(salt.wrapping_add(n as u64));
                row[id] = Cell::Text(format!("{number:016x}-{salt:016x}"));
                row
            })
            .collect()
    }
}

/// A connection that inserts rows, in one transaction per call.
pub(super) enum Raw {
    Sqlite(SqliteConnection),
    MySql(MySqlConnection),
}

/// SQLite takes at most 32,766 placeholders; the store sends as many rows at once.
const SQLITE_CHUNK: usize = 250;

impl Raw {
    pub(super) async fn insert(&mut self, shape: &Rows, rows: &[Vec<Cell>]) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(db) => {
                let mut tx = db.begin().await?;
                for chunk in rows.chunks(SQLITE_CHUNK) {
                    let mut args = SqliteArguments::default();
                    bind(chunk, |cell| match cell {
                        Cell::Null => args.add(None::<i64>),
                        Cell::Int(number) => args.add(*number),
                        Cell::Text(text) => args.add(text.clone()),
                    })?;
                    let sql = AssertSqlSafe(shape.statement(chunk.len()));
                    tx.execute(sqlx::query_with(sql, args)).await?;
                }
                tx.commit().await
            }
            Self::MySql(db) => {
                let mut tx = db.begin().await?;
                let mut args = MySqlArguments::default();
                bind(rows, |cell| match cell {
                    Cell::Null => args.add(None::<i64>),
                    Cell::Int(number) => args.add(*number),
                    Cell::Text(text) => args.add(text.clone()),
                })?;
                let sql = AssertSqlSafe(shape.statement(rows.len()));
                tx.execute(sqlx::query_with(sql, args)).await?;
                tx.commit().await
            }
        }
    }
}

fn bind(
    rows: &[Vec<Cell>],
    mut add: impl FnMut(&Cell) -> Result<(), sqlx::error::BoxDynError>,
) -> Result<(), sqlx::Error> {
    rows.iter().flatten().try_for_each(&mut add).map_err(sqlx::Error::Encode)
}
