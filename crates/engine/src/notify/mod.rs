//! Telling people: from a message of the core, which holds facts only, to a letter in somebody's
//! language (rules 8).
//!
//! The words are templates in `crates/engine/templates`: one plain-text file per kind and language
//! with a line for others (`notice`), `subject`, `heading`, `body`, `facts` (a line `label: value`
//! each) and `next`; `frame.txt` holds what surrounds every message. They know no markup. Markup is
//! in the layouts alone, and there everything is escaped: no user's text is ever read as HTML, as
//! MJML or as a header.

mod facts;
mod language;
mod letter;
mod templates;

pub use language::Language;
pub use letter::{Letter, LetterError, Reader, Stationery};
