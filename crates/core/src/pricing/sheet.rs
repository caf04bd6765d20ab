//! Prices laid out for people: what `weir pricing show` prints.

use jiff::Timestamp;

use super::book::PriceBook;
use super::card::{Call, Card, Slot};
use super::terms::{PriceSource, RegionMatch, Tier, TokenClass};
use crate::ids::{ModelId, Region};
use crate::model::Class;
use crate::money::Price;

/// The prices of one model, class and tier where they are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Global or regional.
    pub class: Class,
    /// On which tier.
    pub tier: Tier,
    /// Where: the Region that was asked for, or all patterns that have these prices.
    pub regions: Vec<RegionMatch>,
    /// The bands, base first.
    pub bands: Vec<Band>,
}

/// The prices of one band.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// From how many tokens of whole input; 0 is the base band.
    pub from: u64,
    /// The prices in the order of [`TokenClass::ALL`]; `None` if no source says anything.
    pub prices: [Option<Shown>; 5],
}

/// A price and where it comes from: in one band, prices of several sources may stand side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The price; `None` if its source says that nobody knows.
    pub price: Option<Price>,
    /// Who says so.
    pub source: PriceSource,
    /// From when; [`super::PriceRow::ALWAYS`] if for as long as anybody knows.
    pub effective_from: Timestamp,
}

impl Band {
    /// The price of one class of tokens, if it is known.
    pub fn price(&self, class: TokenClass) -> Option<Price> {
        self.prices[class as usize]
            .as_ref()
            .and_then(|shown| shown.price)
    }

    /// The sources of the prices, best first.
    pub fn sources(&self) -> Vec<PriceSource> {
        let mut sources: Vec<_> = self
            .prices
            .iter()
            .flatten()
            .map(|shown| shown.source)
            .collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    /// When the newest of the prices began.
    pub fn effective_from(&self) -> Option<Timestamp> {
        self.prices
            .iter()
            .flatten()
            .map(|shown| shown.effective_from)
            .max()
    }
}

impl PriceBook {
    /// The prices of a model in force at `at`: in one source Region, or, without one, everywhere
    /// that prices are known. Empty if there are none.
    pub fn sheets(
        &self,
        model: &ModelId,
        class: Class,
        region: Option<&Region>,
        tier: Tier,
        at: Timestamp,
    ) -> Vec<Sheet> {
        let cards = self.models.get(model).map_or(&[][..], |entry| &entry.cards);
        let here = |card: &&Card| card.class == class && card.tier == tier && card.is_in_force(at);
        let mut places: Vec<RegionMatch> = match region {
            Some(region) => vec![RegionMatch::Exact(region.clone())],
            None => cards
                .iter()
                .filter(here)
                .map(|card| card.region.clone())
                .collect(),
        };
        places.sort_unstable();
        places.dedup();
        let mut sheets: Vec<Sheet> = Vec::new();
        for place in places {
            let call = Call {
                class,
                region: place.stand_in(),
                tier,
                whole: u64::MAX,
                at,
            };
            let held: Vec<&Card> = cards.iter().filter(|card| card.applies(&call)).collect();
            let bands = bands(&held);
            match sheets.iter_mut().find(|sheet| sheet.bands == bands) {
                _ if bands.is_empty() => {}
                Some(sheet) => sheet.regions.push(place),
                None => sheets.push(Sheet {
                    class,
                    tier,
                    regions: vec![place],
                    bands,
                }),
            }
        }
        sheets
    }
}

/// What each band of `cards`, which are in the order in which they are asked, amounts to.
fn bands(cards: &[&Card]) -> Vec<Band> {
    let mut starts: Vec<u64> = cards.iter().map(|card| card.band_from).collect();
    starts.sort_unstable();
    starts.dedup();
    let price = |from: u64, class: TokenClass| {
        let asked = cards.iter().filter(|card| card.band_from <= from);
        asked
            .map(|card| (card, card.slots[class as usize]))
            .find_map(|(card, slot)| {
                let price = match slot {
                    Slot::Silent => return None,
                    Slot::Unknown => None,
                    Slot::Known(price) => Some(price),
                };
                let (source, effective_from) = (card.source, card.effective_from);
                Some(Shown {
                    price,
                    source,
                    effective_from,
                })
            })
    };
    let band = |from| Band {
        from,
        prices: TokenClass::ALL.map(|class| price(from, class)),
    };
    starts.into_iter().map(band).collect()
}
