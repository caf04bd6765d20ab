//! Settling against a raw multi-row insert of the same rows into the same table, in turn, with the
//! same driver and durability.

use std::sync::Arc;
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, Executor};
use weir_core::calendar::Zone;
use weir_core::decide::{Context, decide};
use weir_core::evidence::Evidence;
use weir_core::pricing::PriceBook;
use weir_core::rulebook::{Rulebook, Settings};
use weir_store::{Batch, Store};

use super::rows::{Raw, Rows, read};
use super::{Line, invocations, ratio, start};

const BATCH: usize = 500;
const ROUNDS: usize = 20;
const STORED: usize = 2_000_000;
const ZONE: &str = "Europe/Madrid";

/// A database under test: the store, and a raw connection beside it.
struct Place {
    name: &'static str,
    store: Arc<dyn Store>,
    raw: Raw,
    rules: Rulebook,
    /// Keeps the file of a SQLite database.
    _dir: tempfile::TempDir,
}

/// What a run of settles and raw inserts took, in medians.
struct Took {
    settle: Duration,
    raw: Duration,
    single: Duration,
}

pub(super) fn run() -> Result<Vec<Line>, String> {
    runtime()?.block_on(async {
        let shape = sample().await.map_err(text)?;
        let mut lines = Vec::new();
        for mut place in places("settle").await? {
            let took = measure(&mut place, &shape, 0).await?;
            lines.push(Line {
                what: format!(
                    "settle of {BATCH} new records ÷ raw insert of the same rows, {}",
                    place.name
                ),
                bar: "≥ 0.35",
                measured: format!(
                    "{:.2} ({} records a second)",
                    ratio(took.raw, took.settle),
                    per_second(took.settle)
                ),
            });
            lines.push(Line {
                what: format!("settle of one record, {}", place.name),
                bar: "shown",
                measured: format!("{} µs", took.single.as_micros()),
            });
        }
        Ok(lines)
    })
}

pub(super) fn growth() -> Result<Vec<Line>, String> {
    runtime()?.block_on(async {
        let shape = sample().await.map_err(text)?;
        let mut lines = Vec::new();
        for mut place in places("growth").await? {
            let empty = measure(&mut place, &shape, 0).await?;
            fill(&mut place, &shape).await.map_err(text)?;
            let full = measure(&mut place, &shape, 1_000_000).await?;
            #[expect(clippy::float_arithmetic, reason = "a ratio of ratios")]
            let growth = ratio(full.raw, full.settle) / ratio(empty.raw, empty.settle);
            lines.push(Line {
                what: format!(
                    "(settle ÷ raw) with {STORED} invocations stored ÷ with none, {}",
                    place.name
                ),
                bar: "≥ 0.9",
                measured: format!("{growth:.2}"),
            });
        }
        Ok(lines)
    })
}

/// Rows of one batch, as settle writes them.
async fn sample() -> Result<Rows, sqlx::Error> {
    let dir = tempfile::tempdir()?;
    let url = format!("sqlite:{}", dir.path().join("sample.db").display());
    let (store, rules) = open(&url).await.map_err(sqlx::Error::Protocol)?;
    settle(&*store, &rules, invocations::calls(u64::MAX / 2, BATCH as u64), "sample")
        .await
        .map_err(sqlx::Error::Protocol)?;
    let mut db = sqlx::SqliteConnection::connect(&url).await?;
    read(&mut db).await
}

async fn measure(place: &mut Place, shape: &Rows, from: u64) -> Result<Took, String> {
    let (mut settled, mut inserted, mut singles) = (vec![], vec![], vec![]);
    for round in 0..ROUNDS as u64 {
        let at = from + round * (BATCH as u64 + 1);
        let calls = invocations::calls(at, BATCH as u64);
        let one = invocations::calls(at + BATCH as u64, 1);
        let rows = shape.renamed(at ^ 0xfeed_0000_0000);
        let begun = start();
        settle(&*place.store, &place.rules, calls, &format!("bench-{at}")).await?;
        settled.push(begun.elapsed());
        let begun = start();
        place.raw.insert(shape, &rows).await.map_err(text)?;
        inserted.push(begun.elapsed());
        let begun = start();
        settle(&*place.store, &place.rules, one, &format!("one-{at}")).await?;
        singles.push(begun.elapsed());
    }
    Ok(Took { settle: middle(settled), raw: middle(inserted), single: middle(singles) })
}

async fn settle(
    store: &dyn Store,
    rules: &Rulebook,
    evidence: Vec<Evidence>,
    id: &str,
) -> Result<(), String> {
    let now = invocations::now();
    let batch = Batch {
        name: "usage",
        id: id.to_owned(),
        now,
        rules,
        evidence,
        users: vec![],
        teams: vec![],
        dead_letters: vec![],
        done: vec![],
        audit: vec![],
    };
    let context = Context { rules, now, wall: now, origin: "bench" };
    store.settle(&batch, &|situation| decide(situation, context)).await.map(drop).map_err(text)
}

/// Many invocations in the table, so that its indexes have a size.
async fn fill(place: &mut Place, shape: &Rows) -> Result<(), sqlx::Error> {
    for n in 0..STORED / BATCH {
        let rows = shape.renamed((n * BATCH) as u64 | 1 << 60);
        place.raw.insert(shape, &rows).await?;
    }
    Ok(())
}

async fn places(name: &str) -> Result<Vec<Place>, String> {
    let mut places = Vec::new();
    let dir = tempfile::tempdir().map_err(text)?;
    let url = format!("sqlite:{}", dir.path().join("weir.db").display());
    let (store, rules) = open(&url).await?;
    let mut db = sqlx::SqliteConnection::connect(&url).await.map_err(text)?;
    // As the store opens it.
    for pragma in ["PRAGMA synchronous = FULL", "PRAGMA cache_size = -32768"] {
        db.execute(pragma).await.map_err(text)?;
    }
    places.push(Place { name: "SQLite", store, raw: Raw::Sqlite(db), rules, _dir: dir });
    match std::env::vars().find(|(key, _)| key == "WEIR_BENCH_MYSQL_URL") {
        None => println!("WEIR_BENCH_MYSQL_URL is not set: no MariaDB here (scripts/bench.sh)"),
        Some((_, server)) => {
            let database = format!("weir_bench_{name}");
            let mut admin = sqlx::MySqlConnection::connect(&server).await.map_err(text)?;
            for verb in ["DROP DATABASE IF EXISTS", "CREATE DATABASE"] {
                let sql = AssertSqlSafe(format!("{verb} {database}"));
                admin.execute(sqlx::raw_sql(sql)).await.map_err(text)?;
            }
            let url = format!("{}/{database}", server.trim_end_matches('/'));
            let (store, rules) = open(&url).await?;
            let db = sqlx::MySqlConnection::connect(&url).await.map_err(text)?;
            let dir = tempfile::tempdir().map_err(text)?;
            places.push(Place { name: "MariaDB", store, raw: Raw::MySql(db), rules, _dir: dir });
        }
    }
    Ok(places)
}

async fn open(url: &str) -> Result<(Arc<dyn Store>, Rulebook), String> {
    let store = weir_store::open(url).await.map_err(text)?;
    store.migrate().await.map_err(text)?;
    store.set_zone(ZONE).await.map_err(text)?;
    let stored = store.rules().await.map_err(text)?;
    let zone = Zone::named(ZONE).map_err(text)?;
    let prices = Arc::new(PriceBook::bundled());
    Ok((store, Rulebook::new(Arc::new(Settings::default()), zone, prices, stored)))
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(text)
}

fn middle(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

fn per_second(batch: Duration) -> u128 {
    BATCH as u128 * 1_000_000 / batch.as_micros().max(1)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
