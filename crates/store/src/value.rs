//! What goes into statements and comes out of rows, without a dialect.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::error::StoreError;

/// A value to be bound, or a cell of a JSON document.
#[derive(Clone, Debug)]
pub(crate) enum Arg<'a> {
    Null,
    Int(i64),
    Text(Cow<'a, str>),
}

/// A table of values that a statement takes as one JSON text: an array of arrays.
pub(crate) type Doc<'a> = Vec<Vec<Arg<'a>>>;

/// The JSON text of a document.
pub(crate) fn json<T: Serialize + ?Sized>(document: &T) -> Result<String, StoreError> {
    serde_json::to_string(document).map_err(|error| StoreError::Refused(error.to_string()))
}

impl Serialize for Arg<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl From<i64> for Arg<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Arg<'_> {
    fn from(flag: bool) -> Self {
        Self::Int(i64::from(flag))
    }
}

impl From<u32> for Arg<'_> {
    fn from(number: u32) -> Self {
        Self::Int(i64::from(number))
    }
}

impl From<u64> for Arg<'_> {
    /// Counts and numbers of rows; far inside `i64`.
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Timestamp> for Arg<'_> {
    fn from(at: Timestamp) -> Self {
        Self::Int(at.as_microsecond())
    }
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a, T: Into<Arg<'a>>> From<Option<T>> for Arg<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<'a> From<&'a Value> for Arg<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Int(number) => Self::Int(*number),
            Value::Text(text) => Self::Text(Cow::Borrowed(text)),
        }
    }
}

/// The arguments of a statement.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::value::Arg::from($value)),*] };
}
pub(crate) use args;

/// A value that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
}

/// A row, read from left to right.
#[derive(Debug)]
pub(crate) struct Row {
    cells: std::vec::IntoIter<Value>,
}

impl Row {
    pub(crate) fn new(cells: Vec<Value>) -> Self {
        Self {
            cells: cells.into_iter(),
        }
    }

    fn next(&mut self) -> Value {
        self.cells.next().unwrap_or(Value::Null)
    }

    /// Whatever comes next.
    pub(crate) fn value(&mut self) -> Value {
        self.next()
    }

    pub(crate) fn maybe_int(&mut self, column: &'static str) -> Result<Option<i64>, StoreError> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Int(number) => Ok(Some(number)),
            Value::Text(text) => Err(unreadable(column, &text, "is not a number")),
        }
    }

    pub(crate) fn int(&mut self, column: &'static str) -> Result<i64, StoreError> {
        self.maybe_int(column)?
            .ok_or_else(|| unreadable(column, "", "is missing"))
    }

    pub(crate) fn flag(&mut self, column: &'static str) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    /// A number that is never negative and fits.
    pub(crate) fn count<T: TryFrom<i64>>(&mut self, column: &'static str) -> Result<T, StoreError> {
        let number = self.int(column)?;
        T::try_from(number).map_err(|_| unreadable(column, &number.to_string(), "is out of range"))
    }

    /// As [`Row::count`]; NULL is none.
    pub(crate) fn maybe_count<T: TryFrom<i64>>(
        &mut self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let Some(number) = self.maybe_int(column)? else {
            return Ok(None);
        };
        match T::try_from(number) {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(unreadable(column, &number.to_string(), "is out of range")),
        }
    }

    pub(crate) fn maybe_text(
        &mut self,
        column: &'static str,
    ) -> Result<Option<String>, StoreError> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            Value::Int(number) => Err(unreadable(column, &number.to_string(), "is not a text")),
        }
    }

    pub(crate) fn text(&mut self, column: &'static str) -> Result<String, StoreError> {
        self.maybe_text(column)?
            .ok_or_else(|| unreadable(column, "", "is missing"))
    }

    pub(crate) fn maybe_at(
        &mut self,
        column: &'static str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let Some(micros) = self.maybe_int(column)? else {
            return Ok(None);
        };
        match Timestamp::from_microsecond(micros) {
            Ok(at) => Ok(Some(at)),
            Err(_) => Err(unreadable(column, &micros.to_string(), "is not an instant")),
        }
    }

    pub(crate) fn at(&mut self, column: &'static str) -> Result<Timestamp, StoreError> {
        self.maybe_at(column)?
            .ok_or_else(|| unreadable(column, "", "is missing"))
    }

    /// A word of an enum.
    pub(crate) fn word<T: std::str::FromStr>(
        &mut self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        let text = self.text(column)?;
        text.parse()
            .map_err(|_| unreadable(column, &text, "is not one of the words"))
    }

    /// An id, a text that is taken as it is.
    pub(crate) fn id<T: for<'t> From<&'t str>>(
        &mut self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        Ok(T::from(&self.text(column)?))
    }

    /// As [`Row::id`]; NULL is none.
    pub(crate) fn maybe_id<T: for<'t> From<&'t str>>(
        &mut self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.maybe_text(column)?.map(|text| T::from(&text)))
    }
}

/// What is stored contradicts itself.
pub(crate) fn unreadable(column: &'static str, value: &str, why: &str) -> StoreError {
    let shown: String = value.chars().take(80).collect();
    StoreError::Inconsistent {
        column,
        value: shown,
        why: why.to_owned(),
    }
}
