//! The price book: all known prices, indexed by model.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::card::{Call, Card, Slot};
use super::cost::{Quote, Unpriced, by_cards};
use super::terms::{PriceRow, Tier};
use super::{bundled, worst};
use crate::ids::{ModelId, Region};
use crate::model::Class;
use crate::money::{Price, Usd};
use crate::rulebook::UnknownPrice;
use crate::tokens::Tokens;

/// All prices Weir knows. Made once, shared and never changed; a new price makes a new book.
#[derive(Clone, Debug, Default)]
pub struct PriceBook {
    pub(super) models: HashMap<ModelId, Entry>,
}

/// One model.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) name: Option<Arc<str>>,
    /// In the order in which they are asked.
    pub(super) cards: Vec<Card>,
}

impl PriceBook {
    /// The prices that are linked into the binary.
    pub fn bundled() -> Self {
        bundled::book().clone()
    }

    /// The bundled prices and these.
    pub fn with(rows: impl IntoIterator<Item = PriceRow>) -> Self {
        let mut book = Self::bundled();
        book.add(rows);
        book
    }

    /// Adds prices. Of two rows that differ in nothing but the price the later one stays.
    pub fn add(&mut self, rows: impl IntoIterator<Item = PriceRow>) {
        for row in rows {
            let cards = &mut self.models.entry(row.model.clone()).or_default().cards;
            let slot = row.price.map_or(Slot::Unknown, Slot::Known);
            let known = cards.iter().position(|card| card.has_terms_of(&row));
            let index = known.unwrap_or_else(|| {
                cards.push(Card::of_row(&row));
                cards.len() - 1
            });
            cards[index].slots[row.token_class as usize] = slot;
        }
        self.sort();
    }

    /// What a call cost. `tier` is the word in its record, `at` the time of the call.
    pub fn price(
        &self,
        model: &ModelId,
        class: Class,
        region: &Region,
        tier: Option<&str>,
        tokens: &Tokens,
        at: Timestamp,
    ) -> Quote {
        let entry = self.models.get(model).ok_or(Unpriced::Model)?;
        let tier = Tier::of_call(tier).ok_or(Unpriced::Tier)?;
        let whole = tokens.whole_input();
        let call = Call {
            class,
            region: region.as_str(),
            tier,
            whole,
            at,
        };
        by_cards(
            entry.cards.iter().filter(|card| card.applies(&call)),
            tokens,
        )
        .unwrap_or_else(|| Err(entry.why_not(&call)))
    }

    /// The cost of a call and the price it was costed by, or, where it has none and `unknown` says
    /// so, the cost by the dearest price of its provider; `None` is unpriced.
    #[expect(
        clippy::too_many_arguments,
        reason = "what a price depends on, each of its own type"
    )]
    pub fn price_or(
        &self,
        unknown: UnknownPrice,
        model: &ModelId,
        class: Class,
        region: &Region,
        tier: Option<&str>,
        tokens: &Tokens,
        at: Timestamp,
    ) -> Option<(Usd, Arc<str>)> {
        let priced = match (self.price(model, class, region, tier, tokens, at), unknown) {
            (Ok(priced), _) => priced,
            (Err(_), UnknownPrice::Flag) => return None,
            (Err(_), UnknownPrice::Worst) => self.worst(model, tokens, at).ok()?,
        };
        Some((priced.cost, priced.reference))
    }

    /// The cost of a call by the dearest price that its provider has for each class of tokens: of
    /// any model, class, Region and tier, in force then, in a band the input reaches.
    pub fn worst(&self, model: &ModelId, tokens: &Tokens, at: Timestamp) -> Quote {
        worst::quote(self, model, tokens, at)
    }

    /// The short name for tables, or the id of a model the book does not know.
    pub fn display_name<'a>(&'a self, model: &'a ModelId) -> &'a str {
        let name = self
            .models
            .get(model)
            .and_then(|entry| entry.name.as_deref());
        name.unwrap_or(model.as_str())
    }

    /// The models that have prices, by id.
    pub fn models(&self) -> Vec<&ModelId> {
        let mut models: Vec<_> = self.models.keys().collect();
        models.sort_unstable();
        models
    }

    /// Every row in the book, past and future prices too, by model and then in the order in which
    /// they are asked.
    pub fn rows(&self) -> impl Iterator<Item = PriceRow> + '_ {
        let models = self.models().into_iter();
        models.flat_map(|model| self.rows_of(model))
    }

    /// Those of one model.
    pub fn rows_of<'a>(&'a self, model: &'a ModelId) -> impl Iterator<Item = PriceRow> + 'a {
        let entry = self.models.get(model).into_iter();
        let cards = entry.flat_map(|entry| &entry.cards);
        cards.flat_map(move |card| card.rows(model))
    }

    /// Adds a whole card. For the bundled table; the caller sorts.
    pub(super) fn push(&mut self, model: ModelId, name: Option<Arc<str>>, card: Card) {
        let entry = self.models.entry(model).or_default();
        entry.name = name.or(entry.name.take());
        entry.cards.push(card);
    }

    /// Puts the cards into the order in which they are asked.
    pub(super) fn sort(&mut self) {
        for entry in self.models.values_mut() {
            entry.cards.sort_by(Card::order);
        }
    }
}

impl Entry {
    fn why_not(&self, call: &Call<'_>) -> Unpriced {
        let any_tier = |card: &&Card| card.class == call.class && card.region.matches(call.region);
        match self
            .cards
            .iter()
            .filter(any_tier)
            .min_by_key(|card| card.tier != call.tier)
        {
            None => Unpriced::Place,
            Some(card) if card.tier != call.tier => Unpriced::Tier,
            Some(_) => Unpriced::Time,
        }
    }
}

/// A slot as text of the bundled table: `-` silent, `?` unknown, else dollars per million tokens.
impl Slot {
    pub(super) fn read(text: &str) -> Option<Self> {
        match text {
            "-" => Some(Self::Silent),
            "?" => Some(Self::Unknown),
            price => price.parse::<Price>().ok().map(Self::Known),
        }
    }
}
