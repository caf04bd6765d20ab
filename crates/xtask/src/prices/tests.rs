use std::time::{Duration, SystemTime};

use genai_prices::{PriceRequest, Usage, UsageKey, calculate};
use weir_core::Timestamp;
use weir_core::ids::{ModelId, Region};
use weir_core::model::Class;
use weir_core::money::Price;
use weir_core::pricing::{PriceBook, PriceRow, Tier, TokenClass, Unpriced};
use weir_core::tokens::Tokens;

use super::*;

const NOW: &str = "2026-11-20T09:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

#[test]
fn the_committed_table_is_what_the_data_gives() {
    let committed = std::fs::read_to_string(root().join(TABLE)).unwrap();
    assert!(
        committed == generate().unwrap(),
        "run cargo xtask prices and look at the difference"
    );
}

/// Model, class, Region, whole input; input, cache read, cache write 5 min and 1 h, output.
type Spot = (
    &'static str,
    Class,
    &'static str,
    u64,
    [Option<&'static str>; 5],
);

const fn all(prices: [&'static str; 5]) -> [Option<&'static str>; 5] {
    [
        Some(prices[0]),
        Some(prices[1]),
        Some(prices[2]),
        Some(prices[3]),
        Some(prices[4]),
    ]
}

/// What aws.md 8.2 says, checked against the Price List by a third party.
const SPOTS: &[Spot] = &[
    (
        "anthropic.claude-haiku-4-5-20251001-v1:0",
        Class::Regional,
        "eu-west-1",
        0,
        all(["1.1", "0.11", "1.375", "2.2", "5.5"]),
    ),
    (
        "anthropic.claude-haiku-4-5-20251001-v1:0",
        Class::Global,
        "eu-west-1",
        0,
        all(["1", "0.1", "1.25", "2", "5"]),
    ),
    (
        "anthropic.claude-sonnet-5-5",
        Class::Regional,
        "us-west-2",
        0,
        all(["2.2", "0.11", "2.75", "4.4", "11"]),
    ),
    (
        "anthropic.claude-sonnet-5-5",
        Class::Global,
        "ap-south-1",
        0,
        all(["2", "0.1", "2.5", "4", "10"]),
    ),
    (
        "anthropic.claude-opus-5-5",
        Class::Regional,
        "eu-south-2",
        0,
        all(["4.4", "0.22", "5.5", "8.8", "22"]),
    ),
    (
        "anthropic.claude-opus-5-5",
        Class::Global,
        "us-east-1",
        0,
        all(["4", "0.2", "5", "8", "20"]),
    ),
    (
        "anthropic.claude-haiku-5-5",
        Class::Global,
        "us-east-1",
        100_000,
        all(["0.1", "0.01", "0.125", "0.2", "0.5"]),
    ),
    (
        "anthropic.claude-haiku-5-5",
        Class::Global,
        "us-east-1",
        100_001,
        all(["0.5", "0.05", "0.625", "1", "2.5"]),
    ),
    (
        "anthropic.claude-sonnet-4-20250514-v1:0",
        Class::Regional,
        "eu-west-1",
        0,
        [Some("3"), Some("0.3"), Some("3.75"), None, Some("15")],
    ),
    (
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        Class::Regional,
        "eu-west-1",
        200_001,
        [None; 5],
    ),
    (
        "amazon.nova-2-lite-v1:0",
        Class::Regional,
        "eu-west-1",
        0,
        [Some("0.33"), Some("0.0825"), None, None, Some("2.75")],
    ),
    (
        "amazon.nova-micro-v1:0",
        Class::Regional,
        "us-east-1",
        0,
        [Some("0.035"), Some("0.00875"), None, None, Some("0.14")],
    ),
    (
        "amazon.titan-embed-text-v2:0",
        Class::Regional,
        "us-east-1",
        0,
        [Some("0.02"), None, None, None, None],
    ),
];

#[test]
fn known_prices_are_in_the_table() {
    let book = PriceBook::bundled();
    for (model, class, region, whole, expected) in SPOTS {
        let region = Region::from(*region);
        let sheets = book.sheets(
            &ModelId::from(*model),
            *class,
            Some(&region),
            Tier::Standard,
            now(),
        );
        let [sheet] = &sheets[..] else {
            panic!("{model} {class} {region}: {sheets:?}")
        };
        let band = sheet
            .bands
            .iter()
            .rfind(|band| band.from <= *whole)
            .unwrap();
        let found = TokenClass::ALL.map(|class| band.price(class).map(Price::to_decimal));
        let found = found.each_ref().map(Option::as_deref);
        assert_eq!(found, *expected, "{model} {class} {region} {whole}");
    }
}

/// Where the source would guess, and Weir does not: model, class, Region.
const REFUSED: &[(&str, Class, &str)] = &[
    // American prices in Europe.
    ("amazon.nova-lite-v1:0", Class::Regional, "eu-west-1"),
    ("amazon.titan-embed-text-v2:0", Class::Regional, "eu-west-1"),
    ("openai.gpt-oss-120b-1:0", Class::Regional, "eu-west-1"),
    // Government Regions are dearer than the source says.
    (
        "anthropic.claude-haiku-4-5-20251001-v1:0",
        Class::Regional,
        "us-gov-west-1",
    ),
    // Geographies that the source does not name, or takes back in a comment.
    ("anthropic.claude-fable-5-1", Class::Regional, "eu-west-1"),
    (
        "anthropic.claude-fable-5",
        Class::Regional,
        "ap-northeast-1",
    ),
    ("anthropic.claude-opus-5-5", Class::Regional, "ca-central-1"),
    // No global profile of it.
    ("amazon.nova-lite-v1:0", Class::Global, "us-east-1"),
];

#[test]
fn what_the_source_does_not_say_is_not_priced() {
    let book = PriceBook::bundled();
    let one = Tokens {
        input: 1,
        ..Tokens::default()
    };
    for (model, class, region) in REFUSED {
        let quote = book.price(
            &ModelId::from(*model),
            *class,
            &Region::from(*region),
            None,
            &one,
            now(),
        );
        assert_eq!(quote, Err(Unpriced::Place), "{model} {class} {region}");
    }
    for model in [
        "amazon.nova-2-sonic-v1:0",
        "stability.stable-image-core-v1:1",
        "anthropic.claude-opus-5-5-20260101-v1:0",
        "amazon.nova-lite-v1:0:300k",
        "eu.anthropic.claude-opus-5-5",
    ] {
        let region = Region::from("us-east-1");
        let quote = book.price(
            &ModelId::from(model),
            Class::Regional,
            &region,
            None,
            &one,
            now(),
        );
        assert_eq!(quote, Err(Unpriced::Model), "{model}");
    }
}

/// Every price of the table, asked from the source's own engine: it reads clauses, starts and tiers
/// by itself, and counts in floats, so this holds our reading of them against theirs.
#[test]
fn the_sources_own_engine_agrees() {
    let mut asked = 0;
    for row in PriceBook::bundled().rows() {
        let Some(price) = row.price else { continue };
        let tokens = u32::try_from(row.band_from.saturating_sub(1)).unwrap() + 1_000;
        let (input, output) = asked_by_source(&row, tokens);
        let theirs = if row.token_class == TokenClass::Output {
            output
        } else {
            input
        };
        let ours = price.cost(u64::from(tokens)).unwrap().display(9);
        assert_eq!(ours, format!("${theirs:.9}"), "{row:?}");
        asked += 1;
    }
    assert!(asked > 1_000, "{asked}");
}

/// Input and output cost of a call all of whose input, and all of whose output, is of one class.
fn asked_by_source(row: &PriceRow, tokens: u32) -> (f64, f64) {
    let tokens = f64::from(tokens);
    let mut usage = vec![(UsageKey::INPUT_TOKENS, tokens)];
    usage.extend(match row.token_class {
        TokenClass::Input => vec![],
        TokenClass::CacheRead => vec![(UsageKey::CACHE_READ_TOKENS, tokens)],
        TokenClass::CacheWrite5m => vec![(UsageKey::CACHE_WRITE_TOKENS, tokens)],
        TokenClass::CacheWrite1h => vec![
            (UsageKey::CACHE_WRITE_TOKENS, tokens),
            (UsageKey::CACHE_WRITE_1H_TOKENS, tokens),
        ],
        TokenClass::Output => vec![(UsageKey::OUTPUT_TOKENS, tokens)],
    });
    let usage: Usage = usage.into_iter().collect();
    // Before every start that the rows of Bedrock have.
    let early = "2026-07-01T00:00:00Z".parse::<Timestamp>().unwrap();
    let at = if row.effective_from == PriceRow::ALWAYS {
        early
    } else {
        row.effective_from
    };
    let seconds = Duration::from_secs(u64::try_from(at.as_second()).unwrap());
    let ask = |name: &str| {
        let request = PriceRequest::new(name, &usage).with_provider_id("aws");
        calculate(&request.with_timestamp(SystemTime::UNIX_EPOCH + seconds))
    };
    let priced = match row.class {
        Class::Global => ask(&format!("global.{}", row.model)),
        Class::Regional => ask(row.model.as_str()).or_else(|_| ask(&format!("us.{}", row.model))),
    };
    let priced = priced.unwrap();
    (priced.input_price, priced.output_price)
}

#[test]
fn data_of_another_shape_is_refused() {
    let source = Source {
        name: "genai-prices-9".to_owned(),
        commit: None,
    };
    let (_, text) = read().unwrap();
    assert!(table::write(&source, &text).is_ok());
    for (now, then) in [
        ("\"input_mtok\"", "\"input_mtok_new\""),
        (
            "\"start_date\":\"2026-08-21\"",
            "\"end_date\":\"2026-08-21\"",
        ),
        (
            "{\"equals\":\"openai.gpt-5.4\"}",
            "{\"regex\":\"openai.gpt-5.4\"}",
        ),
        (
            "{\"equals\":\"openai.gpt-5.4\"}",
            "{\"equals\":\"openai.gpt-5.4.0\"}",
        ),
        (
            "{\"contains\":\"eu.amazon.nova-2-lite\"}",
            "{\"contains\":\"xx.amazon.nova-2-lite\"}",
        ),
        ("\"id\":\"aws\"", "\"id\":\"amazon-web-services\""),
        ("\"input_mtok\":0.06,", "\"input_mtok\":0.0000000001,"),
        (
            "\"id\":\"openai.gpt-5.4\",",
            "\"id\":\"openai.gpt-5.4\",\"price_variants\":[],",
        ),
        ("\"id\":\"openai.gpt-5.5\",", "\"id\":\"openai.gpt-7\","),
    ] {
        assert!(text.contains(now), "{now}");
        assert!(
            table::write(&source, &text.replace(now, then)).is_err(),
            "{then}"
        );
    }
}
