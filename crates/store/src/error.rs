//! What can go wrong in storage.

use weir_core::attribution::Succession;

/// A storage error, as facts.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The rules changed since they were read: read them again and repeat.
    #[error("the rules changed: version {used} was used, {newest} is the newest")]
    StaleRules {
        /// The version the caller had.
        used: u64,
        /// The version in the database.
        newest: u64,
    },
    /// Other identities came under names that are on file (rules A9): make them users of their own by
    /// [`crate::RuleChange::Succeed`], and repeat.
    #[error("another identity under a known name: {}", listed(.0))]
    ChangedIds(Vec<Succession>),
    /// A database URL that names no database we know.
    #[error("`{url}` is not a database URL: use sqlite:PATH or mysql://USER@HOST/NAME")]
    BadUrl {
        /// The URL, without password.
        url: String,
    },
    /// A database URL that names no server, where only servers can be opened.
    #[error("`{url}` names no server, and this program opens no other: use mysql://USER@HOST/NAME")]
    NoServer {
        /// The URL, without password.
        url: String,
    },
    /// The server cannot be spoken to, or not be trusted, by TLS.
    #[error(
        "database server {host}: {why}; for an authority of its own name its PEM as `database_ca` or \
         WEIR_DATABASE_CA (for RDS the global bundle), and for a server without TLS end the URL with \
         ?ssl-mode=DISABLED"
    )]
    Tls {
        /// The server.
        host: String,
        /// What is wrong.
        why: String,
    },
    /// Nobody knows who is to log in.
    #[error("who logs in to the database: {0}")]
    Login(#[from] crate::login::NoCredentials),
    /// The schema is not what this binary needs.
    #[error("{0}")]
    Schema(String),
    /// What is stored contradicts itself.
    #[error("stored {column} `{value}` {why}")]
    Inconsistent {
        /// Table and column.
        column: &'static str,
        /// What is there, cut to 80 characters.
        value: String,
        /// What is wrong.
        why: String,
    },
    /// A change that a rule forbids now.
    #[error("{0}")]
    Refused(String),
    /// Deadlocks or a busy database, more often than is retried.
    #[error("the database was busy {attempts} times in a row in `{transaction}`")]
    Busy {
        /// Which transaction.
        transaction: &'static str,
        /// How often.
        attempts: u32,
    },
    /// The database said no.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
}

fn listed(successions: &[Succession]) -> String {
    let lines: Vec<_> = successions.iter().map(ToString::to_string).collect();
    lines.join("; ")
}
