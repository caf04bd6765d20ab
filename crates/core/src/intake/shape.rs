//! The shape of something that could not be read: keys and types, never values.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The most bytes of a shape.
const MOST: usize = 1024;
/// Objects and lists inside more others than this are shown closed.
const DEEPEST: u32 = 4;
/// What people wrote is in here, under keys that they may have chosen.
const CLOSED: [&str; 7] = [
    "body",
    "inputBodyJson",
    "message",
    "messages",
    "metadata",
    "outputBodyJson",
    "requestMetadata",
];

/// The shape of a JSON text, as far as it can be read: `{eventName:text,resources:[{type:text}]}`.
pub(super) fn shape(text: &[u8]) -> String {
    let mut out = Shape {
        text: String::new(),
        depth: 0,
    };
    let mut json = serde_json::Deserializer::from_slice(text);
    if (&mut out).deserialize(&mut json).is_err() && !text.is_empty() {
        out.text.push('…');
    }
    out.text
}

struct Shape {
    text: String,
    depth: u32,
}

impl Shape {
    /// Writes on, or stops the reading when there is enough.
    fn push<E: Error>(&mut self, word: &str) -> Result<(), E> {
        if self.text.len() + word.len() > MOST - '…'.len_utf8() {
            return Err(E::custom("enough"));
        }
        self.text.push_str(word);
        Ok(())
    }
}

/// A key as it may be shown: names of fields may, sentences may not.
fn shown(key: &str) -> &str {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if !key.is_empty() && key.len() <= 48 && key.bytes().all(plain) {
        key
    } else {
        "?"
    }
}

impl<'de> DeserializeSeed<'de> for &mut Shape {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Shape {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.push("null")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.push("flag")
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.push("number")
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.push("number")
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.push("number")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.push("text")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.push("[")?;
        if self.depth < DEEPEST {
            self.depth += 1;
            seq.next_element_seed(&mut *self)?;
            self.depth -= 1;
        }
        let mut more = 0_u64;
        while seq.next_element::<IgnoredAny>()?.is_some() {
            more += 1;
        }
        self.push(&if more > 0 {
            format!(",+{more}]")
        } else {
            "]".to_owned()
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.depth >= DEEPEST {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return self.push("{}");
        }
        self.push("{")?;
        let mut first = true;
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            if !first {
                self.push(",")?;
            }
            first = false;
            self.push(shown(&key))?;
            self.push(":")?;
            let depth = self.depth;
            self.depth = if CLOSED.contains(&&*key) {
                DEEPEST
            } else {
                depth + 1
            };
            map.next_value_seed(&mut *self)?;
            self.depth = depth;
        }
        self.push("}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_types_only() {
        for (text, want) in [
            ("", ""),
            ("17", "number"),
            (
                r#"{"a":"secret","b":[1,"secret"],"c":null}"#,
                "{a:text,b:[number,+1],c:null}",
            ),
            (r#"{"tell me a secret":true,"":-1}"#, "{?:flag,?:number}"),
            (
                r#"{"input":{"inputBodyJson":{"secret":1}}}"#,
                "{input:{inputBodyJson:{}}}",
            ),
            (
                r#"{"requestMetadata":{"secret":"secret"}}"#,
                "{requestMetadata:{}}",
            ),
            (r#"{"a":{"b":{"c":{"d":{"e":1}}}}}"#, "{a:{b:{c:{d:{}}}}}"),
            (r#"{"a":"secr"#, "{a:…"),
            (r#"{"a":1,"b":[{"c":1},{"#, "{a:number,b:[{c:number}…"),
            ("not json: secret", "…"),
        ] {
            assert_eq!(shape(text.as_bytes()), want, "{text}");
        }
    }

    #[test]
    fn never_long_and_never_deep() {
        let many = format!("{{{}}}", vec![r#""key":1"#; 1000].join(","));
        assert!(shape(many.as_bytes()).len() <= MOST);
        let deep = "[".repeat(100_000);
        assert_eq!(shape(deep.as_bytes()), "[[[[[…");
    }
}
