//! What administrators have set for a model, as an edit is held against it.

use serde::Serialize;
use weir_core::ids::ModelId;
use weir_core::money::Price;
use weir_core::pricing::{PriceBook, PriceRow, PriceSource};

use crate::api::etag::State;

/// What stands for it, past prices and those to come included; also where there are none.
pub(crate) fn state(book: &PriceBook, model: &ModelId) -> State {
    let rows = book.rows_of(model);
    let set = rows.filter(|row| row.source == PriceSource::Administrator);
    let mut set: Vec<_> = set.map(Set::of).collect();
    set.sort();
    let set = (!set.is_empty()).then_some(set);
    State::of(set.as_ref())
}

/// A price of the model, in plain values.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Set {
    class: &'static str,
    region: String,
    token_class: &'static str,
    tier: &'static str,
    band_from: u64,
    /// Microseconds.
    from: i64,
    until: Option<i64>,
    price: Option<i64>,
}

impl Set {
    fn of(row: PriceRow) -> Self {
        let PriceRow {
            model: _,
            class,
            region,
            token_class,
            tier,
            band_from,
            effective_from,
            effective_until,
            price,
            source: _,
        } = row;
        Self {
            class: class.as_str(),
            region: region.to_string(),
            token_class: token_class.as_str(),
            tier: tier.as_str(),
            band_from,
            from: effective_from.as_microsecond(),
            until: effective_until.map(jiff::Timestamp::as_microsecond),
            price: price.map(Price::nanos_per_mtok),
        }
    }
}
