//! Texts from outside, made fit to be stored.

/// The most characters kept of a user agent.
pub(super) const USER_AGENT: usize = 512;
/// The most characters kept of an error message.
pub(super) const MESSAGE: usize = 1024;
/// The most characters kept of an unknown identity, and of a metadata value.
pub(super) const LABEL: usize = 256;
/// The most characters kept of names, codes and addresses.
pub(super) const NAME: usize = 128;

/// The text without control characters, cut to `most` characters.
pub(super) fn clean(text: &str, most: usize) -> String {
    if text.len() <= most && text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        return text.to_owned();
    }
    text.chars()
        .filter(|c| !c.is_control())
        .take(most)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_go_and_characters_are_counted_not_bytes() {
        for (text, most, want) in [
            ("plain", 5, "plain"),
            ("plain", 3, "pla"),
            ("a\u{0}b\u{1b}[31mc\nd\u{7f}\u{85}", 99, "ab[31mcd"),
            ("ñandú", 4, "ñand"),
            ("", 4, ""),
        ] {
            assert_eq!(clean(text, most), want, "{text:?}");
        }
    }
}
