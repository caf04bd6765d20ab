//! What a call cost, or why nobody knows.

use std::sync::Arc;

use super::card::{Card, Slot};
use super::terms::TokenClass;
use crate::money::{Price, Usd};
use crate::tokens::Tokens;

/// A priced call, or the reason why it is not.
pub type Quote = Result<Priced, Unpriced>;

/// What a call cost, line by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    /// The sum of the lines.
    pub cost: Usd,
    /// One line per class of tokens, in the order of [`TokenClass::ALL`].
    pub lines: [Line; 5],
    /// Which price it was, short enough to keep with every invocation. Prices taken from several
    /// cards are joined with `+`; `worst:` stands before a price of another model.
    pub reference: Arc<str>,
}

/// The cost of the tokens of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// How many.
    pub tokens: u64,
    /// At which price; `None` where there were none to price.
    pub price: Option<Price>,
    /// The cost, rounded half up once (rules M1).
    pub cost: Usd,
}

/// Why a call has no cost. Unknown is unknown: nothing is derived from another model's price,
/// another Region's, or a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unpriced {
    /// The model has no price at all.
    #[error("no price for this model")]
    Model,
    /// The model has prices, but not in this class and source Region.
    #[error("no price for this model in this class and Region")]
    Place,
    /// Not on this service tier.
    #[error("no price for this service tier")]
    Tier,
    /// Not yet at the time of the call.
    #[error("no price in force at the time of the call")]
    Time,
    /// Tokens of a class that the price does not name, or not for so long an input.
    #[error("no price for {0} tokens of such a call")]
    Tokens(TokenClass),
    /// Price times tokens leaves the range of money.
    #[error("the cost leaves the range of 64-bit nano-dollars")]
    Overflow,
}

impl Priced {
    /// Whether the price is another model's (`pricing.unknown = worst`).
    pub fn is_worst(&self) -> bool {
        self.reference.starts_with("worst:")
    }
}

/// The counts in the order of [`TokenClass::ALL`].
pub(super) fn counts(tokens: &Tokens) -> [u64; 5] {
    let Tokens {
        input,
        cache_read,
        cache_write_5m,
        cache_write_1h,
        output,
    } = *tokens;
    [input, cache_read, cache_write_5m, cache_write_1h, output]
}

/// Prices `tokens` by the cards that apply, asked in order; `None` if there are none.
pub(super) fn by_cards<'a>(
    cards: impl Iterator<Item = &'a Card>,
    tokens: &Tokens,
) -> Option<Quote> {
    let counts = counts(tokens);
    let mut open = counts.map(|count| count > 0);
    let mut found: [Option<(&Card, Price)>; 5] = [None; 5];
    let mut first = None;
    for card in cards {
        first.get_or_insert(card);
        for (index, class) in TokenClass::ALL.into_iter().enumerate() {
            match card.slots[index] {
                _ if !open[index] => {}
                Slot::Silent => {}
                Slot::Unknown => return Some(Err(Unpriced::Tokens(class))),
                Slot::Known(price) => {
                    found[index] = Some((card, price));
                    open[index] = false;
                }
            }
        }
        if open == [false; 5] {
            break;
        }
    }
    let first = first?;
    let missing = TokenClass::ALL
        .into_iter()
        .zip(open)
        .find(|(_, open)| *open);
    if let Some((class, _)) = missing {
        return Some(Err(Unpriced::Tokens(class)));
    }
    Some(sum(counts, &found, || reference(first, &found)))
}

/// Adds the lines up.
pub(super) fn sum<T>(
    counts: [u64; 5],
    found: &[Option<(T, Price)>; 5],
    reference: impl FnOnce() -> Arc<str>,
) -> Quote {
    let mut lines = [Line::default(); 5];
    let mut cost = Usd::ZERO;
    for ((line, tokens), found) in lines.iter_mut().zip(counts).zip(found) {
        if let Some((_, price)) = found {
            let part = price.cost(tokens).map_err(|_| Unpriced::Overflow)?;
            cost = cost.checked_add(part).map_err(|_| Unpriced::Overflow)?;
            *line = Line {
                tokens,
                price: Some(*price),
                cost: part,
            };
        }
    }
    Ok(Priced {
        cost,
        lines,
        reference: reference(),
    })
}

fn reference(first: &Card, found: &[Option<(&Card, Price)>; 5]) -> Arc<str> {
    let mut used = found.iter().flatten().map(|(card, _)| *card);
    let one = used.next().unwrap_or(first);
    if used.all(|card| std::ptr::eq(card, one)) {
        return Arc::clone(&one.reference);
    }
    let mut references: Vec<&str> = Vec::new();
    for (card, _) in found.iter().flatten() {
        if !references.contains(&&*card.reference) {
            references.push(&card.reference);
        }
    }
    references.join("+").into()
}
