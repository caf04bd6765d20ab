//! What the two dialects have in common, and what each does its own way.

use std::future::Future;

use crate::error::StoreError;
use crate::row::invocation::Wide;
use crate::sql::{Sql, Statements};
use crate::value::{Arg, Row};
use crate::work::docs::{AuditDocs, CountDocs, LookDocs, PlanDocs};
use crate::work::migrate::Migration;

/// A connection that takes statements.
pub(crate) trait Conn: Send {
    /// Rows of the first result.
    fn query(
        &mut self,
        sql: Sql,
        args: Vec<Arg<'_>>,
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send;

    /// How many rows a statement touched.
    fn execute(
        &mut self,
        sql: Sql,
        args: Vec<Arg<'_>>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// At most one row.
    fn one(
        &mut self,
        sql: Sql,
        args: Vec<Arg<'_>>,
    ) -> impl Future<Output = Result<Option<Row>, StoreError>> + Send {
        async move { Ok(self.query(sql, args).await?.into_iter().next()) }
    }
}

/// A connection inside a transaction. Dropped without a commit, nothing of it remains.
pub(crate) trait Tx: Conn + Sized {
    /// Makes it so.
    fn commit(self) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Undoes it.
    fn rollback(self) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// The rows that a standing is made of, as both dialects return them.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// Version of the rules.
    pub(crate) version: Vec<Row>,
    /// Users that this transaction made.
    pub(crate) new_users: Vec<Row>,
    /// Principals whose stable id must be known: account, kind, name, session, stable id, first seen.
    pub(crate) changed_ids: Vec<Row>,
    pub(crate) users: Vec<Row>,
    pub(crate) principals: Vec<Row>,
    pub(crate) counters: Vec<Row>,
    pub(crate) blocks: Vec<Row>,
    pub(crate) protections: Vec<Row>,
    pub(crate) warnings: Vec<Row>,
    pub(crate) access: Vec<Row>,
    pub(crate) keys: Vec<Row>,
}

/// One database engine.
pub(crate) trait Dialect: Send + Sync + 'static {
    /// A connection for reading.
    type Read: Conn;
    /// A connection for writing.
    type Write: Tx;

    /// What differs in the text of statements.
    const SQL: &'static Statements;
    /// The migrations this binary knows.
    const MIGRATIONS: &'static [Migration];

    /// Lends a connection for reading.
    fn read(&self) -> impl Future<Output = Result<Self::Read, StoreError>> + Send;
    /// Begins a transaction that writes.
    fn begin(&self) -> impl Future<Output = Result<Self::Write, StoreError>> + Send;
    /// Whether an error says: roll back and repeat.
    fn is_busy(error: &sqlx::Error) -> bool;

    /// Inserts those that are missing and locks all of them; how many there were already.
    fn insert_requests(
        tx: &mut Self::Write,
        rows: &[Wide<'_>],
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;
    /// Writes changed invocations back.
    fn rewrite_requests(
        tx: &mut Self::Write,
        rows: &[Wide<'_>],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Subjects, the version of the rules, totals; then the facts of the standing. Where the version
    /// moved, nothing but the version.
    fn count(
        tx: &mut Self::Write,
        docs: &CountDocs<'_>,
    ) -> impl Future<Output = Result<Facts, StoreError>> + Send;
    /// The facts of the standing alone, without locks.
    fn standing(
        conn: &mut Self::Read,
        docs: &LookDocs,
    ) -> impl Future<Output = Result<Facts, StoreError>> + Send;
    /// Writes a plan.
    fn write_plan(
        tx: &mut Self::Write,
        docs: &PlanDocs<'_>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Appends chained entries and moves the head.
    fn append_audit(
        tx: &mut Self::Write,
        docs: &AuditDocs<'_>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Applies the migrations that are pending, under an exclusive lock.
    fn migrate(&self) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;
    /// Whether a table exists and has that column.
    fn has_column(
        conn: &mut Self::Read,
        table: &'static str,
        column: &'static str,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
