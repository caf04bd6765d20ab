//! The lists that are opened, told by the bytes before them.

/// The lists of objects that are opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Records,
    LogEvents,
}

impl Key {
    const ALL: [Self; 2] = [Self::Records, Self::LogEvents];

    /// The key.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Records => "Records",
            Self::LogEvents => "logEvents",
        }
    }

    /// Whether an object begins as those do that have a list to open.
    pub(super) fn is_first_of(text: &[u8]) -> bool {
        Self::ALL.into_iter().any(|key| key.is_in_its_place(text))
    }

    /// Whether the object begins with this key, or with the one that AWS puts first there.
    pub(super) fn is_in_its_place(self, text: &[u8]) -> bool {
        let first = text
            .strip_prefix(b"{")
            .unwrap_or_default()
            .trim_ascii_start();
        match self {
            Self::Records => first.starts_with(b"\"Records\""),
            Self::LogEvents => {
                first.starts_with(b"\"messageType\"") || first.starts_with(b"\"logEvents\"")
            }
        }
    }

    /// The key whose list opens at the end of the text, if it is one of those.
    pub(super) fn before_list(text: &[u8]) -> Option<Self> {
        let text = text
            .strip_suffix(b"[")?
            .trim_ascii_end()
            .strip_suffix(b":")?
            .trim_ascii_end();
        let text = text.strip_suffix(b"\"")?;
        Self::ALL.into_iter().find(|key| {
            let before = text.strip_suffix(key.name().as_bytes());
            before.is_some_and(|before| before.ends_with(b"\"") && !before.ends_with(b"\\\""))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn told_by_the_bytes_before() {
        for (text, name, in_place) in [
            (r#"{"Records":["#, Some("Records"), true),
            ("{ \n\"Records\" :\t[", Some("Records"), true),
            (r#"{"a":1,"Records":["#, Some("Records"), false),
            (
                r#"{"messageType":"DATA_MESSAGE","logEvents":["#,
                Some("logEvents"),
                true,
            ),
            (r#"{"logEvents":["#, Some("logEvents"), true),
            (r#"{"a":1,"logEvents":["#, Some("logEvents"), false),
            (r#"{"xRecords":["#, None, false),
            (r#"{"x\"Records":["#, None, false),
            (r#"{"Records"["#, None, false),
            (r#"{"Records":{"#, None, false),
        ] {
            let key = Key::before_list(text.as_bytes());
            assert_eq!(key.map(Key::name), name, "{text}");
            let is_in_its_place = key.is_some_and(|key| key.is_in_its_place(text.as_bytes()));
            assert_eq!(is_in_its_place, in_place, "{text}");
        }
    }
}
