//! Benchmarks: each figure as a ratio against a floor measured in the same run, because machines
//! drift and floors drift with them.

mod api;
mod decide;
mod ingest;
mod invocations;
mod parse;
mod place;
mod settle;
mod trips;

use std::time::{Duration, Instant};

pub(crate) use place::fresh;

/// One line of the table.
struct Line {
    what: String,
    bar: &'static str,
    measured: String,
}

/// Runs the benchmarks and prints a table. `--only NAME` runs one of `decide`, `parse`, `settle`,
/// `growth`, `ingest`, `api`.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let only = match args {
        [] => None,
        [flag, name] if flag == "--only" => Some(name.as_str()),
        _ => return Err("usage: cargo xtask bench [--only NAME]".to_owned()),
    };
    let wanted = |name: &str| only.is_none_or(|only| only == name);
    let mut lines = Vec::new();
    if wanted("decide") {
        lines.extend(decide::run());
    }
    if wanted("parse") {
        lines.extend(parse::run()?);
    }
    if wanted("settle") {
        lines.extend(settle::run()?);
    }
    if wanted("growth") {
        lines.extend(settle::growth()?);
    }
    if wanted("ingest") {
        lines.extend(ingest::run()?);
    }
    if wanted("api") {
        lines.extend(api::run()?);
    }
    println!("\n| what | bar | measured |\n|---|---|---|");
    for Line {
        what,
        bar,
        measured,
    } in lines
    {
        println!("| {what} | {bar} | {measured} |");
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn start() -> Instant {
    Instant::now()
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(place::text)
}

/// The median time of one call of `work`, over so many calls.
fn median(times: usize, mut work: impl FnMut()) -> Duration {
    let mut all: Vec<Duration> = (0..times)
        .map(|_| {
            let begun = start();
            work();
            begun.elapsed()
        })
        .collect();
    all.sort_unstable();
    all[all.len() / 2]
}

/// `a / b` with two decimals.
#[expect(clippy::float_arithmetic, reason = "a ratio of two times")]
fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}
