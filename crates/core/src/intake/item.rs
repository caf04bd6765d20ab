//! What reading gives, and how it may be asked for.

use std::fmt;
use std::io;

use crate::record::Record;

const MIB: u64 = 1024 * 1024;

/// What one piece of input turned into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A record about an invocation.
    Record(Box<Record>),
    /// Nothing to count, and nothing wrong.
    Ignored(Ignored),
    /// Something that should have been a record and cannot be read: a dead letter.
    Refused(Refusal),
}

/// Why something readable is not a record. Counted, never a dead letter (rules C2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ignored {
    /// An event that is not about a model invocation.
    OtherEvent,
    /// CloudWatch Logs checked whether we are there.
    ControlMessage,
    /// A batch, list, message body or whole input without anything in it.
    Empty,
}

/// Why a piece of input could not be read, without a word of its contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of fault it is.
    pub kind: RefusalKind,
    /// Form, place and fault in one sentence, naming the field; never a value.
    pub reason: String,
    /// Keys and the types of their values, at most 1 KB. No values: there may be a prompt in them.
    pub shape: String,
    /// Where in the input it was.
    pub place: Place,
}

/// The kinds of faults, for counting and for filtering dead letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefusalKind {
    /// Not JSON, not gzip, not base64.
    Unreadable,
    /// JSON, but none of the forms that are read here.
    UnknownForm,
    /// A call without the id that makes it count once.
    NoRequestId,
    /// A field is missing, of the wrong type or out of range.
    BadField,
    /// The same key twice, so that nobody can say which holds.
    DuplicateKey,
    /// Beyond the size that is accepted.
    TooLarge,
    /// Nested deeper than is accepted.
    TooDeep,
    /// The input ends in the middle.
    Truncated,
    /// Dated ahead of now. Mostly decided by the caller of this module, who knows what now is.
    Future,
    /// Older than what is kept. Decided by the caller of this module.
    TooOld,
}

impl RefusalKind {
    /// The word stored and shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::UnknownForm => "unknown_form",
            Self::NoRequestId => "no_request_id",
            Self::BadField => "bad_field",
            Self::DuplicateKey => "duplicate_key",
            Self::TooLarge => "too_large",
            Self::TooDeep => "too_deep",
            Self::Truncated => "truncated",
            Self::Future => "future",
            Self::TooOld => "too_old",
        }
    }
}

/// Where in the input something was. Lines and elements are counted from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The line on which it begins.
    pub line: u64,
    /// Which element of the innermost list, if it was in one.
    pub element: Option<u64>,
    /// The id of the SQS message or of the log event that it came in.
    pub message: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(message) = &self.message {
            write!(f, ", message {message}")?;
        }
        if let Some(element) = self.element {
            write!(f, ", element {element}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.reason)
    }
}

/// How to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The keys of `requestMetadata` that are kept (rules C8).
    pub metadata_keys: Vec<String>,
    /// How many bytes all gzip streams of the input may inflate to, together. `None`: no limit.
    pub max_inflated: Option<u64>,
    /// How many bytes one JSON record, or one payload inside a record, may have.
    pub max_record: u64,
}

impl Options {
    /// For payloads of Lambda and HTTP: at most 64 MiB inflated (rules 12).
    pub fn payload() -> Self {
        Self {
            max_inflated: Some(64 * MIB),
            ..Self::default()
        }
    }
}

impl Default for Options {
    /// For files: no limit on their whole size, 64 MiB for a record. Keeps `tool` (rules A11).
    fn default() -> Self {
        Self {
            metadata_keys: vec!["tool".to_owned()],
            max_inflated: None,
            max_record: 64 * MIB,
        }
    }
}

/// The reader that was given failed; what it had delivered until then has been passed on.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the input")]
pub struct ReadError(#[source] pub io::Error);
