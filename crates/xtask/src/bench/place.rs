//! Where the settle benchmarks run: a database of their own on each engine there is.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, Connection, Executor};
use weir_core::calendar::Zone;
use weir_core::pricing::PriceBook;
use weir_core::rulebook::{Rulebook, Settings};
use weir_store::Store;
use weir_store::inspect::Raw;

const ZONE: &str = "Europe/Madrid";
/// The engines behind a server, and the variable that holds the address of each.
const SERVERS: [(&str, &str); 2] = [("MariaDB", "WEIR_BENCH_MARIADB_URL"), MYSQL];
const MYSQL: (&str, &str) = ("MySQL", "WEIR_BENCH_MYSQL_URL");

/// A database under test: the store, and a raw connection beside it.
pub(super) struct Place {
    pub(super) name: &'static str,
    /// The address, if it is a server's.
    pub(super) server: Option<String>,
    pub(super) store: Arc<dyn Store>,
    pub(super) raw: Raw,
    pub(super) rules: Rulebook,
    /// Keeps the file of a SQLite database.
    _dir: Option<tempfile::TempDir>,
}

/// Every engine there is, with an empty database for the benchmark of that name.
pub(super) async fn all(name: &str) -> Result<Vec<Place>, String> {
    let dir = tempfile::tempdir().map_err(text)?;
    let url = format!("sqlite:{}", dir.path().join("weir.db").display());
    let mut places = vec![open("SQLite", &url, Some(dir)).await?];
    for server in SERVERS {
        places.extend(behind(server, name).await?);
    }
    Ok(places)
}

/// The same of real `MySQL` alone, where there is one.
pub(super) async fn mysql(name: &str) -> Result<Option<Place>, String> {
    behind(MYSQL, name).await
}

async fn behind(
    (engine, variable): (&'static str, &str),
    name: &str,
) -> Result<Option<Place>, String> {
    let Some((_, server)) = std::env::vars().find(|(key, _)| key == variable) else {
        println!("{variable} is not set: {engine} is left out (scripts/bench.sh sets it)");
        return Ok(None);
    };
    let url = fresh(&server, &format!("weir_bench_{name}")).await?;
    open(engine, &url, None).await.map(Some)
}

/// An empty database on a server.
pub(crate) async fn fresh(server: &str, database: &str) -> Result<String, String> {
    let mut admin = sqlx::MySqlConnection::connect(server).await.map_err(text)?;
    for verb in ["DROP DATABASE IF EXISTS", "CREATE DATABASE"] {
        let sql = AssertSqlSafe(format!("{verb} {database}"));
        admin.execute(sqlx::raw_sql(sql)).await.map_err(text)?;
    }
    // Without TLS on every engine: over loopback its records wait for acknowledgements that a network
    // between two machines would not hold back (docs/decisions/0003-hot-path.md).
    let server = server.trim_end_matches('/');
    Ok(format!("{server}/{database}?ssl-mode=DISABLED"))
}

/// A database on a server that is there already.
pub(super) async fn at(name: &'static str, url: &str) -> Result<Place, String> {
    open(name, url, None).await
}

async fn open(
    name: &'static str,
    url: &str,
    dir: Option<tempfile::TempDir>,
) -> Result<Place, String> {
    let store = weir_store::open(url).await.map_err(text)?;
    store.migrate().await.map_err(text)?;
    store.set_zone(ZONE).await.map_err(text)?;
    let stored = store.rules().await.map_err(text)?;
    let zone = Zone::named(ZONE).map_err(text)?;
    let prices = Arc::new(PriceBook::bundled());
    let rules = Rulebook::new(Arc::new(Settings::default()), zone, prices, stored);
    let raw = Raw::open(url).await.map_err(text)?;
    Ok(Place {
        name,
        server: dir.is_none().then(|| url.to_owned()),
        store,
        raw,
        rules,
        _dir: dir,
    })
}

pub(super) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
