//! The fast part of the simulation; `cargo xtask sim` is the long one.

use weir_testkit::sim::reproduction;
use weir_testkit::sim::{play, play_seed};

/// Operations of one story.
const OPS: usize = 50;

fn seeds(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        if let Err(failure) = play_seed(seed, OPS) {
            panic!("{failure}");
        }
    }
}

// Four tests, so that all cores share the work.
#[test]
fn seeds_from_0() {
    seeds(0..38);
}

#[test]
fn seeds_from_100() {
    seeds(100..138);
}

#[test]
fn seeds_from_200() {
    seeds(200..238);
}

#[test]
fn seeds_from_300() {
    seeds(300..338);
}

#[test]
fn reproductions_stay_fixed() {
    let broken = reproduction::ALL.iter().filter_map(|(why, story)| {
        let failure = play(&story()).err()?;
        Some(format!("{why}: operation {}: {}", failure.at, failure.why))
    });
    let broken: Vec<_> = broken.collect();
    assert!(broken.is_empty(), "{broken:#?}");
}
