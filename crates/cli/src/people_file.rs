//! People in a CSV file, as spreadsheets write it.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use crate::exit::CliError;

/// The most that is read.
const MOST: u64 = 16 << 20;

/// One line: its number and what it says, column by column. Empty cells say nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) line: u64,
    cells: BTreeMap<String, String>,
}

impl Row {
    /// What a column says.
    pub(crate) fn get(&self, column: &str) -> Option<&str> {
        self.cells.get(column).map(String::as_str)
    }

    /// What a column says that must say something.
    pub(crate) fn need(&self, column: &str) -> Result<&str, CliError> {
        self.get(column).ok_or_else(|| {
            CliError::Usage(format!(
                "line {}: the column `{column}` is empty",
                self.line
            ))
        })
    }

    /// Several words in one cell.
    pub(crate) fn words(&self, column: &str) -> Vec<String> {
        let words = self.get(column).unwrap_or_default().split_whitespace();
        words
            .map(|word| word.trim_matches(['|', ',', ';']).to_owned())
            .collect()
    }
}

/// Reads a file, or standard input for `-`. The header names the columns, in any order; a column that
/// is not among `known` is refused, and one that is in `needed` must be there.
pub(crate) fn read(path: &Path, needed: &[&str], known: &[&str]) -> Result<Vec<Row>, CliError> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        let read = std::io::stdin().lock().take(MOST).read_to_end(&mut bytes);
        read.map_err(CliError::io("cannot read standard input"))?;
    } else {
        let what = || format!("cannot read {name}");
        let file = std::fs::File::open(path).map_err(CliError::io(what()))?;
        let read = file.take(MOST).read_to_end(&mut bytes);
        read.map_err(CliError::io(what()))?;
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].split(|byte| *byte == b'\n').count();
        CliError::Usage(format!(
            "{name}: line {line} is not UTF-8: save the file as CSV UTF-8"
        ))
    })?;
    parse(&text, needed, known).map_err(|why| CliError::Usage(format!("{name}: {why}")))
}

fn parse(text: &str, needed: &[&str], known: &[&str]) -> Result<Vec<Row>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let header = text.lines().next().unwrap_or_default();
    // Spreadsheets of half of Europe write semicolons.
    let delimiter = if header.contains(';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns = reader.headers().map_err(|error| error.to_string())?.clone();
    let columns: Vec<String> = columns.iter().map(str::to_lowercase).collect();
    for (at, column) in columns.iter().enumerate() {
        if !known.contains(&column.as_str()) {
            return Err(format!(
                "there is no column `{column}`; there are {}",
                known.join(", ")
            ));
        }
        if columns[..at].contains(column) {
            return Err(format!("the column `{column}` comes twice"));
        }
    }
    for column in needed {
        if !columns.iter().any(|known| known == column) {
            return Err(format!(
                "the column `{column}` is missing in the first line"
            ));
        }
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells = columns
            .iter()
            .cloned()
            .zip(record.iter().map(str::to_owned));
        let cells: BTreeMap<_, _> = cells.filter(|(_, cell)| !cell.is_empty()).collect();
        if !cells.is_empty() {
            rows.push(Row { line, cells });
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["user", "person", "tools"];

    fn read(text: &str) -> Result<Vec<Row>, String> {
        parse(text, &["user"], &KNOWN)
    }

    #[test]
    fn what_spreadsheets_write_is_read() {
        for text in [
            "user,person,tools\nana,\"López, Ana\",cline kiro\n\nben,,\n",
            "\u{feff}User;Person;Tools\r\nana;López, Ana;cline kiro\r\nben;;\r\n",
        ] {
            let rows = read(text).unwrap();
            assert_eq!(rows.len(), 2, "{rows:?}");
            assert_eq!(rows[0].get("person"), Some("López, Ana"));
            assert_eq!(rows[0].words("tools"), ["cline", "kiro"]);
            assert_eq!(rows[1].get("person"), None);
            assert!(
                rows[1]
                    .need("person")
                    .unwrap_err()
                    .to_string()
                    .contains("line")
            );
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (text, words) in [
            ("", "`user` is missing"),
            ("person\nAna\n", "`user` is missing"),
            (
                "user,colour\nana,red\n",
                "no column `colour`; there are user, person, tools",
            ),
            ("user,user\nana,ana\n", "comes twice"),
            ("user,person\nana\n", "line: 2"),
        ] {
            let said = read(text).unwrap_err();
            assert!(said.contains(words), "{text}: {said}");
        }
    }
}
