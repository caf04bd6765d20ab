//! A card: the prices of one source for one (model, class, Region, tier, band, start), side by side.

use std::cmp::{Ordering, Reverse};
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::terms::{PriceRow, PriceSource, RegionMatch, Tier, TokenClass};
use crate::ids::ModelId;
use crate::model::Class;
use crate::money::Price;

/// What a card says about one class of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Slot {
    /// Nothing: the next card is asked.
    #[default]
    Silent,
    /// That nobody knows: the search ends without a price.
    Unknown,
    /// The price.
    Known(Price),
}

#[derive(Clone, Debug)]
pub(super) struct Card {
    pub(super) class: Class,
    pub(super) tier: Tier,
    pub(super) band_from: u64,
    pub(super) effective_from: Timestamp,
    pub(super) effective_until: Option<Timestamp>,
    pub(super) source: PriceSource,
    pub(super) region: RegionMatch,
    pub(super) slots: [Slot; 5],
    /// What an invocation keeps of it.
    pub(super) reference: Arc<str>,
}

/// What chooses a card.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) class: Class,
    pub(super) region: &'a str,
    pub(super) tier: Tier,
    /// The whole input, cache included.
    pub(super) whole: u64,
    pub(super) at: Timestamp,
}

impl Card {
    /// An empty card with the terms of `row`.
    pub(super) fn of_row(row: &PriceRow) -> Self {
        let mut card = Self {
            class: row.class,
            tier: row.tier,
            band_from: row.band_from,
            effective_from: row.effective_from,
            effective_until: row.effective_until,
            source: row.source,
            region: row.region.clone(),
            slots: [Slot::Silent; 5],
            reference: Arc::from(""),
        };
        card.refer_to(row.source.as_str());
        card
    }

    /// Writes the reference: `bundled:NAME-1.2/regional/eu-*/>272000@2026-08-21`.
    pub(super) fn refer_to(&mut self, source: &str) {
        let mut text = String::with_capacity(64);
        // Writing to a string cannot fail.
        let _ = write!(text, "{source}/{}/{}", self.class, self.region);
        if self.tier != Tier::Standard {
            let _ = write!(text, "/{}", self.tier);
        }
        if let Some(above) = self.band_from.checked_sub(1) {
            let _ = write!(text, "/>{above}");
        }
        if self.effective_from != PriceRow::ALWAYS {
            let _ = write!(text, "@{}", short(self.effective_from));
        }
        self.reference = Arc::from(text);
    }

    pub(super) fn has_terms_of(&self, row: &PriceRow) -> bool {
        self.class == row.class
            && self.tier == row.tier
            && self.band_from == row.band_from
            && self.effective_from == row.effective_from
            && self.effective_until == row.effective_until
            && self.source == row.source
            && self.region == row.region
    }

    pub(super) fn applies(&self, call: &Call<'_>) -> bool {
        self.holds(call) && self.reaches(call.whole, call.at)
    }

    /// Class, tier and Region fit.
    pub(super) fn holds(&self, call: &Call<'_>) -> bool {
        self.class == call.class && self.tier == call.tier && self.region.matches(call.region)
    }

    /// Band and time fit.
    pub(super) fn reaches(&self, whole: u64, at: Timestamp) -> bool {
        self.band_from <= whole && self.is_in_force(at)
    }

    pub(super) fn is_in_force(&self, at: Timestamp) -> bool {
        self.effective_from <= at && self.effective_until.is_none_or(|until| at < until)
    }

    /// The order in which cards are asked: source, narrowest Region, highest band, newest start. What
    /// no call can tell apart, or only one of can apply to it, is ordered for lists.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let asked = |card: &Self| {
            let narrowness = Reverse(card.region.narrowness());
            (
                card.source,
                narrowness,
                Reverse(card.band_from),
                Reverse(card.effective_from),
            )
        };
        let kind = (self.class, self.tier).cmp(&(other.class, other.tier));
        kind.then_with(|| asked(self).cmp(&asked(other)))
            .then_with(|| self.region.cmp(&other.region))
    }

    /// The card as rows, unasked classes left out.
    pub(super) fn rows<'a>(&'a self, model: &'a ModelId) -> impl Iterator<Item = PriceRow> + 'a {
        TokenClass::ALL
            .into_iter()
            .zip(self.slots)
            .filter_map(|(token_class, slot)| {
                let price = match slot {
                    Slot::Silent => return None,
                    Slot::Unknown => None,
                    Slot::Known(price) => Some(price),
                };
                Some(PriceRow {
                    model: model.clone(),
                    class: self.class,
                    region: self.region.clone(),
                    token_class,
                    tier: self.tier,
                    band_from: self.band_from,
                    effective_from: self.effective_from,
                    effective_until: self.effective_until,
                    price,
                    source: self.source,
                })
            })
    }
}

/// `2026-08-21` for a midnight in UTC, else the instant.
fn short(at: Timestamp) -> String {
    let civil = TimeZone::UTC.to_datetime(at);
    if civil.time() == jiff::civil::Time::midnight() {
        civil.date().to_string()
    } else {
        at.to_string()
    }
}
