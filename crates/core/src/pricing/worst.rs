//! `pricing.unknown = worst`: the dearest price of a provider.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::book::PriceBook;
use super::card::{Card, Slot};
use super::cost::{Quote, Unpriced, counts, sum};
use super::terms::TokenClass;
use crate::ids::ModelId;
use crate::model::provider;
use crate::money::Price;
use crate::tokens::Tokens;

/// Where a price comes from: its model and its card.
type Origin<'a> = (&'a ModelId, &'a Card);

pub(super) fn quote(book: &PriceBook, model: &ModelId, tokens: &Tokens, at: Timestamp) -> Quote {
    let counts = counts(tokens);
    let mut found: [Option<(Origin<'_>, Price)>; 5] = [None; 5];
    let maker = provider(model);
    for (known, entry) in book
        .models
        .iter()
        .filter(|(known, _)| provider(known) == maker)
    {
        for card in entry
            .cards
            .iter()
            .filter(|card| card.reaches(tokens.whole_input(), at))
        {
            for (best, slot) in found.iter_mut().zip(card.slots) {
                let Slot::Known(price) = slot else { continue };
                if best.is_none_or(|best| beats(((known, card), price), best)) {
                    *best = Some(((known, card), price));
                }
            }
        }
    }
    for ((class, count), found) in TokenClass::ALL.into_iter().zip(counts).zip(&mut found) {
        match (count, &found) {
            (0, _) => *found = None,
            (_, None) => return Err(Unpriced::Tokens(class)),
            _ => {}
        }
    }
    let dearest = found
        .iter()
        .flatten()
        .max_by_key(|(_, price)| *price)
        .map(|(origin, _)| *origin);
    let (named, card) = dearest.ok_or(Unpriced::Model)?;
    sum(counts, &found, || {
        format!("worst:{named}:{}", card.reference).into()
    })
}

/// Dearer; the models come in no order, so that equal prices are told apart by where they stand.
fn beats(new: (Origin<'_>, Price), best: (Origin<'_>, Price)) -> bool {
    let ((model, card), price) = new;
    let ((best_model, best_card), best_price) = best;
    let place = (best_model, &best_card.reference).cmp(&(model, &card.reference));
    price.cmp(&best_price).then(place) == Ordering::Greater
}
