//! `MySQL` and MariaDB: the production database. READ COMMITTED everywhere; the hot path takes its
//! documents as JSON, so that a batch of any size is the same few statements.

mod connect;
mod schema;
mod settle;
mod statements;

pub(crate) use connect::{MySql, open};
pub(crate) use schema::MIGRATIONS;

use sqlx::mysql::MySqlDatabaseError;

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

/// The number of a server's error.
pub(crate) fn number(error: &sqlx::Error) -> Option<u16> {
    let error = error
        .as_database_error()?
        .try_downcast_ref::<MySqlDatabaseError>()?;
    Some(error.number())
}

impl Dialect for MySql {
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
        // Lock wait timeout, deadlock, and MariaDB's "record has changed since last read".
        matches!(number(error), Some(1205 | 1213 | 1020))
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
