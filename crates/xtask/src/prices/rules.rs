//! What is taken and refused beyond what a row says itself. Each entry was looked at by a person;
//! one that no longer matches anything is an error.

use super::source::{Row, Unit};
use weir_core::model::Class;

/// The Regions of the geographies that clauses name. A geography that is not here is refused.
const GEOGRAPHIES: [(&str, &[&str]); 6] = [
    ("us", &["us-east-*", "us-west-*"]),
    ("eu", &["eu-*"]),
    ("apac", &["ap-*"]),
    ("jp", &["ap-northeast-1", "ap-northeast-3"]),
    ("au", &["ap-southeast-2", "ap-southeast-4"]),
    ("in", &["ap-south-*"]),
];
/// Where a row holds that names no geography: the Region its comments name, and that AWS's price
/// page opens with.
const PUBLISHED_FOR: &str = "us-east-1";
/// What the comment of a row says whose price holds everywhere.
const FLAT: &str = "Pricing is flat across regions";
/// Named by clauses, with the ordinary regional price; AWS charges more there.
const REFUSED: &str = "us-gov";
/// Geographies that a clause names and the row's own comment takes back.
const TAKEN_BACK: [(&str, &str); 1] = [("regional.anthropic.claude-fable-5-v1:0", "jp")];
/// Rows (beginning of the id without class) whose price the source gives flat, although AWS has
/// charged more for long input: the whole input above which nobody knows.
const UNKNOWN_ABOVE: [(&str, u64); 4] = [
    ("anthropic.claude-sonnet-4-20250514", 200_000),
    ("anthropic.claude-sonnet-4-5-20250929", 200_000),
    ("openai.gpt-5.4", 272_000),
    ("openai.gpt-5.5", 272_000),
];

/// The class of a row, and its id without the word for it.
pub(super) fn class(id: &str) -> (Class, &str) {
    if let Some(stem) = id.strip_prefix("global.") {
        return (Class::Global, stem);
    }
    (Class::Regional, id.strip_prefix("regional.").unwrap_or(id))
}

/// Why a row is not taken at all.
pub(super) fn refusal(row: &Row) -> Option<&'static str> {
    let audio = row
        .prices
        .iter()
        .flat_map(|dated| &dated.values)
        .any(|(unit, _)| *unit == Unit::Audio);
    audio.then_some("speech has a price of its own, and records do not count it apart")
}

/// The Region patterns of a row, in the order of [`GEOGRAPHIES`].
pub(super) fn regions(row: &Row) -> Result<Vec<&'static str>, String> {
    let (class, stem) = class(&row.id);
    if class == Class::Global || row.comment.contains(FLAT) {
        return Ok(vec!["*"]);
    }
    let vendor = stem.split('.').next().unwrap_or_default();
    let mut named: Vec<&str> = Vec::new();
    for literal in row.clause.literals() {
        match literal.split_once('.') {
            Some((geography, rest)) if rest.starts_with(vendor) && rest.contains('.') => {
                named.push(geography);
            }
            _ => {}
        }
    }
    let any = !named.is_empty();
    let taken_back = |name: &str| TAKEN_BACK.contains(&(row.id.as_str(), name));
    named.retain(|name| *name != REFUSED && !taken_back(name));
    if let Some(new) = named
        .iter()
        .find(|name| !GEOGRAPHIES.iter().any(|(known, _)| known == *name))
    {
        return Err(format!("{}: geography `{new}` is not known", row.id));
    }
    if named.is_empty() {
        let nothing = || format!("{}: names only geographies that are refused", row.id);
        return if any {
            Err(nothing())
        } else {
            Ok(vec![PUBLISHED_FOR])
        };
    }
    let geographies = GEOGRAPHIES.iter().filter(|(name, _)| named.contains(name));
    let all: Vec<&str> = geographies
        .flat_map(|(_, regions)| regions.iter().copied())
        .collect();
    let apac = all.contains(&"ap-*");
    Ok(all
        .into_iter()
        .filter(|region| !apac || !region.starts_with("ap-") || *region == "ap-*")
        .collect())
}

/// The whole input above which the price of a row is not known.
pub(super) fn unknown_above(row: &Row) -> Option<u64> {
    let (_, stem) = class(&row.id);
    UNKNOWN_ABOVE
        .iter()
        .find(|(begin, _)| stem.starts_with(begin))
        .map(|(_, above)| *above)
}

/// Every entry above still matches something, and nothing that the data now says itself.
pub(super) fn check(rows: &[Row]) -> Result<(), String> {
    for (begin, _) in UNKNOWN_ABOVE {
        let mut found = rows
            .iter()
            .filter(|row| class(&row.id).1.starts_with(begin))
            .peekable();
        let first = found.peek().map(|row| row.id.clone());
        let flat = found.all(|row| {
            let values = row.prices.iter().flat_map(|dated| &dated.values);
            values.into_iter().all(|(_, value)| value.above.is_empty())
        });
        if first.is_none() || !flat {
            return Err(format!("UNKNOWN_ABOVE: {begin} is gone, or has bands now"));
        }
    }
    for (id, geography) in TAKEN_BACK {
        let row = rows.iter().find(|row| row.id == id);
        let named = format!("{geography}.");
        if !row.is_some_and(|row| {
            row.clause
                .literals()
                .iter()
                .any(|text| text.starts_with(&named))
        }) {
            return Err(format!("TAKEN_BACK: {id} no longer names {geography}"));
        }
    }
    Ok(())
}
