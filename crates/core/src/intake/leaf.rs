//! Fields whose types are not taken for granted.
//!
//! A field of the wrong type must not fail the whole record while it is deserialised: the record
//! may turn out to be somebody else's event, and serde's message would quote the value. So every
//! field is taken as it comes and judged later, by name.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::item::RefusalKind;
use crate::tokens::MAX_TOKENS_PER_CALL;

/// What is wrong, to be completed with the place by [`super::form`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) kind: RefusalKind,
    pub(super) what: String,
}

impl Problem {
    pub(super) fn new(kind: RefusalKind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
        }
    }

    pub(super) fn field(field: &str, what: &str) -> Self {
        Self::new(RefusalKind::BadField, format!("`{field}` {what}"))
    }
}

/// A type that any JSON value can be read into.
pub(super) trait Lenient<'de>: Sized {
    /// From a value that is none of those with a method of their own.
    fn other(found: Leaf<'de>) -> Self;

    /// From an object.
    fn object<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        IgnoredAny.visit_map(map).map(|_| Self::other(Leaf::Object))
    }

    /// From a list.
    fn list<A: SeqAccess<'de>>(seq: A) -> Result<Self, A::Error> {
        IgnoredAny.visit_seq(seq).map(|_| Self::other(Leaf::List))
    }
}

/// Reads whatever is there.
pub(super) fn lenient<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Lenient<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(LenientVisitor(PhantomData))
}

struct LenientVisitor<T>(PhantomData<T>);

impl<'de, T: Lenient<'de>> Visitor<'de> for LenientVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        Ok(T::other(Leaf::Missing))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<T, E> {
        Ok(T::other(Leaf::Flag(flag)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        Ok(T::other(Leaf::Whole(number)))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        Ok(T::other(
            u64::try_from(number).map_or(Leaf::Negative, Leaf::Whole),
        ))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        Ok(T::other(if number < 0.0 {
            Leaf::Negative
        } else {
            Leaf::Fraction
        }))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<T, E> {
        Ok(T::other(Leaf::Text(Cow::Borrowed(text))))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Ok(T::other(Leaf::Text(Cow::Owned(text.to_owned()))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        T::list(seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::object(map)
    }
}

/// A value that should be a text, a number or a flag. `null` is as good as missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Leaf<'a> {
    #[default]
    Missing,
    Flag(bool),
    Whole(u64),
    Negative,
    Fraction,
    Text(Cow<'a, str>),
    List,
    Object,
}

impl Leaf<'_> {
    const fn is_a(&self) -> &'static str {
        match self {
            Self::Missing => "is missing",
            Self::Flag(_) => "is a boolean",
            Self::Whole(_) | Self::Negative | Self::Fraction => "is a number",
            Self::Text(_) => "is a text",
            Self::List => "is a list",
            Self::Object => "is an object",
        }
    }

    /// The text, if it is one and not empty.
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The text, if there is one. Empty is as good as missing.
    pub(super) fn text(&self, field: &str) -> Result<Option<&str>, Problem> {
        match self {
            Self::Missing | Self::Text(_) => Ok(self.as_str()),
            other => Err(Problem::field(
                field,
                &format!("{}, not a text", other.is_a()),
            )),
        }
    }

    /// The text, which must be there.
    pub(super) fn required(&self, field: &str) -> Result<&str, Problem> {
        self.text(field)?.ok_or_else(|| match self {
            Self::Missing => Problem::field(field, "is missing"),
            _ => Problem::field(field, "is empty"),
        })
    }

    /// The token count, if there is one.
    pub(super) fn count(&self, field: &str) -> Result<Option<u64>, Problem> {
        match self {
            Self::Missing => Ok(None),
            Self::Whole(count) if *count <= MAX_TOKENS_PER_CALL => Ok(Some(*count)),
            Self::Whole(_) => Err(Problem::field(
                field,
                &format!("is more than {MAX_TOKENS_PER_CALL}, which no call can use"),
            )),
            Self::Negative => Err(Problem::field(field, "is negative")),
            Self::Fraction => Err(Problem::field(field, "is not a whole number in range")),
            other => Err(Problem::field(
                field,
                &format!("{}, not a number", other.is_a()),
            )),
        }
    }

    /// The flag: a boolean, or the words CloudTrail uses for one.
    pub(super) fn flag(&self, field: &str) -> Result<bool, Problem> {
        match self {
            Self::Missing => Ok(false),
            Self::Flag(flag) => Ok(*flag),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Self::Text(text) if text.is_empty() || text.eq_ignore_ascii_case("false") => Ok(false),
            other => Err(Problem::field(
                field,
                &format!("{}, not a boolean", other.is_a()),
            )),
        }
    }

    /// Digits in quotes as the number they are, for places where numbers are known to be quoted.
    pub(super) fn unquoted(self) -> Self {
        match &self {
            Self::Text(text) => text.parse().map_or(self, Self::Whole),
            _ => self,
        }
    }
}

impl<'de: 'a, 'a> Lenient<'de> for Leaf<'a> {
    fn other(found: Leaf<'de>) -> Self {
        found
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Leaf<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
    }
}

/// A value that should be an object of known fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Group<T> {
    #[default]
    Missing,
    Is(T),
    /// Something else, in words.
    Other(&'static str),
}

impl<T> Group<T> {
    /// The object, if it is one.
    pub(super) fn get(&self) -> Option<&T> {
        match self {
            Self::Is(group) => Some(group),
            Self::Missing | Self::Other(_) => None,
        }
    }

    /// The object, if there is one; an error if something else is in its place.
    pub(super) fn object(&self, field: &str) -> Result<Option<&T>, Problem> {
        match self {
            Self::Other(is_a) => Err(Problem::field(field, &format!("{is_a}, not an object"))),
            _ => Ok(self.get()),
        }
    }
}

impl<'de, T: Deserialize<'de>> Lenient<'de> for Group<T> {
    fn other(found: Leaf<'de>) -> Self {
        match found {
            Leaf::Missing => Self::Missing,
            found => Self::Other(found.is_a()),
        }
    }

    fn object<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Self::Is)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Group<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(json: &str) -> Leaf<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn counts_are_whole_and_in_range() {
        for (json, want) in [
            ("null", Ok(None)),
            ("0", Ok(Some(0))),
            ("1000000000000", Ok(Some(1_000_000_000_000))),
            (
                "1000000000001",
                Err("`n` is more than 1000000000000, which no call can use"),
            ),
            (
                "18446744073709551616",
                Err("`n` is not a whole number in range"),
            ),
            ("-1", Err("`n` is negative")),
            ("-1.5", Err("`n` is negative")),
            ("1.5", Err("`n` is not a whole number in range")),
            ("\"12\"", Err("`n` is a text, not a number")),
            ("true", Err("`n` is a boolean, not a number")),
            ("[1]", Err("`n` is a list, not a number")),
            ("{\"n\":1}", Err("`n` is an object, not a number")),
        ] {
            let got = leaf(json).count("n").map_err(|problem| problem.what);
            assert_eq!(got, want.map_err(str::to_owned), "{json}");
        }
        assert_eq!(leaf("\"12\"").unquoted(), Leaf::Whole(12));
        assert_eq!(leaf("\"-12\"").unquoted(), leaf("\"-12\""));
    }

    #[test]
    fn texts_and_flags() {
        for (json, text, flag) in [
            ("null", Ok(None), Ok(false)),
            ("\"\"", Ok(None), Ok(false)),
            ("\"True\"", Ok(Some("True")), Ok(true)),
            ("\"t\\u0072ue\"", Ok(Some("true")), Ok(true)),
            (
                "\"no\"",
                Ok(Some("no")),
                Err("`f` is a text, not a boolean"),
            ),
            ("true", Err("`f` is a boolean, not a text"), Ok(true)),
            (
                "7",
                Err("`f` is a number, not a text"),
                Err("`f` is a number, not a boolean"),
            ),
        ] {
            let leaf = leaf(json);
            let message = |problem: Problem| problem.what;
            assert_eq!(
                leaf.text("f").map_err(message),
                text.map_err(str::to_owned),
                "{json}"
            );
            assert_eq!(
                leaf.flag("f").map_err(message),
                flag.map_err(str::to_owned),
                "{json}"
            );
        }
    }
}
