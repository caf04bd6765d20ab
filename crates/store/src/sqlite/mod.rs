//! `SQLite`: the embedded default. WAL, one connection that writes, several that read.

mod connect;
mod schema;
mod settle;
mod statements;

pub(crate) use connect::{Sqlite, open};
pub(crate) use schema::MIGRATIONS;

use sqlx::error::DatabaseError;

use self::statements::{MANY, STATEMENTS};

use crate::dialect::{Dialect, Facts};
use crate::error::StoreError;
use crate::row::invocation::Wide;
use crate::sql::{Sql, Statements};
use crate::work::docs::{AuditDocs, CountDocs, LookDocs, PlanDocs};

/// Every statement of this dialect by name.
pub(crate) fn statements() -> Vec<(&'static str, Sql)> {
    let fixed = STATEMENTS
        .iter()
        .map(|(name, text)| (*name, Sql::Fixed(text)));
    fixed
        .chain(MANY.iter().map(|(name, many)| (*name, many.rows(2))))
        .collect()
}

impl Dialect for Sqlite {
    type Read = connect::Reader;
    type Write = connect::Writer;

    const SQL: &'static Statements = &statements::SQL;
    const MIGRATIONS: &'static [crate::work::migrate::Migration] = MIGRATIONS;

    async fn read(&self) -> Result<Self::Read, StoreError> {
        connect::read(self).await
    }

    async fn begin(&self) -> Result<Self::Write, StoreError> {
        connect::begin(self).await
    }

    fn is_busy(error: &sqlx::Error) -> bool {
        // SQLITE_BUSY, SQLITE_LOCKED and their extensions, by their primary code.
        let code = error.as_database_error().and_then(DatabaseError::code);
        code.and_then(|code| code.parse::<u32>().ok())
            .is_some_and(|code| matches!(code & 0xff, 5 | 6))
    }

    async fn insert_requests(tx: &mut Self::Write, rows: &[Wide<'_>]) -> Result<u64, StoreError> {
        settle::insert_requests(tx, rows).await
    }

    async fn rewrite_requests(tx: &mut Self::Write, rows: &[Wide<'_>]) -> Result<(), StoreError> {
        settle::rewrite_requests(tx, rows).await
    }

    async fn count(tx: &mut Self::Write, docs: &CountDocs<'_>) -> Result<Facts, StoreError> {
        settle::count(tx, docs).await
    }

    async fn standing(conn: &mut Self::Read, docs: &LookDocs) -> Result<Facts, StoreError> {
        settle::standing(conn, docs).await
    }

    async fn write_plan(tx: &mut Self::Write, docs: &PlanDocs<'_>) -> Result<(), StoreError> {
        settle::write_plan(tx, docs).await
    }

    async fn append_audit(tx: &mut Self::Write, docs: &AuditDocs<'_>) -> Result<(), StoreError> {
        settle::append_audit(tx, docs).await
    }

    async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        schema::migrate(self).await
    }

    async fn has_column(
        conn: &mut Self::Read,
        table: &'static str,
        column: &'static str,
    ) -> Result<bool, StoreError> {
        schema::has_column(conn, table, column).await
    }
}
