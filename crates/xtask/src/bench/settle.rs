//! Settling against a raw multi-row insert of such rows into the same table, in turn, with the same
//! driver and durability.

use std::time::Duration;

use weir_core::counter::Tally;
use weir_core::decide::{Context, decide};
use weir_core::evidence::Evidence;
use weir_core::invocation::derive;
use weir_core::rulebook::Rulebook;
use weir_store::Batch;
use weir_store::inspect::RawRows;

use super::place::{self, Place, text};
use super::{Line, invocations, ratio, runtime, start, trips};

const BATCH: u64 = 500;
const ROUNDS: u64 = 40;
const STORED: u64 = 2_000_000;

/// What a run of settles and raw inserts took, in medians.
struct Took {
    settle: Duration,
    raw: Duration,
    single: Duration,
}

pub(super) fn run() -> Result<Vec<Line>, String> {
    runtime()?.block_on(async {
        let mut lines = Vec::new();
        for place in place::all("settle").await? {
            let took = measure(&place, 0).await?;
            lines.push(Line {
                what: format!("settle of {BATCH} new records ÷ raw insert, {}", place.name),
                bar: "≥ 0.35",
                measured: format!(
                    "{:.2} ({} records and {} rows a second)",
                    ratio(took.raw, took.settle),
                    per_second(BATCH, took.settle),
                    per_second(rows_of(&place, BATCH), took.settle)
                ),
            });
            lines.push(Line {
                what: format!("settle of one record, {}", place.name),
                bar: "shown",
                measured: format!("{} µs", took.single.as_micros()),
            });
            lines.extend(trips::of(&place).await?);
        }
        Ok(lines)
    })
}

pub(super) fn growth() -> Result<Vec<Line>, String> {
    runtime()?.block_on(async {
        let mut lines = Vec::new();
        for place in place::all("growth").await? {
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

/// Counts and decides as an intake does.
pub(super) async fn settle(place: &Place, evidence: Vec<Evidence>, id: &str) -> Result<(), String> {
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
        anew: None,
        users: vec![],
        teams: vec![],
        dead_letters: vec![],
        done: vec![],
        audit: vec![],
    }
}

/// Many invocations in the table, so that its indexes have a size.
async fn fill(place: &Place) -> Result<(), String> {
    const AT_ONCE: u64 = 50_000;
    for n in 0..STORED / AT_ONCE {
        let mut calls = invocations::calls((1 << 50) + n * AT_ONCE, AT_ONCE);
        // In the order of the key, which costs the server less; the table is the same.
        calls.sort_by_cached_key(|one| one.log.as_ref().map(|record| record.request.clone()));
        let batch = batch(&place.rules, calls, format!("fill-{n}"));
        let rows = RawRows::of(&batch).map_err(text)?;
        place.raw.insert(&rows).await.map_err(text)?;
        println!("{}: {} of {STORED} stored", place.name, (n + 1) * AT_ONCE);
    }
    Ok(())
}

fn middle(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

fn per_second(count: u64, took: Duration) -> u128 {
    u128::from(count) * 1_000_000 / took.as_micros().max(1)
}

/// Rows that a settle of so many new calls writes: the calls, and the totals that they enter.
fn rows_of(place: &Place, count: u64) -> u64 {
    let mut tally = Tally::default();
    for evidence in invocations::calls(0, count) {
        if let Some(invocation) = derive(&evidence, &place.rules) {
            tally.add(&invocation, &place.rules.quotas);
        }
    }
    count + (tally.counters.len() + tally.hourly.len()) as u64
}
