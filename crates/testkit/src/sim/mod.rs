//! The simulator: stories out of seeds, played on the real engine over the real store in memory and
//! a fake AWS, and held against a reference model after every step.
//!
//! What counts as failure is written in [`check`](self): calls counted twice or lost, totals that
//! differ from sums, somebody denied who must not be or not denied who must, AWS other than the
//! ledger once everything is done, a second attempt that changes something, a block without exactly
//! one audit entry, a warning told twice, a gap in the audit log, an entry that left it before its term, a letter that arrives twice without a
//! crash, and a user who believes something else about their access than what is so.
//!
//! What does not: effects that wait because AWS fails (until the next rest), provisional counts
//! that may or may not have settled, and what becomes of a team's block for a member whose
//! protection has a cap. No nondeterminism is left but the names of temporary things: the same story
//! takes the same steps every time.

mod cast;
mod check;
mod cloud;
mod command;
mod execute;
mod gate;
mod generate;
mod letterbox;
mod model;
mod op;
pub mod reproduction;
mod rng;
mod shrink;
mod spy;
mod world;

use std::sync::Arc;

use weir_store::Store;

pub use cast::{Model, Team, Tool, Who};
pub use generate::story;
pub use op::{Call, End, Fault, Moment, Nth, Op, Part, People, Rec, Scope, Setup, Story};
pub use rng::Rng;
pub use shrink::shrink;

use world::{Broken, World};

/// A story that broke a rule.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Which operation it was, from 0.
    pub at: usize,
    /// Which rule, and how.
    pub why: String,
}

/// Plays a story to its end, or until a rule is broken.
pub fn play(story: &Story) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let failed = |at, why| Failure { at, why };
    let runtime = runtime.map_err(|error| failed(0, format!("no runtime: {error}")))?;
    runtime.block_on(async {
        let mut world = World::new(story.setup)
            .await
            .map_err(|why| failed(0, why))?;
        for (at, op) in story.ops.iter().enumerate() {
            Box::pin(world.execute(op))
                .await
                .map_err(|why| failed(at, why))?;
        }
        Ok(())
    })
}

/// Plays the story of a seed. A failure comes with the shortest story that was found to fail.
pub fn play_seed(seed: u64, ops: usize) -> Result<(), String> {
    let whole = story(seed, ops);
    let Err(failure) = play(&whole) else {
        return Ok(());
    };
    let (short, failure) = shrink(&whole, failure);
    Err(format!(
        "seed {seed} with {ops} operations breaks a rule at operation {}:\n{}\n\n{short}",
        failure.at, failure.why
    ))
}

/// A fresh database in memory.
async fn store() -> Result<Arc<dyn Store>, Broken> {
    let store = weir_store::open("sqlite::memory:")
        .await
        .map_err(|error| error.to_string())?;
    store.migrate().await.map_err(|error| error.to_string())?;
    Ok(store)
}
