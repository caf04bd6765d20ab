//! Usage.

pub(super) mod agents;
pub(super) mod cross;
mod dearest;
pub(super) mod heatmap;
pub(super) mod list;
pub(super) mod matrix;

use weir_core::ids::ModelId;
use weir_core::model::ModelRef;

/// A model, in whatever form it was written.
fn model(text: String) -> ModelId {
    let known = ModelRef::parse(&text).model;
    known.unwrap_or_else(|| ModelId::new(text))
}
