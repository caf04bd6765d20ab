//! Names in conditions. In a policy `*` and `?` stand for other characters and `${…}` for a value of the
//! request; IAM knows `${*}`, `${?}` and `${$}` for the characters themselves. No session that AWS starts is
//! called so, but a forged record may say that one is: written as it is, it would deny everybody.

/// A value of an operator without patterns.
pub(super) fn plain(value: &str) -> String {
    value.replace('$', "${$}")
}

/// `aws:userid`, of which only a role id that is not known is a pattern: `*:ana`.
pub(super) fn userid(value: &str) -> String {
    match value.split_once(':') {
        Some(("*", session)) => format!("*:{}", pattern(session)),
        _ => pattern(value),
    }
}

fn pattern(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '*' | '?' | '$' => text.extend(['$', '{', c, '}']),
            _ => text.push(c),
        }
    }
    text
}

/// The value that was written.
pub(super) fn undone(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escaped = [("${*}", '*'), ("${?}", '?'), ("${$}", '$')];
        let found = escaped.into_iter().find(|(word, _)| rest.starts_with(word));
        let (length, c) = found.map_or((c.len_utf8(), c), |(word, c)| (word.len(), c));
        value.push(c);
        rest = &rest[length..];
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back() {
        for value in [
            "*:ana",
            "*:*",
            "*:${aws:userid}",
            "AROA:a$$?",
            "*",
            "",
            "*:ñ:x",
            "${*}",
        ] {
            assert_eq!(undone(&userid(value)), value);
            assert_eq!(undone(&plain(value)), value, "plain");
        }
    }
}
