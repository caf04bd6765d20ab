//! What is told to whoever watches: figures with a name, a unit and few labels.
//!
//! [`SPECS`] is the list of all of them; `docs/metrics.md` is the same list for people, and a test
//! compares the two. All figures are levels (totals of today and of this month, ages, counts of what
//! is open), so that to put one again, late or from two servers does no harm. [`Engine::facts`]
//! reads them; three writers tell them: [`emf`], `PutMetricData` (in `weir-aws`) and Prometheus (in
//! `weir-server`).
//!
//! [`Engine::facts`]: crate::Engine::facts

pub mod emf;
mod facts;
mod gather;
mod specs;

pub use facts::{Fact, OTHER, Readings, Usage, facts};
pub use specs::{Exposure, NAMESPACES, SPECS, Spec, Unit};
