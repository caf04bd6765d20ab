//! Values that are more than text, read so that a bad one is an error at its line.

use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::str::FromStr;

use jiff::SignedDuration;
use regex_lite::Regex;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use weir_core::ids::AccountId;

/// A value that is written as text.
pub(super) fn parsed<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

/// A duration such as `15m`, `12h`, `7d`; `0` is none.
pub(super) fn duration<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<SignedDuration>, D::Error> {
    let text = String::deserialize(from)?;
    match text.trim() {
        "0" => Ok(Some(SignedDuration::ZERO)),
        text => weir_core::duration::parse(text)
            .map(Some)
            .map_err(D::Error::custom),
    }
}

/// As [`duration`], and at least a day: what is kept for less could be asked for before it came.
pub(super) fn term<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SignedDuration>, D::Error> {
    match duration(from)? {
        Some(term) if term < SignedDuration::from_hours(24) => {
            Err(D::Error::custom("a term of retention is at least 1d"))
        }
        term => Ok(term),
    }
}

/// As [`duration`], and at least a year: what proves a decision stays until its books are closed.
pub(super) fn term_of_record<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<SignedDuration>, D::Error> {
    match duration(from)? {
        Some(term) if term < SignedDuration::from_hours(365 * 24) => {
            Err(D::Error::custom("the audit log is kept for at least 365d"))
        }
        term => Ok(term),
    }
}

/// A regular expression that has a group 1.
pub(super) fn pattern<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Regex>, D::Error> {
    let text = String::deserialize(from)?;
    let regex = Regex::new(&text).map_err(|error| {
        D::Error::custom(format!("`{text}` is not a regular expression: {error}"))
    })?;
    if regex.captures_len() < 2 {
        return Err(D::Error::custom(format!(
            "`{text}` has no group: put parentheses around the part that is the team"
        )));
    }
    Ok(Some(regex))
}

/// A twelve-digit account id.
pub(super) fn account<'de, D: Deserializer<'de>>(from: D) -> Result<Option<AccountId>, D::Error> {
    let text = String::deserialize(from)?;
    if is_account(&text) {
        Ok(Some(AccountId::new(text)))
    } else {
        Err(D::Error::custom(format!(
            "`{text}` is not an AWS account: twelve digits in quotes"
        )))
    }
}

pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An entry that is written as a text, or as a table that says more.
#[derive(Clone, Debug)]
pub(crate) struct TextOrTable<T>(pub(crate) T);

impl<'de, T> Deserialize<'de> for TextOrTable<T>
where
    T: FromStr<Err: Display> + Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Entry<T>(PhantomData<T>);

        impl<'de, T: FromStr<Err: Display> + Deserialize<'de>> Visitor<'de> for Entry<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a table")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(table))
            }
        }

        from.deserialize_any(Entry(PhantomData)).map(Self)
    }
}
