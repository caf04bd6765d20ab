//! JSON whose numbers stay the text they are. `serde_json` would take decimals through a float, or
//! need a feature that changes its numbers in every crate of the workspace.

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool,
    /// As written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    /// In the order of the file.
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { rest: text };
        let value = reader.value()?;
        reader.space();
        if reader.rest.is_empty() {
            Ok(value)
        } else {
            reader.expected("the end")
        }
    }

    /// The value of a key; `Null` where there is none.
    pub(super) fn get(&self, key: &str) -> &Self {
        self.object()
            .iter()
            .find(|(name, _)| name == key)
            .map_or(&Self::Null, |(_, value)| value)
    }

    pub(super) fn object(&self) -> &[(String, Self)] {
        if let Self::Object(members) = self {
            members
        } else {
            &[]
        }
    }

    pub(super) fn list(&self) -> &[Self] {
        if let Self::List(items) = self {
            items
        } else {
            &[]
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn expected<T>(&self, what: &str) -> Result<T, String> {
        let here: String = self.rest.chars().take(40).collect();
        Err(format!("expected {what} before `{here}`"))
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, token: &str) -> bool {
        self.space();
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self) -> Result<Json, String> {
        for (word, value) in [
            ("null", Json::Null),
            ("true", Json::Bool),
            ("false", Json::Bool),
        ] {
            if self.take(word) {
                return Ok(value);
            }
        }
        match self.rest.chars().next() {
            Some('"') => Ok(Json::Text(self.string()?)),
            Some('[') => self.items().map(Json::List),
            Some('{') => self.members().map(Json::Object),
            Some('-' | '0'..='9') => Ok(Json::Number(self.number())),
            _ => self.expected("a value"),
        }
    }

    fn number(&mut self) -> String {
        let part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let end = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        number.to_owned()
    }

    fn string(&mut self) -> Result<String, String> {
        let mut end = 1;
        let bytes = self.rest.as_bytes();
        while bytes.get(end).is_some_and(|byte| *byte != b'"') {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let Some(literal) = self.rest.get(..=end) else {
            return self.expected("the end of a string");
        };
        let text = serde_json::from_str(literal).map_err(|e| format!("string {literal}: {e}"))?;
        self.rest = &self.rest[literal.len()..];
        Ok(text)
    }

    fn items(&mut self) -> Result<Vec<Json>, String> {
        let mut items = Vec::new();
        self.take("[");
        while !self.take("]") {
            if !items.is_empty() && !self.take(",") {
                return self.expected("`,` or `]`");
            }
            items.push(self.value()?);
        }
        Ok(items)
    }

    fn members(&mut self) -> Result<Vec<(String, Json)>, String> {
        let mut members = Vec::new();
        self.take("{");
        while !self.take("}") {
            if !members.is_empty() && !self.take(",") {
                return self.expected("`,` or `}`");
            }
            self.space();
            if !self.rest.starts_with('"') {
                return self.expected("a name");
            }
            let name = self.string()?;
            if !self.take(":") {
                return self.expected("`:`");
            }
            members.push((name, self.value()?));
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_text() {
        let value = Json::parse(r#" {"a": [0.00875, 1, null, "x\"\u00e9"], "b": {}} "#).unwrap();
        let list = value.get("a").list();
        assert_eq!(list[0], Json::Number("0.00875".to_owned()));
        assert_eq!(list[2], Json::Null);
        assert_eq!(list[3].text(), Some("x\"é"));
        assert_eq!(value.get("b"), &Json::Object(vec![]));
        assert_eq!(value.get("c"), &Json::Null);
    }

    #[test]
    fn broken_text_is_refused() {
        for text in [
            "",
            "[1",
            "[1 2]",
            "{\"a\" 1}",
            "{1:2}",
            "\"a",
            "\"a\\",
            "nul",
            "1 2",
            "[,1]",
        ] {
            assert!(Json::parse(text).is_err(), "{text}");
        }
    }
}
