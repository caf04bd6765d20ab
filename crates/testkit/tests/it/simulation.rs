//! The fast part of the simulation; `cargo xtask sim` is the long one.

use weir_testkit::sim::reproduction;
use weir_testkit::sim::{
    Call, End, Fault, Model, Nth, Op, Part, People, Rec, Setup, Story, Tool, Who, play, play_seed,
};

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

/// Two people in one document: one comes in while a write is on its way, one goes out while the other stays, somebody
/// else writes into it, and what is ours is taken away and left behind.
#[test]
fn people_share_one_document_and_each_is_denied_for_as_long_as_they_are_blocked() {
    use Who::{Maria, Nora};
    let call = |id, by| Rec {
        part: Part::Api,
        call: Call {
            id,
            by,
            ago: 1,
            model: Model::Haiku,
            tool: Tool::Boto,
            input: 100,
            output: 50,
            end: End::Answered,
        },
    };
    for people in [People::Nobody, People::Policy, People::Scp] {
        let setup = Setup {
            start: "2026-11-20T09:00:00Z",
            max_new_blocks: 1_000,
            settle_after: 15,
            batch: 500,
            people,
        };
        let ops = vec![
            Op::Deliver(vec![call(1, Maria), call(2, Nora)]),
            Op::BlockUser(Maria, None),
            Op::Rest,
            // What is written for Nora holds Maria too, and lands when Maria is free again.
            Op::Fault(Fault::Delayed),
            Op::BlockUser(Nora, Some(2)),
            Op::UnblockUser(Maria, Some(24)),
            Op::TickTogether(2),
            Op::Land,
            Op::Rest,
            Op::BlockUser(Maria, None),
            Op::TheirStatement,
            Op::UnblockUser(Nora, None),
            Op::Tick(Nth::Second),
            Op::Rest,
            Op::DriftMissing(Maria),
            Op::Rest,
            Op::UnblockUser(Maria, None),
            Op::Rest,
            Op::DriftLeft(Nora),
            Op::Rest,
        ];
        let story = Story { setup, ops };
        if let Err(failure) = play(&story) {
            panic!("{people:?}: operation {}: {}", failure.at, failure.why);
        }
    }
}
