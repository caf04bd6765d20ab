//! Migrations: append-only, the same numbers and names in both dialects, known to the binary.

use sha2::{Digest, Sha256};

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::rows::MigrationStatus;
use crate::sql::portable;

/// Where migrations are recorded.
const BOOK: &str = "schema_migrations";

/// The remedy for a schema of another build.
const WHAT_TO_DO: &str = "go on with the build that made it, or give a new database (--database) and ingest the \
     records again; nothing was changed";

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
    /// SHA-256 of the text that was applied.
    pub(crate) digest: String,
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

    /// SHA-256 of its text, in hexadecimal: another text is another schema.
    pub(crate) fn digest(&self) -> String {
        format!("{:x}", Sha256::digest(self.text.as_bytes()))
    }

    /// Its statements, one DDL each.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &'static str> {
        self.text.split(STEP).skip(1)
    }
}

/// What is on file; nothing in a new database.
pub(crate) async fn on_file<D: Dialect>(conn: &mut D::Read) -> Result<Vec<Applied>, StoreError> {
    if !D::has_column(conn, BOOK, "version").await? {
        return Ok(Vec::new());
    }
    if !D::has_column(conn, BOOK, "digest").await? {
        let why = "the database was made by a build from before 0.1.0, which kept no checksums";
        return Err(StoreError::Schema(format!("{why}: {WHAT_TO_DO}")));
    }
    let rows = conn.query(portable::MIGRATIONS.into(), Vec::new()).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Applied {
                version: row.int("schema_migrations.version")?,
                name: row.text("schema_migrations.name")?,
                oldest: row.text("schema_migrations.oldest")?,
                digest: row.text("schema_migrations.digest")?,
                finished: row.maybe_int("schema_migrations.finished_at")?.is_some(),
            })
        })
        .collect()
}

/// The migrations still to be applied; refuses a schema that is too new for this binary, and one
/// that another text made. A migration that stopped half-way goes on with its own text only.
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
    let changed = changed(all, applied);
    if !changed.is_empty() {
        return Err(StoreError::Schema(refusal(&changed)));
    }
    let done = |migration: &Migration| {
        applied
            .iter()
            .any(|applied| applied.finished && applied.version == migration.version)
    };
    Ok(all.iter().filter(|migration| !done(migration)).collect())
}

/// What is begun or applied with another text than this binary has.
fn changed(all: &[Migration], applied: &[Applied]) -> Vec<String> {
    let ours = |applied: &&Applied| {
        all.iter()
            .find(|migration| migration.version == applied.version)
            .is_some_and(|migration| migration.digest() != applied.digest)
    };
    applied
        .iter()
        .filter(ours)
        .map(|applied| applied.name.clone())
        .collect()
}

fn refusal(changed: &[String]) -> String {
    let names = changed.join(", ");
    format!(
        "the database was made with another text of {names} than this build has, as happens between releases: \
         {WHAT_TO_DO}"
    )
}

impl MigrationStatus {
    /// Why the database is not to be worked on by this binary, and what to do; `None` if it may be.
    pub fn refusal(&self) -> Option<String> {
        (!self.changed.is_empty()).then(|| refusal(&self.changed))
    }
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
    let on_file = on_file::<D>(&mut conn).await?;
    let mut status = MigrationStatus {
        changed: changed(all, &on_file),
        ..MigrationStatus::default()
    };
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
