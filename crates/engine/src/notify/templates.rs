//! The template files, which are part of the binary.

use std::collections::BTreeMap;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, Value};

use super::facts::Facts;
use super::language::Language;

/// The blocks of a message's template.
const WORDS: [&str; 6] = ["notice", "subject", "heading", "body", "facts", "next"];
/// The blocks of `frame.txt`.
const FRAME: [&str; 4] = ["greeting", "next_title", "contact", "footer"];

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        [$(
            (concat!("es/", $name), include_str!(concat!("../../templates/es/", $name, ".txt"))),
            (concat!("en/", $name), include_str!(concat!("../../templates/en/", $name, ".txt"))),
        )+]
    };
}

const FILES: [(&str, &str); 54] = files![
    "frame",
    "blocked-by-administrator",
    "blocked",
    "channel-test",
    "daily-summary",
    "digest",
    "enforcement-failed",
    "held",
    "incident-closed",
    "intake-silent",
    "calls-missing",
    "leak",
    "limit-reached",
    "monthly-summary",
    "new-user",
    "protected-over-limit",
    "protection-ended",
    "protection-granted",
    "quota-warning",
    "reset-failed",
    "team-quota-exceeded",
    "team-quota-warning",
    "unblocked-by-administrator",
    "unblocked",
    "unpriced-model",
    "user-succession",
    "weekly-summary",
];
const LAYOUT_TEXT: &str = include_str!("../../templates/layout.txt");
/// Made from `templates/layout.mjml` by the build script.
const LAYOUT_HTML: &str = include_str!(concat!(env!("OUT_DIR"), "/layout.html"));

/// All templates, read.
pub(super) struct Templates {
    /// Plain text, nothing escaped: its results are data for the layouts.
    words: Environment<'static>,
    text: Environment<'static>,
    /// Everything escaped.
    html: Environment<'static>,
}

impl Templates {
    pub(super) fn new() -> Self {
        let mut words = environment(AutoEscape::None, false);
        for (name, source) in FILES {
            add(&mut words, name, source);
        }
        let mut text = environment(AutoEscape::None, true);
        add(&mut text, "layout", LAYOUT_TEXT);
        let mut html = environment(AutoEscape::Html, false);
        add(&mut html, "layout", LAYOUT_HTML);
        Self { words, text, html }
    }

    /// The parts of a message.
    pub(super) fn words(
        &self,
        kind: &str,
        language: Language,
        facts: Facts,
    ) -> Result<BTreeMap<&'static str, String>, Error> {
        self.blocks(&format!("{language}/{kind}"), &WORDS, facts)
    }

    /// What surrounds every message.
    pub(super) fn frame(
        &self,
        language: Language,
        facts: Facts,
    ) -> Result<BTreeMap<&'static str, String>, Error> {
        self.blocks(&format!("{language}/frame"), &FRAME, facts)
    }

    pub(super) fn text(&self, page: &Facts) -> Result<String, Error> {
        self.text.get_template("layout")?.render(page)
    }

    pub(super) fn html(&self, page: &Facts) -> Result<String, Error> {
        self.html.get_template("layout")?.render(page)
    }

    fn blocks(
        &self,
        name: &str,
        wanted: &[&'static str],
        facts: Facts,
    ) -> Result<BTreeMap<&'static str, String>, Error> {
        let mut rendered = self
            .words
            .get_template(name)?
            .render_captured(Value::from(facts))?;
        wanted
            .iter()
            .map(|block| {
                let text = rendered.with_state_mut(|state| state.render_block(block))?;
                Ok((*block, text))
            })
            .collect()
    }
}

fn environment(escape: AutoEscape, trim: bool) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(move |_| escape.clone());
    // A misspelt name is an error and not an empty place in somebody's mail.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter("capitalize_first", |text: &str| {
        let mut chars = text.chars();
        let first = chars.next();
        first.map_or_else(String::new, |first| {
            first.to_uppercase().chain(chars).collect::<String>()
        })
    });
    if trim
        && let Ok(syntax) = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()
    {
        environment.set_syntax(syntax);
    }
    environment
}

/// A file that cannot be read leaves its name unknown, which its first use says; a test reads all.
fn add(environment: &mut Environment<'static>, name: &'static str, source: &'static str) {
    if let Err(error) = environment.add_template(name, source) {
        tracing::error!(template = name, %error, "a template of a message is wrong");
    }
}
