//! What tests and benches look at: the text of every statement, and the floor under the hot path. No
//! part of the interface.

use std::borrow::Cow;

use crate::dialect::{Conn, Dialect, Tx};
use crate::error::StoreError;
use crate::login::Entry;
use crate::row::evidence::Gone;
use crate::row::invocation::{self, Parts};
use crate::settle::Batch;
use crate::sql::{
    Many, REQUEST_COLUMNS, Sql, forget, operators, portable, reports, request_columns, sweeps,
};
use crate::value::Arg;
use crate::work::count;
use crate::{mysql, replaced, sqlite};

/// Every statement that runs on `SQLite`, by name.
pub fn sqlite_statements() -> Vec<(String, String)> {
    of::<sqlite::Sqlite>(sqlite::statements())
}

/// Every statement that runs on `MySQL` and MariaDB, by name.
pub fn mysql_statements() -> Vec<(String, String)> {
    of::<mysql::MySql>(mysql::statements())
}

/// Every statement that runs on the database of the system that Weir replaces, by name.
pub fn replaced_statements() -> &'static [(&'static str, &'static str)] {
    replaced::STATEMENTS
}

/// The names of the migrations: of `SQLite`, of `MySQL`.
pub fn migration_names() -> (Vec<&'static str>, Vec<&'static str>) {
    (names::<sqlite::Sqlite>(), names::<mysql::MySql>())
}

/// SHA-256 of every migration, by `DIALECT/NAME.sql`, in order.
pub fn migration_digests() -> Vec<(String, String)> {
    let sqlite = digests::<sqlite::Sqlite>("sqlite");
    sqlite.chain(digests::<mysql::MySql>("mysql")).collect()
}

fn digests<D: Dialect>(dialect: &'static str) -> impl Iterator<Item = (String, String)> {
    D::MIGRATIONS.iter().map(move |migration| {
        let file = format!("{dialect}/{}.sql", migration.name);
        (file, migration.digest())
    })
}

fn names<D: Dialect>() -> Vec<&'static str> {
    D::MIGRATIONS
        .iter()
        .map(|migration| migration.name)
        .collect()
}

fn of<D: Dialect>(own: Vec<(&'static str, Sql)>) -> Vec<(String, String)> {
    let portable = [
        portable::STATEMENTS,
        operators::STATEMENTS,
        reports::STATEMENTS,
        forget::STATEMENTS,
        sweeps::STATEMENTS,
    ]
    .concat();
    let shared = portable.into_iter().chain(D::SQL.list());
    let shared = shared.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let own = own.into_iter().map(|(name, sql)| {
        let text = match sql {
            Sql::Fixed(text) => text.to_owned(),
            Sql::Built(text) => text,
        };
        (name.to_owned(), text)
    });
    shared.chain(own).collect()
}

/// A plain multi-row insert into `bedrock_requests`, with the driver, the settings and the
/// durability of the store: what a settle is measured against.
#[derive(Debug)]
pub struct Raw(Floor);

#[derive(Debug)]
enum Floor {
    Sqlite(sqlite::Sqlite),
    MySql(mysql::MySql),
}

/// The rows of a batch, derived and ready to be bound.
#[derive(Clone, Debug)]
pub struct RawRows(Vec<Vec<Arg<'static>>>);

const INSERT: Many = Many {
    head: concat!(
        "INSERT INTO bedrock_requests (",
        request_columns!(),
        ") VALUES"
    ),
    columns: REQUEST_COLUMNS,
    tail: "",
};

impl RawRows {
    /// The rows that a settle of this batch would insert.
    pub fn of(batch: &Batch<'_>) -> Result<Self, StoreError> {
        let rows = count::derive(batch);
        let rows = rows.iter().map(|one| {
            let row = invocation::write(&Parts {
                invocation: &one.invocation,
                evidence: &one.evidence,
                gone: Gone::Nothing,
                model_name: batch.rules.prices.display_name(&one.invocation.model),
                settle_id: &batch.id,
                created_at: batch.now,
                updated_at: batch.now,
            })?;
            Ok(row.into_iter().map(owned).collect())
        });
        Ok(Self(rows.collect::<Result<_, StoreError>>()?))
    }
}

fn owned(arg: Arg<'_>) -> Arg<'static> {
    match arg {
        Arg::Null => Arg::Null,
        Arg::Int(number) => Arg::Int(number),
        Arg::Text(text) => Arg::Text(Cow::Owned(text.into_owned())),
    }
}

impl Raw {
    /// Opens a database that is migrated.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Ok(Self(match url.strip_prefix("sqlite:") {
            Some(path) => Floor::Sqlite(sqlite::open(path).await?),
            None => Floor::MySql(mysql::open(
                crate::entrance::options(url)?,
                true,
                Entry::default(),
            )?),
        }))
    }

    /// Inserts the rows in one transaction.
    pub async fn insert(&self, rows: &RawRows) -> Result<(), StoreError> {
        match &self.0 {
            Floor::Sqlite(db) => insert(db, rows).await,
            Floor::MySql(db) => insert(db, rows).await,
        }
    }
}

async fn insert<D: Dialect>(db: &D, rows: &RawRows) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    for chunk in rows.0.chunks(500) {
        tx.execute(
            INSERT.rows(chunk.len()),
            chunk.iter().flatten().cloned().collect(),
        )
        .await?;
    }
    tx.commit().await
}
