//! The table as text: one line per model, class, start and band, parted by tabs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use weir_core::model::Class;
use weir_core::pricing::TokenClass;

use super::json::Json;
use super::source::{Dated, Row, Source, Unit};
use super::{ids, rules, source};

/// In the order of the lines: model, class, start, band.
type Key = (String, Class, String, u64);

/// Writes the whole table, or says what about the data nobody has looked at.
pub(super) fn write(source: &Source, text: &str) -> Result<String, String> {
    let data = Json::parse(text)?;
    let rows = source::rows(&data)?;
    let names = source::names(&data)?;
    rules::check(&rows)?;
    let mut lines: BTreeMap<Key, String> = BTreeMap::new();
    let mut refused = Vec::new();
    for row in &rows {
        if let Some(why) = rules::refusal(row) {
            refused.push(format!("# refused: {}: {why}\n", row.id));
            continue;
        }
        let name = ids::name(row, &names).unwrap_or_else(|| "-".to_owned());
        let regions = rules::regions(row)?.join(" ");
        for id in ids::of(row, &rows)? {
            for (start, band, prices) in prices(row) {
                let (class, _) = rules::class(&row.id);
                let line = format!("{id}\t{class}\t{regions}\t{start}\t{band}\t{prices}\t{name}\n");
                if lines
                    .insert((id.clone(), class, start, band), line)
                    .is_some()
                {
                    return Err(format!("{}: a second price for {id}", row.id));
                }
            }
        }
    }
    let mut table = head(source, &source::newest_day(&data)?);
    table.extend(refused);
    let columns = TokenClass::ALL.map(TokenClass::as_str).join("\t");
    let _ = writeln!(
        table,
        "# model\tclass\tsource Regions\tfrom\tinput from\t{columns}\tname"
    );
    table.extend(lines.into_values());
    Ok(table)
}

fn head(source: &Source, day: &str) -> String {
    let commit = source.commit.as_deref().unwrap_or("unknown");
    format!(
        "# Prices of Amazon Bedrock in dollars per million tokens. Written by `cargo xtask prices`; \
         docs/decisions/0004-bundled-prices.md says how.\n\
         # source: {}\n\
         # commit: {commit}\n\
         # newest day in its text on Bedrock: {day}\n\
         # Its data is Copyright (c) Pydantic Services Inc. 2025 to present, under the MIT License.\n\
         # `-`: the source has no price. `?`: not known from that band on. Bands are of the whole \
         input, cache included.\n",
        source.name
    )
}

/// Start, band and the five prices of each line of a row.
fn prices(row: &Row) -> Vec<(String, u64, String)> {
    let mut out = Vec::new();
    let mut bands = vec![0];
    for dated in &row.prices {
        let above = dated.values.iter().flat_map(|(_, value)| &value.above);
        // A band that an older price had stays, at what the newer one says there: each band is a
        // series of its own.
        bands.extend(above.map(|(above, _)| above + 1));
        bands.sort_unstable();
        bands.dedup();
        let start = dated.from.clone().unwrap_or_else(|| "-".to_owned());
        for band in &bands {
            out.push((start.clone(), *band, five(dated, *band)));
        }
        if let Some(above) = rules::unknown_above(row) {
            out.push((start, above + 1, ["?"; 5].join("\t")));
        }
    }
    out
}

fn five(dated: &Dated, whole: u64) -> String {
    let price = |class| {
        let found = dated
            .values
            .iter()
            .find(|(unit, _)| *unit == Unit::Tokens(class));
        found.map_or_else(|| "-".to_owned(), |(_, value)| value.at(whole).to_decimal())
    };
    TokenClass::ALL.map(price).join("\t")
}
