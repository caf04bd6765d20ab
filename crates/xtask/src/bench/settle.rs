//! Settling against a raw multi-row insert of such rows into the same table, in turn, with the same
//! driver and durability.

use std::sync::Arc;
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, Executor};
use weir_core::calendar::Zone;
use weir_core::decide::{Context, decide};
use weir_core::evidence::Evidence;
use weir_core::pricing::PriceBook;
use weir_core::rulebook::{Rulebook, Settings};
use weir_store::inspect::{Raw, RawRows};
use weir_store::{Batch, Store};

use super::{Line, invocations, ratio, start};

const BATCH: u64 = 500;
const ROUNDS: u64 = 40;
const STORED: u64 = 2_000_000;
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
        let mut lines = Vec::new();
        for place in places("settle").await? {
            let took = measure(&place, 0).await?;
            lines.push(Line {
                what: format!("settle of {BATCH} new records ÷ raw insert, {}", place.name),
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
        let mut lines = Vec::new();
        for place in places("growth").await? {
            let empty = measure(&place, 0).await?;
            fill(&place).await?;
            let full = measure(&place, 1 << 40).await?;
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

/// Settles and raw inserts in turn, each of calls nobody has seen.
async fn measure(place: &Place, from: u64) -> Result<Took, String> {
    let (mut settled, mut inserted, mut singles) = (vec![], vec![], vec![]);
    for round in 0..ROUNDS {
        let at = from + round * (2 * BATCH + 1);
        let calls = invocations::calls(at, BATCH);
        let others = raw_rows(place, at + BATCH, BATCH)?;
        let one = invocations::calls(at + 2 * BATCH, 1);
        let begun = start();
        settle(place, calls, &format!("bench-{at}")).await?;
        settled.push(begun.elapsed());
        let begun = start();
        place.raw.insert(&others).await.map_err(text)?;
        inserted.push(begun.elapsed());
        let begun = start();
        settle(place, one, &format!("one-{at}")).await?;
        singles.push(begun.elapsed());
    }
    Ok(Took {
        settle: middle(settled),
        raw: middle(inserted),
        single: middle(singles),
    })
}

async fn settle(place: &Place, evidence: Vec<Evidence>, id: &str) -> Result<(), String> {
    let now = invocations::now();
    let context = Context {
        rules: &place.rules,
        now,
        wall: now,
        origin: "bench",
    };
    let batch = batch(&place.rules, evidence, id.to_owned());
    let decide = |situation: &_| decide(situation, context);
    let settled = place.store.settle(&batch, &decide);
    settled.await.map(drop).map_err(text)
}

fn raw_rows(place: &Place, from: u64, count: u64) -> Result<RawRows, String> {
    let calls = invocations::calls(from, count);
    RawRows::of(&batch(&place.rules, calls, format!("raw-{from}"))).map_err(text)
}

fn batch(rules: &Rulebook, evidence: Vec<Evidence>, id: String) -> Batch<'_> {
    Batch {
        name: "usage",
        id,
        now: invocations::now(),
        rules,
        evidence,
        users: vec![],
        teams: vec![],
        dead_letters: vec![],
        done: vec![],
        audit: vec![],
    }
}

/// Many invocations in the table, so that its indexes have a size.
async fn fill(place: &Place) -> Result<(), String> {
    const AT_ONCE: u64 = 10_000;
    for n in 0..STORED / AT_ONCE {
        let rows = raw_rows(place, (1 << 50) + n * AT_ONCE, AT_ONCE)?;
        place.raw.insert(&rows).await.map_err(text)?;
    }
    Ok(())
}

async fn places(name: &str) -> Result<Vec<Place>, String> {
    let dir = tempfile::tempdir().map_err(text)?;
    let url = format!("sqlite:{}", dir.path().join("weir.db").display());
    let mut places = vec![place("SQLite", &url, dir).await?];
    let server = std::env::vars().find(|(key, _)| key == "WEIR_BENCH_MYSQL_URL");
    let Some((_, server)) = server else {
        println!("WEIR_BENCH_MYSQL_URL is not set: no MariaDB here (scripts/bench.sh)");
        return Ok(places);
    };
    let database = format!("weir_bench_{name}");
    let mut admin = sqlx::MySqlConnection::connect(&server)
        .await
        .map_err(text)?;
    for verb in ["DROP DATABASE IF EXISTS", "CREATE DATABASE"] {
        let sql = AssertSqlSafe(format!("{verb} {database}"));
        admin.execute(sqlx::raw_sql(sql)).await.map_err(text)?;
    }
    let url = format!("{}/{database}", server.trim_end_matches('/'));
    places.push(place("MariaDB", &url, tempfile::tempdir().map_err(text)?).await?);
    Ok(places)
}

async fn place(name: &'static str, url: &str, dir: tempfile::TempDir) -> Result<Place, String> {
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
        store,
        raw,
        rules,
        _dir: dir,
    })
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(text)
}

fn middle(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

fn per_second(batch: Duration) -> u128 {
    u128::from(BATCH) * 1_000_000 / batch.as_micros().max(1)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
