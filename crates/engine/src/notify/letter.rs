//! Letters: one message, in one language, for one reader.

use minijinja::Value;
use weir_core::calendar::Zone;
use weir_core::message::{Audience, Message, Tone};

use super::facts::{Facts, Sayer, cleaned};
use super::language::Language;
use super::templates::Templates;

/// A message in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Everything, as plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The message in one line, about somebody else: for alerts and chats.
    pub notice: String,
}

/// Whom a letter is written for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// As what they read it. Only the user it is about gets a personal message in full; for others
    /// it is one line and the facts.
    pub audience: Audience,
    /// In which language.
    pub language: Language,
    /// What to call them.
    pub name: Option<String>,
}

/// A template does not fit a message: a defect of Weir, which tests look for.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the message `{kind}` in `{language}`")]
pub struct LetterError {
    kind: &'static str,
    language: Language,
    source: minijinja::Error,
}

/// What letters are written on.
pub struct Stationery {
    templates: Templates,
    zone: Zone,
    contact: Option<String>,
}

impl Stationery {
    /// With times of that zone, and whom to ask.
    pub fn new(zone: Zone, contact: Option<String>) -> Self {
        Self {
            templates: Templates::new(),
            zone,
            contact,
        }
    }

    /// Writes a letter.
    pub fn write(&self, message: &Message, reader: &Reader) -> Result<Letter, LetterError> {
        self.compose(message, reader).map_err(|source| LetterError {
            kind: message.kind().as_str(),
            language: reader.language,
            source,
        })
    }

    fn compose(&self, message: &Message, reader: &Reader) -> Result<Letter, minijinja::Error> {
        let (kind, language) = (message.kind(), reader.language);
        let sayer = Sayer {
            language,
            zone: &self.zone,
        };
        let words = self
            .templates
            .words(kind.as_str(), language, sayer.facts(message))?;
        let own = !kind.is_personal() || reader.audience == Audience::User;
        let notice = one_line(&words["notice"]);
        let (subject, heading) = if own {
            (one_line(&words["subject"]), one_line(&words["heading"]))
        } else {
            (notice.clone(), notice.clone())
        };
        let frame = Facts::from([
            ("name", given_name(reader)),
            ("contact", self.contact.as_deref().map(cleaned).into()),
            ("zone", self.zone.name().into()),
            ("id", cleaned(&message.id()).into()),
        ]);
        let frame = self.templates.frame(language, frame)?;
        let part = |name: &str| {
            if own {
                paragraphs(&words[name])
            } else {
                Vec::new()
            }
        };
        let mut page = Facts::from([
            ("language", language.as_str().into()),
            ("subject", subject.clone().into()),
            (
                "preview",
                part("body")
                    .into_iter()
                    .next()
                    .unwrap_or_else(|| notice.clone())
                    .into(),
            ),
            ("rule", "=".repeat(heading.chars().count().min(72)).into()),
            ("heading", heading.into()),
            ("colour", colour(kind.tone()).into()),
            ("body", part("body").into()),
            ("facts", rows(&words["facts"])),
            ("next", part("next").into()),
            ("meter", Sayer::meter(message).into()),
        ]);
        page.extend(frame.into_iter().map(|(name, text)| {
            let shown = own || name != "greeting";
            let text = if shown {
                one_line(&text)
            } else {
                String::new()
            };
            (name, text.into())
        }));
        Ok(Letter {
            text: self.templates.text(&page)?,
            html: self.templates.html(&page)?,
            subject,
            notice,
        })
    }
}

/// The reader's first name; whole where it does not look like a person's.
fn given_name(reader: &Reader) -> Value {
    let name = reader.name.as_deref().map(cleaned).unwrap_or_default();
    name.split(' ').next().unwrap_or_default().into()
}

/// The colours of rules N2, and a grey for news.
const fn colour(tone: Tone) -> &'static str {
    match tone {
        Tone::Warning => "#F4B860",
        Tone::Block => "#EC7266",
        Tone::Restore => "#9CD286",
        Tone::Notice => "#CBD2D9",
    }
}

/// Runs of white space become one blank; a space that must not break stays.
fn one_line(text: &str) -> String {
    let words = text.split([' ', '\t', '\r', '\n']);
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n")
        .map(one_line)
        .filter(|paragraph| !paragraph.is_empty())
        .collect()
}

/// Lines of `label: value`. Labels are the templates' own, so the first colon is theirs.
fn rows(text: &str) -> Value {
    let row = |line: &str| {
        let (label, value) = line.split_once(": ")?;
        let row = Facts::from([
            ("label", one_line(label).into()),
            ("value", one_line(value).into()),
        ]);
        Some(Value::from(row))
    };
    text.lines().filter_map(row).collect::<Vec<_>>().into()
}
