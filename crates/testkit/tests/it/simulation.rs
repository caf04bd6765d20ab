//! The fast part of the simulation; `cargo xtask sim` is the long one.

use weir_testkit::sim::reproduction;
use weir_testkit::sim::{play, play_seed};

/// Operations of one story.
const OPS: usize = 60;

fn seeds(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        if let Err(failure) = play_seed(seed, OPS) {
            panic!("{failure}");
        }
    }
}

// Four tests, so that two cores share the work.
#[test]
fn seeds_from_0() {
    seeds(0..40);
}

#[test]
fn seeds_from_40() {
    seeds(40..80);
}

#[test]
fn seeds_from_80() {
    seeds(80..120);
}

#[test]
fn seeds_from_120() {
    seeds(120..160);
}

#[test]
fn reproductions_stay_fixed() {
    for (why, story) in reproduction::ALL {
        if let Err(failure) = play(&story()) {
            panic!("{why}: operation {}: {}", failure.at, failure.why);
        }
    }
}
