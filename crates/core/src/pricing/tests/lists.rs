//! What people see of prices.

use super::*;

const HAIKU: &str = "anthropic.claude-haiku-5-5";

#[test]
fn a_sheet_shows_every_band_and_who_says_so() {
    let terms = "regional eu-* input standard 0 2026-11-01T00:00:00Z 1 administrator";
    let mine = row_of(HAIKU, terms);
    let book = PriceBook::with([mine.clone()]);
    let region = Region::from("eu-west-1");
    let sheets = book.sheets(
        &mine.model,
        Class::Regional,
        Some(&region),
        Tier::Standard,
        at(NOW),
    );
    let [sheet] = &sheets[..] else {
        panic!("one Region, one sheet")
    };
    let [base, long] = &sheet.bands[..] else {
        panic!("two bands")
    };
    assert_eq!((base.from, long.from), (0, 100_001));
    // Without a band the administrator's price holds for every length.
    for band in [base, long] {
        assert_eq!(band.price(TokenClass::Input).unwrap().to_decimal(), "1");
        assert_eq!(
            band.sources(),
            [PriceSource::Administrator, PriceSource::Bundled]
        );
        assert_eq!(band.effective_from(), Some(mine.effective_from));
    }
    assert_eq!(long.price(TokenClass::Output).unwrap().to_decimal(), "2.75");
}

#[test]
fn without_a_region_there_is_a_sheet_for_each_difference() {
    let book = PriceBook::with([row_of(
        HAIKU,
        "regional eu-* input standard 0 - 1 administrator",
    )]);
    let model = ModelId::from(HAIKU);
    let regions = |class, region: Option<&str>| {
        let region = region.map(Region::from);
        let sheets = book.sheets(&model, class, region.as_ref(), Tier::Standard, at(NOW));
        let names = |sheet: &Sheet| {
            let names: Vec<_> = sheet.regions.iter().map(ToString::to_string).collect();
            names.join(" ")
        };
        sheets.iter().map(names).collect::<Vec<_>>()
    };
    assert_eq!(
        regions(Class::Regional, None),
        ["ap-* us-east-* us-west-*", "eu-*"]
    );
    assert_eq!(regions(Class::Global, None), ["*"]);
    assert_eq!(regions(Class::Regional, Some("us-east-1")), ["us-east-1"]);
    assert_eq!(regions(Class::Regional, Some("sa-east-1")), [""; 0]);
}

#[test]
fn the_list_holds_every_row_and_makes_the_same_book_again() {
    let book = book(&["regional * input standard 0 - 1 administrator"]);
    let rows: Vec<PriceRow> = book.rows().collect();
    assert!(rows.contains(&row("regional * input standard 0 - 1 administrator")));
    assert!(rows.is_sorted_by(|a, b| a.model <= b.model));
    let mut again = PriceBook::default();
    again.add(rows.iter().rev().cloned());
    assert!(again.rows().eq(rows.iter().cloned()));
    assert_eq!(book.models().len(), PriceBook::bundled().models().len() + 1);
}

#[test]
fn tables_show_short_names() {
    let book = PriceBook::bundled();
    for (model, name) in [
        (
            "anthropic.claude-haiku-4-5-20251001-v1:0",
            "Claude Haiku 4.5",
        ),
        ("anthropic.claude-opus-4-20250514-v1:0", "Claude Opus 4"),
        ("openai.gpt-5.6-sol", "GPT-5.6 Sol"),
        ("amazon.nova-2-sonic-v1:0", "amazon.nova-2-sonic-v1:0"),
    ] {
        assert_eq!(book.display_name(&ModelId::from(model)), name);
    }
}
