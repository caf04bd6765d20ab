//! Migrations: append-only, the same numbers and names in both dialects, known to the binary.

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::rows::MigrationStatus;
use crate::sql::portable;

/// Ends a statement in a migration.
const STEP: &str = "\n-- step\n";

/// One migration, as embedded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Migration {
    /// Its number.
    pub(crate) version: i64,
    /// Number and name.
    pub(crate) name: &'static str,
    /// The file.
    pub(crate) text: &'static str,
}

/// Embeds the migrations of a dialect.
macro_rules! migrations {
    ($dialect:literal: $($version:literal $name:literal),+ $(,)?) => {
        /// All migrations, in order.
        pub(crate) const MIGRATIONS: &[$crate::work::migrate::Migration] = &[$(
            $crate::work::migrate::Migration {
                version: $version,
                name: $name,
                text: include_str!(concat!("../../migrations/", $dialect, "/", $name, ".sql")),
            }
        ),+];
    };
}
pub(crate) use migrations;

/// A migration on file.
#[derive(Clone, Debug)]
pub(crate) struct Applied {
    pub(crate) version: i64,
    pub(crate) name: String,
    /// The oldest release that still runs on it.
    pub(crate) oldest: String,
    pub(crate) finished: bool,
}

impl Migration {
    /// The oldest release that still runs once it is applied.
    pub(crate) fn oldest(&self) -> &'static str {
        self.text
            .lines()
            .find_map(|line| line.strip_prefix("-- oldest: "))
            .map_or("", str::trim)
    }

    /// Its statements, one DDL each.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &'static str> {
        self.text.split(STEP).skip(1)
    }
}

/// What is on file.
pub(crate) async fn applied(conn: &mut impl Conn) -> Result<Vec<Applied>, StoreError> {
    let rows = conn.query(portable::MIGRATIONS.into(), Vec::new()).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Applied {
                version: row.int("schema_migrations.version")?,
                name: row.text("schema_migrations.name")?,
                oldest: row.text("schema_migrations.oldest")?,
                finished: row.maybe_int("schema_migrations.finished_at")?.is_some(),
            })
        })
        .collect()
}

/// The migrations still to be applied; refuses a schema that is too new for this binary.
pub(crate) fn pending<'a>(
    all: &'a [Migration],
    applied: &[Applied],
) -> Result<Vec<&'a Migration>, StoreError> {
    let ours = env!("CARGO_PKG_VERSION");
    for migration in applied.iter().filter(|applied| !is_known(all, applied)) {
        if release(&migration.oldest) > release(ours) {
            return Err(StoreError::Schema(format!(
                "the database was migrated by a newer release (`{}` needs weir {} or newer, this is {ours}): \
                 update weir",
                migration.name, migration.oldest
            )));
        }
    }
    let done = |migration: &Migration| {
        applied
            .iter()
            .any(|applied| applied.finished && applied.version == migration.version)
    };
    Ok(all.iter().filter(|migration| !done(migration)).collect())
}

fn is_known(all: &[Migration], applied: &Applied) -> bool {
    all.iter()
        .any(|migration| migration.version == applied.version)
}

/// `0.12.3` as numbers that compare.
fn release(text: &str) -> Vec<u64> {
    text.split('.')
        .map(|part| part.parse().unwrap_or(0))
        .collect()
}

/// Which migrations are applied, pending and unknown.
pub(crate) async fn status<D: Dialect>(
    db: &D,
    all: &[Migration],
) -> Result<MigrationStatus, StoreError> {
    let mut conn = db.read().await?;
    let on_file = if D::has_table(&mut conn, "schema_migrations").await? {
        applied(&mut conn).await?
    } else {
        Vec::new()
    };
    let mut status = MigrationStatus::default();
    for applied in &on_file {
        if !is_known(all, applied) {
            status.unknown.push(applied.name.clone());
        } else if applied.finished {
            status.applied.push(applied.name.clone());
        }
    }
    // A schema that is too new is refused when it is used, not when it is asked about.
    let finished = |migration: &&Migration| {
        !on_file
            .iter()
            .any(|applied| applied.finished && applied.version == migration.version)
    };
    status.pending = all
        .iter()
        .filter(finished)
        .map(|migration| migration.name.to_owned())
        .collect();
    Ok(status)
}
