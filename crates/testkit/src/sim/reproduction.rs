//! Stories that once failed, kept by hand. `cargo nextest run -p weir-testkit reproduction` plays
//! them; the simulator prints new ones in this form.

use super::op::{Op, Setup, Story};

/// A story that once failed, and why.
pub type Reproduction = (&'static str, fn() -> Story);

/// All of them.
pub const ALL: &[Reproduction] = &[];

#[expect(dead_code, reason = "used as soon as the first failure is kept")]
fn story(setup: Setup, ops: Vec<Op>) -> Story {
    Story { setup, ops }
}
