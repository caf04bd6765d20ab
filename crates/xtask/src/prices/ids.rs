//! From clauses to exact ids.
//!
//! A row gets: its own id without `global.`/`regional.`; for Anthropic, whose ids come with a
//! version (`-v1:0`, lately `-v1`) or without, all three spellings of every undated name that its
//! clauses hold; and what [`ALSO`] knows. An id is kept if the source, asked for it the way a call of
//! that class would name it, finds this very row first.

use weir_core::model::{Class, ModelRef};

use super::rules;
use super::source::Row;

/// Ids that AWS uses and no clause spells out, by the beginning of the row's id without class.
const ALSO: [(&str, &str); 1] = [(
    "anthropic.claude-opus-4-5",
    "anthropic.claude-opus-4-5-20251101-v1:0",
)];
const VERSIONS: [&str; 3] = ["", "-v1", "-v1:0"];

/// The exact ids of a row, sorted.
pub(super) fn of(row: &Row, all: &[Row]) -> Result<Vec<String>, String> {
    let (class, stem) = rules::class(&row.id);
    let mut ids = vec![stem.to_owned()];
    ids.extend(
        ALSO.iter()
            .filter(|(begin, _)| stem.starts_with(begin))
            .map(|(_, id)| (*id).to_owned()),
    );
    if stem.starts_with("anthropic.") {
        for name in row.clause.literals() {
            let Some(at) = name.find("anthropic.") else {
                continue;
            };
            let bare = name[at..].trim_end_matches("-v1");
            if !is_dated(bare) {
                ids.extend(VERSIONS.iter().map(|version| format!("{bare}{version}")));
            }
        }
    }
    ids.sort_unstable();
    ids.dedup();
    ids.retain(|id| found(id, class, all).is_some_and(|found| found.id == row.id));
    if !ids.iter().any(|id| id == stem) {
        return Err(format!(
            "{}: the source does not find it by its own id",
            row.id
        ));
    }
    match ids.iter().find(|id| ModelRef::parse(id).model.is_none()) {
        Some(bad) => Err(format!("{}: `{bad}` is not a model id", row.id)),
        None => Ok(ids),
    }
}

/// The row that the source finds for a call of that class.
pub(super) fn found<'a>(id: &str, class: Class, all: &'a [Row]) -> Option<&'a Row> {
    let named = |prefix: &str| {
        all.iter()
            .find(|row| row.clause.matches(&format!("{prefix}{id}")))
    };
    match class {
        Class::Global => named("global."),
        // Some rows are of models that have geographic profiles only.
        Class::Regional => named("").or_else(|| named("us.")),
    }
}

/// Whether the last part of a name is a day: `claude-haiku-4-5-20251001`.
fn is_dated(name: &str) -> bool {
    let last = name.rsplit('-').next().unwrap_or_default();
    last.len() == 8 && last.bytes().all(|byte| byte.is_ascii_digit())
}

/// A short name: the row's, without the word for its class, or the maker's for the longest
/// beginning of the id that has one.
pub(super) fn name(row: &Row, makers: &[(String, String)]) -> Option<String> {
    if let Some(name) = &row.name {
        let plain = name
            .strip_suffix(" (global)")
            .or(name.strip_suffix(" (regional)"));
        return Some(plain.unwrap_or(name).to_owned());
    }
    let (_, stem) = rules::class(&row.id);
    let (_, bare) = stem.split_once('.')?;
    let begins = |id: &str| {
        let begin = id
            .strip_suffix("-latest")
            .or(id.strip_suffix("-0"))
            .unwrap_or(id);
        let rest = bare.strip_prefix(begin)?;
        (rest.is_empty() || rest.starts_with('-')).then_some(begin.len())
    };
    let named = makers
        .iter()
        .filter_map(|(id, name)| Some((begins(id)?, name)));
    named
        .max_by_key(|(length, _)| *length)
        .map(|(_, name)| name.clone())
}
