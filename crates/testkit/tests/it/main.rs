//! Tests of the testkit: the builders say what AWS says, and the simulated world keeps the rules.

mod builders;
mod simulation;
