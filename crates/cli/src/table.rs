//! Tables for people.

use std::fmt;

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Width, presets};
use weir_core::quota_text;

/// Rows under a header, each column aligned by what it holds.
pub(crate) struct Table {
    inner: comfy_table::Table,
    align: Vec<CellAlignment>,
}

impl Table {
    /// A table with these columns; a `>` before the name aligns a column to the right.
    pub(crate) fn new(columns: &[&str]) -> Self {
        let mut inner = comfy_table::Table::new();
        inner
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled);
        let align: Vec<_> = columns
            .iter()
            .map(|name| {
                if name.starts_with('>') {
                    CellAlignment::Right
                } else {
                    CellAlignment::Left
                }
            })
            .collect();
        let header = columns.iter().zip(&align).map(|(name, align)| {
            Cell::new(name.trim_start_matches('>').to_uppercase()).set_alignment(*align)
        });
        inner.set_header(header.collect::<Vec<_>>());
        Self { inner, align }
    }

    /// Breaks what a column holds into lines of at most so many characters.
    pub(crate) fn wrap(&mut self, column: usize, width: u16) {
        if let Some(column) = self.inner.column_mut(column) {
            column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(width)));
        }
    }

    /// Adds a row; control characters of what others wrote do not reach the terminal.
    pub(crate) fn row<I>(&mut self, cells: I)
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        let cells = cells
            .into_iter()
            .zip(&self.align)
            .map(|(text, align)| Cell::new_owned(clean(text.as_ref())).set_alignment(*align));
        self.inner.add_row(cells.collect::<Vec<_>>());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.inner.lines() {
            // The style pads both sides of every cell.
            let line = line.strip_prefix(' ').unwrap_or(&line);
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// Text of others, fit for a terminal: no control characters, no line breaks.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// The text, or a dash.
pub(crate) fn or_dash(text: Option<&str>) -> &str {
    text.filter(|text| !text.is_empty()).unwrap_or("-")
}

/// A number with the word for one of them, or for several.
pub(crate) fn some(number: u64, one: &str, several: &str) -> String {
    let word = if number == 1 { one } else { several };
    format!("{} {word}", thousands(number))
}

/// A count with its thousands apart.
pub(crate) fn thousands(number: u64) -> String {
    quota_text::thousands(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Lines for people.
#[derive(Debug, Default)]
pub(crate) struct Page(String);

impl Page {
    /// A name and what it stands for, the latter without control characters.
    pub(crate) fn field(&mut self, name: &str, text: &str) {
        self.line(&format!("{name:<14} {}", clean(text)));
    }

    /// A line as it is.
    pub(crate) fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// A table after an empty line.
    pub(crate) fn table(&mut self, table: &Table) {
        self.0.push('\n');
        self.0.push_str(&table.to_string());
    }

    /// All of it.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}
