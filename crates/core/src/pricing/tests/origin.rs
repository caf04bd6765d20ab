//! Whose price it is: time, source, Region, and the dearest of the provider.

use super::*;
use crate::money::Usd;
use crate::rulebook::UnknownPrice;

const ONE: [u64; 5] = [1, 0, 0, 0, 0];

#[test]
fn the_price_in_force_at_the_time_of_the_call_holds() {
    let book = book(&[
        "regional * input standard 0 2026-03-01T00:00:00Z 1 price-list",
        "regional * input standard 0 2026-06-01T00:00:00Z 2 price-list",
        "regional * input standard 0 2026-09-01T10:30:00Z ? price-list",
        "regional * input standard 0 2026-10-01T00:00:00Z 4 administrator",
    ]);
    for (when, expected) in [
        ("2026-02-28T23:59:59Z", Err(Unpriced::Time)),
        (
            "2026-03-01T00:00:00Z",
            Ok((1_000, "price-list/regional/*@2026-03-01")),
        ),
        (
            "2026-05-31T23:59:59.999Z",
            Ok((1_000, "price-list/regional/*@2026-03-01")),
        ),
        (
            "2026-06-01T00:00:00Z",
            Ok((2_000, "price-list/regional/*@2026-06-01")),
        ),
        (
            "2026-09-01T10:30:00Z",
            Err(Unpriced::Tokens(TokenClass::Input)),
        ),
        (
            "2026-10-01T00:00:00Z",
            Ok((4_000, "administrator/regional/*@2026-10-01")),
        ),
    ] {
        let quote = ask(&book, CALL, ONE, when);
        let found = quote
            .as_ref()
            .map(|priced| (priced.cost.nanos(), &*priced.reference));
        assert_eq!(found.map_err(|why| *why), expected, "{when}");
    }
    // The bundled table has starts too: GPT-5.6 Luna fell by 80 %.
    let luna = "openai.gpt-5.6-luna regional us-east-1 -";
    for (when, expected) in [
        ("2026-07-29T23:59:59Z", 1_100),
        ("2026-07-30T00:00:00Z", 220),
    ] {
        let quote = ask(&PriceBook::bundled(), luna, ONE, when);
        assert_eq!(nanos(&quote), Some(expected), "{when}");
    }
}

#[test]
fn a_new_price_replaces_older_ones_of_its_band_only() {
    let book = book(&[
        "regional * input standard 0 - 1 administrator",
        "regional * input standard 1001 - 2 administrator",
        "regional * input standard 0 2026-11-01T00:00:00Z 3 administrator",
        "regional * input standard 1001 2026-12-01T00:00:00Z 4 administrator",
    ]);
    for (when, short, long) in [
        ("2026-10-31T00:00:00Z", 1_000, 2_002_000),
        ("2026-11-01T00:00:00Z", 3_000, 2_002_000),
        ("2026-12-01T00:00:00Z", 3_000, 4_004_000),
    ] {
        assert_eq!(nanos(&ask(&book, CALL, ONE, when)), Some(short), "{when}");
        assert_eq!(
            nanos(&ask(&book, CALL, [1_001, 0, 0, 0, 0], when)),
            Some(long),
            "{when}"
        );
    }
}

#[test]
fn an_administrators_price_replaces_its_class_of_tokens_and_no_other() {
    const OPUS: &str = "anthropic.claude-opus-5-5";
    let book = PriceBook::with([
        row_of(OPUS, "regional * input standard 0 - 1 administrator"),
        row_of(OPUS, "regional eu-* output standard 0 - 7 administrator"),
    ]);
    for (region, counts, cost, references) in [
        (
            "eu-west-1",
            [1, 1, 0, 0, 1],
            1_000 + 220 + 7_000,
            vec![
                "administrator/regional/*",
                "bundled:genai-prices-0.2.1/regional/eu-*",
                "administrator/regional/eu-*",
            ],
        ),
        ("eu-west-1", ONE, 1_000, vec!["administrator/regional/*"]),
        (
            "us-east-1",
            [1, 0, 0, 0, 1],
            1_000 + 22_000,
            vec![
                "administrator/regional/*",
                "bundled:genai-prices-0.2.1/regional/us-east-*",
            ],
        ),
        (
            "eu-west-1",
            [0, 1, 1, 0, 0],
            5_720,
            vec!["bundled:genai-prices-0.2.1/regional/eu-*"],
        ),
    ] {
        let priced = ask(&book, &format!("{OPUS} regional {region} -"), counts, NOW).unwrap();
        assert_eq!(
            (priced.cost.nanos(), &*priced.reference),
            (cost, &*references.join("+"))
        );
    }
}

#[test]
fn the_narrower_region_wins_within_a_source_and_the_source_first() {
    let book = book(&[
        "regional * input standard 0 - 1 price-list",
        "regional eu-* input standard 0 - 2 price-list",
        "regional eu-west-1 input standard 0 - 3 price-list",
        "regional us-east-1 input standard 0 - 4 price-list",
        "regional us-* input standard 0 - 5 administrator",
        "global * input standard 0 - 9 price-list",
    ]);
    for (call, expected) in [
        ("acme.one regional ap-south-1 -", 1_000),
        ("acme.one regional eu-west-2 -", 2_000),
        ("acme.one regional eu-west-1 -", 3_000),
        ("acme.one regional us-east-1 -", 5_000),
        ("acme.one global eu-west-1 -", 9_000),
    ] {
        assert_eq!(nanos(&ask(&book, call, ONE, NOW)), Some(expected), "{call}");
    }
}

#[test]
fn the_dearest_price_of_the_provider_is_marked() {
    let book = book(&[
        "regional us-east-1 input standard 0 - 2 price-list",
        "global * input standard 0 - 1 price-list",
        "global * output standard 0 - 8 price-list",
        "global * output standard 1000 - 99 price-list",
        "global * output standard 0 2027-01-01T00:00:00Z 99 price-list",
    ]);
    let (new, region) = (ModelId::from("acme.new"), Region::from("eu-west-1"));
    let cost = |unknown, counts| {
        let tokens = tokens(counts);
        book.price_or(
            unknown,
            &new,
            Class::Regional,
            &region,
            None,
            &tokens,
            at(NOW),
        )
    };
    assert_eq!(cost(UnknownPrice::Flag, [1, 0, 0, 0, 1]), None);
    let (usd, reference) = cost(UnknownPrice::Worst, [1, 0, 0, 0, 1]).unwrap();
    assert_eq!(
        (usd, &*reference),
        (
            Usd::from_nanos(10_000),
            "worst:acme.one:price-list/global/*"
        )
    );
    assert_eq!(
        cost(UnknownPrice::Worst, [1, 0, 0, 1, 1]),
        None,
        "nobody knows such a price"
    );
    let priced = book.worst(&new, &tokens(ONE), at(NOW)).unwrap();
    assert!(priced.is_worst());
    assert_eq!(
        &*priced.reference,
        "worst:acme.one:price-list/regional/us-east-1"
    );
    // A price that is known is never the worst one.
    let known = ModelId::from("acme.one");
    let class = Class::Global;
    let kept = book.price_or(
        UnknownPrice::Worst,
        &known,
        class,
        &region,
        None,
        &tokens(ONE),
        at(NOW),
    );
    assert_eq!(kept.map(|(usd, _)| usd.nanos()), Some(1_000));
    let nobody = ModelId::from("nobody.new");
    assert_eq!(
        book.worst(&nobody, &tokens([0; 5]), at(NOW)),
        Err(Unpriced::Model)
    );
}
