//! The columns of a list as CSV: those of the document that describes its rows, whatever the rows that come
//! first have in them. Rows leave page by page, so that what a later one has must be foreseen.

use std::collections::BTreeMap;

use serde_json::Value;

/// What tells rows apart comes first; the rest follows in the order of the letters.
const FIRST: [&str; 10] = [
    "seq",
    "day",
    "at",
    "request_id",
    "user_id",
    "id",
    "key",
    "and",
    "team",
    "name",
];

/// The columns of a list.
#[derive(Debug, Default)]
pub(super) struct Columns {
    names: Vec<String>,
    /// Objects whose fields the document does not name, as the days of a user.
    open: Vec<String>,
}

impl Columns {
    /// Of the rows that this address has under this name.
    pub(super) fn of(document: &Value, address: &str, list: &str) -> Self {
        let answer = &document["paths"][address]["get"]["responses"]["200"];
        let answer = resolved(document, &answer["content"]["application/json"]["schema"]);
        let mut columns = Self::default();
        let rows = &resolved(document, &answer["properties"][list])["items"];
        columns.add(document, "", rows);
        columns.sort();
        columns
    }

    fn add(&mut self, document: &Value, name: &str, schema: &Value) {
        let schema = resolved(document, schema);
        let choices = ["oneOf", "anyOf", "allOf"].into_iter();
        let choices = choices.filter_map(|key| schema[key].as_array()).flatten();
        let choices: Vec<_> = choices.filter(|one| one["type"] != "null").collect();
        if !choices.is_empty() {
            for choice in choices {
                self.add(document, name, choice);
            }
        } else if let Some(fields) = schema["properties"].as_object() {
            for (field, schema) in fields {
                self.add(document, &within(name, field), schema);
            }
        } else if schema["additionalProperties"].is_object() {
            self.open.push(name.to_owned());
        } else if !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }

    fn sort(&mut self) {
        let rank = |name: &str| {
            let known = FIRST.iter().position(|known| *known == name);
            known.unwrap_or(FIRST.len())
        };
        self.names
            .sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
    }

    /// With those that the fields of open objects of these rows make. Every row of a list has the same ones.
    pub(super) fn with_open(mut self, rows: &[Value]) -> Self {
        for row in rows {
            for name in self.cells(row).into_keys() {
                let in_open = |open: &String| {
                    name.strip_prefix(open.as_str())
                        .is_some_and(|field| field.starts_with('.'))
                };
                if self.open.iter().any(in_open) && !self.names.contains(&name) {
                    self.names.push(name);
                }
            }
        }
        self.sort();
        self
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The cells of a row, in the order of the columns.
    pub(super) fn row(&self, row: &Value) -> Vec<String> {
        let mut cells = self.cells(row);
        let cells = self
            .names
            .iter()
            .map(|name| cells.remove(name).unwrap_or_default());
        cells.collect()
    }

    fn cells(&self, row: &Value) -> BTreeMap<String, String> {
        let mut cells = BTreeMap::new();
        self.put(&mut cells, "", row);
        cells
    }

    fn put(&self, cells: &mut BTreeMap<String, String>, name: &str, value: &Value) {
        match value {
            Value::Object(fields) if !self.names.iter().any(|known| known == name) => {
                for (field, value) in fields {
                    self.put(cells, &within(name, field), value);
                }
            }
            other => _ = cells.insert(name.to_owned(), text(other)),
        }
    }
}

/// What a cell holds: of a list of plain values all of them, of whatever else has parts its JSON.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items)
            if items
                .iter()
                .all(|item| !item.is_object() && !item.is_array()) =>
        {
            let items = items.iter().map(|item| match item {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            let items: Vec<_> = items.collect();
            items.join(" ")
        }
        other => other.to_string(),
    }
}

fn within(name: &str, field: &str) -> String {
    if name.is_empty() {
        field.to_owned()
    } else {
        format!("{name}.{field}")
    }
}

/// What a reference stands for.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let mut schema = schema;
    while let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap_or_default();
        schema = &document["components"]["schemas"][name];
    }
    schema
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::export::LISTS;

    fn columns(address: &str, list: &str) -> Columns {
        let document = serde_json::to_value(crate::api::document()).unwrap();
        Columns::of(&document, address, list)
    }

    #[test]
    fn every_list_has_the_columns_of_its_document() {
        for (address, list) in LISTS {
            let columns = columns(address, list);
            assert!(columns.names.len() > 1, "{address}: {columns:?}");
            assert!(!columns.names.contains(&String::new()), "{address}");
        }
    }

    #[test]
    fn what_is_not_known_of_one_row_has_its_columns_all_the_same() {
        let columns = columns("/api/v1/invocations", "invocations");
        let columns = columns.with_open(&[json!({ "request_id": "a", "tokens": null })]);
        assert!(!columns.names.contains(&"tokens".to_owned()));
        let row = columns.row(&json!({ "request_id": "b", "tokens": { "input": 7 } }));
        let cell = |name: &str| &row[columns.names.iter().position(|one| one == name).unwrap()];
        assert_eq!(
            (cell("request_id").as_str(), cell("tokens.input").as_str()),
            ("b", "7")
        );
        assert_eq!(cell("tokens.output"), "");
    }

    #[test]
    fn days_are_columns_and_facts_of_many_kinds_are_one() {
        let days = columns("/api/v1/usage/matrix", "users");
        let days = days.with_open(&[json!({ "user_id": "ana", "days": { "2026-11-20": "3" } })]);
        assert!(days.names.contains(&"days.2026-11-20".to_owned()));
        let facts = columns("/api/v1/resets", "resets");
        let row = facts.row(&json!({ "date": "2026-11-20", "counts": { "lifted": 1 } }));
        assert!(row.contains(&"{\"lifted\":1}".to_owned()), "{row:?}");
    }
}
