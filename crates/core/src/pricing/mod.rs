//! What calls cost (rules 4): prices with their origin, looked up exactly.
//!
//! A price belongs to a canonical model id, a price class, source Regions, a class of tokens, a
//! service tier, a band of whole input and a start. [`PriceBook::price`] asks for each class of
//! tokens that a call used, and for each of them separately:
//!
//! 1. the best source that says anything: administrator, Price List, bundled table;
//! 2. of that source, the narrowest Region pattern that covers the source Region;
//! 3. of those, the highest band that the whole input, cache included, reaches;
//! 4. of those, the newest price in force at the time of the call.
//!
//! So an administrator who sets input and output only leaves cache prices to the bundled table; the
//! reference kept with the invocation names both, and so does [`PriceBook::sheets`]. A price that an
//! administrator sets without a band holds for every length of input. Each (token class, band) is a
//! series of its own: a newer price replaces older ones of the same band only.
//!
//! A price that an administrator takes back ends ([`PriceEnd`]): it stays on file for the calls of its time,
//! and from its end on the next best source is asked.
//!
//! Unknown is unknown. Tokens of a class nobody priced leave the whole call unpriced, cache writes
//! of one hour too where only five minutes are priced; tokens that were not used need no price.
//! Calls on `flex`, `priority` or `batch` need a price of that tier; `default`, `standard`,
//! `reserved` and calls that name none take the standard one.

mod book;
mod bundled;
mod card;
mod cost;
mod sheet;
mod terms;
mod worst;

#[cfg(test)]
mod tests;

pub use book::PriceBook;
pub use cost::{Line, Priced, Quote, Unpriced};
pub use sheet::{Band, Sheet, Shown};
pub use terms::{PriceEnd, PriceRow, PriceSource, RegionMatch, Tier, TokenClass};
