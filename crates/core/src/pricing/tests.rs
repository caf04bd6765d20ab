//! Helpers, and what a call costs; [`origin`] has whose price it is, [`lists`] what people see.

use jiff::Timestamp;

use super::*;
use crate::ids::{ModelId, Region};
use crate::model::{Class, ModelRef};
use crate::tokens::Tokens;

mod lists;
mod origin;

const NOW: &str = "2026-11-20T09:15:02Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Counts in the order of the token classes.
fn tokens(counts: [u64; 5]) -> Tokens {
    Tokens {
        input: counts[0],
        cache_read: counts[1],
        cache_write_5m: counts[2],
        cache_write_1h: counts[3],
        output: counts[4],
    }
}

/// `class region token_class tier band_from since price source` of model `acme.one`.
fn row(text: &str) -> PriceRow {
    let words: Vec<&str> = text.split(' ').collect();
    let [class, region, token_class, tier, from, since, price, source] = words[..] else {
        panic!("{text}")
    };
    PriceRow {
        model: ModelId::from("acme.one"),
        class: class.parse().unwrap(),
        region: region.parse().unwrap(),
        token_class: token_class.parse().unwrap(),
        tier: tier.parse().unwrap(),
        band_from: from.parse().unwrap(),
        effective_from: if since == "-" {
            PriceRow::ALWAYS
        } else {
            at(since)
        },
        effective_until: None,
        price: (price != "?").then(|| price.parse().unwrap()),
        source: source.parse().unwrap(),
    }
}

fn row_of(model: &str, text: &str) -> PriceRow {
    PriceRow {
        model: ModelId::from(model),
        ..row(text)
    }
}

fn book(rows: &[&str]) -> PriceBook {
    PriceBook::with(rows.iter().map(|text| row(text)))
}

/// A call of `model class region tier`, `-` for no tier.
fn ask(book: &PriceBook, call: &str, counts: [u64; 5], when: &str) -> Quote {
    let words: Vec<&str> = call.split(' ').collect();
    let [model, class, region, tier] = words[..] else {
        panic!("{call}")
    };
    let (model, region) = (ModelId::from(model), Region::from(region));
    let tier = Some(tier).filter(|tier| *tier != "-");
    book.price(
        &model,
        class.parse().unwrap(),
        &region,
        tier,
        &tokens(counts),
        at(when),
    )
}

const CALL: &str = "acme.one regional eu-west-1 -";

fn nanos(quote: &Quote) -> Option<i64> {
    quote.as_ref().ok().map(|priced| priced.cost.nanos())
}

/// Text as sent, Region, counts, cost.
type Fixture = (&'static str, &'static str, [u64; 5], Option<i64>);

const FIXTURES: &[Fixture] = &[
    (
        "anthropic.claude-haiku-4-5-20251001-v1:0",
        "eu-west-1",
        [210, 0, 0, 0, 55],
        Some(533_500),
    ),
    (
        "global.anthropic.claude-haiku-4-5-20251001-v1:0",
        "eu-west-1",
        [210, 0, 0, 0, 55],
        Some(485_000),
    ),
    // 3 x 4.40 + 17487 x 0.22 + 1204 x 5.50 + 412 x 22.
    (
        "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-opus-5-5",
        "eu-west-1",
        [3, 17_487, 1_204, 0, 412],
        Some(19_546_340),
    ),
    (
        "eu.anthropic.claude-sonnet-5-5",
        "eu-west-1",
        [1, 1, 1, 1, 1],
        Some(20_460),
    ),
    (
        "anthropic.claude-opus-5-5",
        "eu-west-1",
        [0, 0, 0, 0, 1],
        Some(22_000),
    ),
    // Published for us-east-1 only.
    (
        "arn:aws:bedrock:eu-west-1::foundation-model/amazon.titan-embed-text-v2:0",
        "eu-west-1",
        [9, 0, 0, 0, 0],
        None,
    ),
    (
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0",
        "us-east-1",
        [9, 0, 0, 0, 0],
        Some(180),
    ),
    // Speech and images are not priced by these tokens.
    (
        "amazon.nova-2-sonic-v1:0",
        "us-east-1",
        [9, 0, 0, 0, 9],
        None,
    ),
    (
        "stability.stable-image-core-v1:1",
        "us-east-1",
        [0; 5],
        None,
    ),
];

#[test]
fn calls_of_the_fixtures_cost_what_the_table_says() {
    let book = PriceBook::bundled();
    for (sent, region, counts, expected) in FIXTURES {
        let ModelRef { model, class, .. } = ModelRef::parse(sent);
        let call = format!("{} {class} {region} -", model.unwrap());
        let quote = ask(&book, &call, *counts, NOW);
        assert_eq!(nanos(&quote), *expected, "{sent}: {quote:?}");
        let lines = quote.iter().flat_map(|priced| priced.lines);
        assert_eq!(
            lines.map(|line| line.cost.nanos()).sum::<i64>(),
            expected.unwrap_or(0)
        );
    }
}

#[test]
fn each_line_is_rounded_once() {
    let book = book(&[
        "regional * input standard 0 - 0.0005 administrator", // half a nano-dollar per token
        "regional * output standard 0 - 0.000499999 administrator",
    ]);
    for (counts, expected) in [
        ([1, 0, 0, 0, 1], 1),
        ([2, 0, 0, 0, 2], 2),
        ([3, 0, 0, 0, 3], 3),
        ([1_000_000, 0, 0, 0, 1_000_000], 999_999),
    ] {
        assert_eq!(
            nanos(&ask(&book, CALL, counts, NOW)),
            Some(expected),
            "{counts:?}"
        );
    }
}

#[test]
fn the_whole_input_chooses_the_band_of_the_whole_call() {
    let book = book(&[
        "regional * input standard 0 - 3 administrator",
        "regional * input standard 200001 - 6 administrator",
        "regional * cache_read standard 0 - 0.3 administrator",
        "regional * cache_read standard 200001 - 0.6 administrator",
        "regional * output standard 0 - 15 administrator",
        "regional * output standard 200001 - 22.5 administrator",
    ]);
    for (counts, expected) in [
        ([199_999, 0, 0, 0, 1], 599_997_000 + 15_000),
        ([200_000, 0, 0, 0, 1], 600_000_000 + 15_000),
        ([200_001, 0, 0, 0, 1], 1_200_006_000 + 22_500),
        // Cached input counts, output does not.
        ([1, 200_000, 0, 0, 1], 6_000 + 120_000_000 + 22_500),
        (
            [1, 199_999, 0, 0, 900_000],
            3_000 + 59_999_700 + 13_500_000_000,
        ),
    ] {
        assert_eq!(
            nanos(&ask(&book, CALL, counts, NOW)),
            Some(expected),
            "{counts:?}"
        );
    }
}

#[test]
fn bands_of_the_bundled_table_end_where_they_say() {
    let book = PriceBook::bundled();
    let unknown = Err(Unpriced::Tokens(TokenClass::Input));
    for (model, input, expected) in [
        (
            "anthropic.claude-sonnet-4-5-20250929-v1:0",
            199_999,
            Ok(659_996_700),
        ),
        (
            "anthropic.claude-sonnet-4-5-20250929-v1:0",
            200_000,
            Ok(660_000_000),
        ),
        (
            "anthropic.claude-sonnet-4-5-20250929-v1:0",
            200_001,
            unknown,
        ),
        ("anthropic.claude-sonnet-4-6", 200_001, Ok(660_003_300)),
        ("anthropic.claude-haiku-5-5", 100_000, Ok(11_000_000)),
        ("anthropic.claude-haiku-5-5", 100_001, Ok(55_000_550)),
    ] {
        let call = format!("{model} regional eu-west-1 -");
        let quote = ask(&book, &call, [input, 0, 0, 0, 0], NOW);
        assert_eq!(
            quote.map(|priced| priced.cost.nanos()),
            expected,
            "{model} {input}"
        );
    }
}

#[test]
fn unknown_is_unknown_and_says_why() {
    let book = book(&[
        "regional eu-* input standard 0 - 1 administrator",
        "regional eu-* cache_write_5m standard 0 - 1 administrator",
        "regional eu-* input flex 0 - 0.5 administrator",
        "regional eu-* output standard 0 - 9000000000 administrator",
    ]);
    let one = [1, 0, 0, 0, 0];
    let hour = Unpriced::Tokens(TokenClass::CacheWrite1h);
    for (call, counts, why) in [
        ("acme.two regional eu-west-1 -", one, Unpriced::Model),
        ("acme.one global eu-west-1 -", one, Unpriced::Place),
        ("acme.one regional us-east-1 -", one, Unpriced::Place),
        ("acme.one regional eu-west-1 priority", one, Unpriced::Tier),
        ("acme.one regional eu-west-1 turbo", one, Unpriced::Tier),
        (CALL, [1, 0, 0, 1, 0], hour),
        (CALL, [0, 0, 0, 0, 1 << 41], Unpriced::Overflow),
        // No tokens at all cost nothing, but only where a price is known: images have none.
        ("acme.two regional eu-west-1 -", [0; 5], Unpriced::Model),
    ] {
        assert_eq!(ask(&book, call, counts, NOW), Err(why), "{call}");
    }
    assert_eq!(nanos(&ask(&book, CALL, [0; 5], NOW)), Some(0));
    for (tier, cost) in [
        ("default", 1_000),
        ("reserved", 1_000),
        ("-", 1_000),
        ("flex", 500),
    ] {
        let call = format!("acme.one regional eu-west-1 {tier}");
        assert_eq!(nanos(&ask(&book, &call, one, NOW)), Some(cost), "{tier}");
    }
}

#[test]
fn a_price_that_is_taken_back_ends_and_the_next_best_source_is_asked() {
    let one = |since: &str, price: &str, source: &str| {
        row(&format!(
            "regional * input standard 0 {since} {price} {source}"
        ))
    };
    let mut rows = vec![
        one("-", "2", "price-list"),
        one("2026-10-01T00:00:00Z", "5", "administrator"),
        one("2026-11-01T00:00:00Z", "6", "administrator"),
        one("2026-12-01T00:00:00Z", "7", "administrator"),
    ];
    let end = PriceEnd {
        model: ModelId::from("acme.one"),
        class: None,
        region: None,
        from: at("2026-11-20T00:00:00Z"),
    };
    let of_others = PriceEnd {
        class: Some(Class::Global),
        ..end.clone()
    };
    of_others.apply(&mut rows);
    assert_eq!(rows.len(), 4, "none of them is global");
    end.apply(&mut rows);
    assert_eq!(rows.len(), 3, "what was to begin later never does");
    let book = PriceBook::with(rows.clone());
    for (when, dollars) in [
        ("2026-10-15T00:00:00Z", "5"),
        ("2026-11-19T23:59:59Z", "6"),
        ("2026-11-20T00:00:00Z", "2"),
        ("2027-01-01T00:00:00Z", "2"),
    ] {
        let quote = ask(
            &book,
            "acme.one regional eu-west-1 -",
            [1_000_000, 0, 0, 0, 0],
            when,
        );
        assert_eq!(quote.unwrap().cost.to_decimal(), dollars, "{when}");
    }
    assert!(
        !rows.iter().any(|row| end.ends(row)),
        "there is nothing left to end"
    );
    // Said anew, it holds again.
    rows.push(one("2026-11-25T00:00:00Z", "9", "administrator"));
    let book = PriceBook::with(rows);
    let quote = ask(
        &book,
        "acme.one regional eu-west-1 -",
        [1_000_000, 0, 0, 0, 0],
        "2026-11-25T00:00:00Z",
    );
    assert_eq!(quote.unwrap().cost.to_decimal(), "9");
}
