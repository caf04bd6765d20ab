//! The only place that prints: data to standard output, everything else to standard error.

use std::io::{self, BufRead, IsTerminal, Write};

use serde::Serialize;

use crate::exit::CliError;
use crate::table::Table;

/// Where a command's words go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    json: bool,
}

#[expect(
    clippy::unused_self,
    reason = "whoever prints has been handed the right to"
)]
impl Printer {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether `--json` was asked for.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Data, as it is.
    pub(crate) fn data(self, text: &str) -> Result<(), CliError> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            // Whoever read us has had enough: `weir usage | head`.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(CliError::io("cannot write to standard output")),
        }
    }

    /// A line of data.
    pub(crate) fn line(self, text: &str) -> Result<(), CliError> {
        self.data(&format!("{text}\n"))
    }

    /// JSON, indented, keys in the order of the struct.
    pub(crate) fn json(self, value: &impl Serialize) -> Result<(), CliError> {
        self.line(&pretty(value)?)
    }

    /// An array of JSON whose items are printed one by one, each at once: who is stopped half way has said all he did.
    pub(crate) fn json_array(self) -> JsonArray {
        JsonArray {
            printer: self,
            is_empty: true,
        }
    }

    /// An object of JSON whose first field is a list that is printed item by item, each at once.
    pub(crate) fn json_after(self, list: &'static str) -> JsonAfter {
        JsonAfter {
            printer: self,
            list,
            place: Place::Alone,
            is_empty: true,
        }
    }

    /// JSON if asked for, else a table; `nothing` says on standard error that it is empty.
    pub(crate) fn rows<T: Serialize>(
        self,
        rows: &[T],
        nothing: &str,
        table: impl FnOnce(&[T]) -> Table,
    ) -> Result<(), CliError> {
        self.viewed(rows, |row| row, nothing, table)
    }

    /// The same, with a view of each row as JSON.
    pub(crate) fn viewed<'a, T, V: Serialize>(
        self,
        rows: &'a [T],
        view: impl Fn(&'a T) -> V,
        nothing: &str,
        table: impl FnOnce(&'a [T]) -> Table,
    ) -> Result<(), CliError> {
        if self.json {
            return self.json(&rows.iter().map(view).collect::<Vec<_>>());
        }
        if rows.is_empty() {
            self.note(nothing);
            return Ok(());
        }
        self.data(&table(rows).to_string())
    }

    /// Something people may want to know.
    pub(crate) fn note(self, text: &str) {
        // Nobody to tell when standard error is gone.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Something that may go wrong.
    pub(crate) fn warn(self, text: &str) {
        self.note(&format!("warning: {text}"));
    }

    /// Why the command failed, with causes that the text does not name yet.
    pub(crate) fn error(self, error: &dyn std::error::Error) {
        let mut text = format!("error: {error}");
        let mut cause = error.source();
        while let Some(inner) = cause {
            let words = inner.to_string();
            if !text.contains(&words) {
                text = format!("{text}: {words}");
            }
            cause = inner.source();
        }
        self.note(&text);
    }

    /// Asks, if there is somebody at the terminal; `None` if there is nobody.
    pub(crate) fn ask(self, question: &str) -> Result<Option<bool>, CliError> {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Ok(None);
        }
        let answer = typed(&format!("{question} [y/N] "))?;
        Ok(Some(matches!(answer.to_lowercase().as_str(), "y" | "yes")))
    }

    /// Asks for one of these words; the first is taken by whoever says nothing, or is not there.
    pub(crate) fn choose<'a>(self, question: &str, words: &[&'a str]) -> Result<&'a str, CliError> {
        let first = words.first().copied().unwrap_or_default();
        loop {
            let question = format!("{question} ({})", words.join(", "));
            let said = self.answer(&question, first)?;
            if let Some(word) = words.iter().copied().find(|word| *word == said) {
                return Ok(word);
            }
            self.note(&format!("`{said}` is none of {}", words.join(", ")));
        }
    }

    /// Asks for a text; `usual` is taken by whoever says nothing, or is not there.
    pub(crate) fn answer(self, question: &str, usual: &str) -> Result<String, CliError> {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            self.note(&format!(
                "{question}: {usual}, unless a flag says otherwise"
            ));
            return Ok(usual.to_owned());
        }
        let said = typed(&format!("{question} [{usual}] "))?;
        Ok(if said.is_empty() {
            usual.to_owned()
        } else {
            said
        })
    }

    /// Asks for a text that has no usual answer.
    pub(crate) fn ask_for(self, what: &str) -> Result<String, CliError> {
        typed(&format!("{what}: "))
    }

    /// Whether somebody watches standard error.
    pub(crate) fn is_watched() -> bool {
        io::stderr().is_terminal()
    }

    /// Whether somebody could type at standard input.
    pub(crate) fn is_interactive() -> bool {
        io::stdin().is_terminal()
    }
}

/// An array of JSON that grows.
#[derive(Debug)]
pub(crate) struct JsonArray {
    printer: Printer,
    is_empty: bool,
}

impl JsonArray {
    /// The next item, an object whose first field is a list that is printed item by item.
    pub(crate) fn item_after(&mut self, list: &'static str) -> JsonAfter {
        let is_first = std::mem::take(&mut self.is_empty);
        JsonAfter {
            place: if is_first { Place::First } else { Place::Next },
            ..self.printer.json_after(list)
        }
    }

    /// Ends the array.
    pub(crate) fn end(self) -> Result<(), CliError> {
        self.printer.line(if self.is_empty { "[]" } else { "\n]" })
    }
}

/// An object of JSON that begins with a growing list.
#[derive(Debug)]
pub(crate) struct JsonAfter {
    printer: Printer,
    list: &'static str,
    place: Place,
    is_empty: bool,
}

/// Where an object stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It is the document.
    Alone,
    /// It is the first item of an array.
    First,
    /// It is another item of one.
    Next,
}

impl Place {
    const fn before(self) -> &'static str {
        match self {
            Self::Alone => "",
            Self::First => "[\n",
            Self::Next => ",\n",
        }
    }

    fn indented(self, json: &str) -> String {
        match self {
            Self::Alone => json.to_owned(),
            Self::First | Self::Next => indented(json),
        }
    }
}

impl JsonAfter {
    /// Prints the next item of the list.
    pub(crate) fn item(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        let before = if self.is_empty {
            let head = self.place.indented(&format!("{{\n  \"{}\": [", self.list));
            format!("{}{head}\n", self.place.before())
        } else {
            ",\n".to_owned()
        };
        let text = self.place.indented(&indented(&indented(&pretty(value)?)));
        self.printer.data(&format!("{before}{text}"))?;
        self.is_empty = false;
        Ok(())
    }

    /// Ends the list, and prints the other fields: of an object that has some.
    pub(crate) fn end(self, rest: &impl Serialize) -> Result<(), CliError> {
        let rest = pretty(rest)?;
        let text = if self.is_empty {
            format!("{}{}", self.place.before(), self.place.indented(&rest))
        } else {
            let fields = rest.strip_prefix('{').unwrap_or(&rest);
            format!("\n{}", self.place.indented(&format!("  ],{fields}")))
        };
        match self.place {
            Place::Alone => self.printer.line(&text),
            Place::First | Place::Next => self.printer.data(&text),
        }
    }
}

fn pretty(value: &impl Serialize) -> Result<String, CliError> {
    serde_json::to_string_pretty(value)
        .map_err(|error| CliError::Failed(format!("cannot write JSON: {error}")))
}

/// Line breaks within a text are escaped in JSON, so that each is one of its layout.
fn indented(json: &str) -> String {
    let lines: Vec<_> = json.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

/// Prompts on standard error and reads the line that is typed.
fn typed(prompt: &str) -> Result<String, CliError> {
    let mut err = io::stderr().lock();
    let _ = write!(err, "{prompt}");
    let _ = err.flush();
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(CliError::io("cannot read the answer"))?;
    Ok(answer.trim().to_owned())
}
