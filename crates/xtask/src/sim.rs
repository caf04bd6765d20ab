//! The long run of the simulator: `cargo xtask sim [--seeds N] [--from SEED] [--ops N]`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use weir_testkit::sim::play_seed;

const USAGE: &str = "cargo xtask sim [--seeds N] [--from SEED] [--ops N]: N is a number";
/// A line of progress after so many stories.
const PROGRESS: u64 = 250;
/// More failures than this are counted, not shown.
const SHOWN: usize = 5;

struct Args {
    seeds: u64,
    from: u64,
    ops: usize,
}

/// Plays many stories on all cores and says what became of them.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let args = parse(args)?;
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (next, failures) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    if nth >= args.seeds {
                        break;
                    }
                    let played = play_seed(args.from + nth, args.ops);
                    let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Err(failure) = played {
                        if failures.len() < SHOWN {
                            println!("{failure}\n");
                        }
                        failures.push(args.from + nth);
                    }
                    if (nth + 1).is_multiple_of(PROGRESS) {
                        println!(
                            "{} of {} stories, {} failed",
                            nth + 1,
                            args.seeds,
                            failures.len()
                        );
                    }
                }
            });
        }
    });
    let mut failures = failures
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    failures.sort_unstable();
    if failures.is_empty() {
        println!(
            "{} stories of {} operations keep all rules",
            args.seeds, args.ops
        );
        return Ok(());
    }
    Err(format!(
        "{} of {} stories break a rule: seeds {failures:?}",
        failures.len(),
        args.seeds
    ))
}

fn parse(args: &[String]) -> Result<Args, String> {
    let mut parsed = Args {
        seeds: 10_000,
        from: 0,
        ops: 60,
    };
    for pair in args.chunks(2) {
        let [flag, value] = pair else {
            return Err(USAGE.to_owned());
        };
        let number: u64 = value.parse().map_err(|_| USAGE.to_owned())?;
        match flag.as_str() {
            "--seeds" => parsed.seeds = number,
            "--from" => parsed.from = number,
            "--ops" => parsed.ops = usize::try_from(number).map_err(|error| error.to_string())?,
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(parsed)
}
