//! Finding the end of a JSON value without understanding it.
//!
//! The scanner only knows brackets, strings and lines. That is enough to cut a stream into records,
//! and to notice that a record cannot be right: a string never holds a raw line break, and a line
//! that begins like the record did, where no value may begin, is the next record.

/// What the scanner came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// All bytes belong to the value, and it goes on.
    More,
    /// The value ends after so many bytes.
    End(usize),
    /// After so many bytes, the object has just opened a list as one of its values.
    List(usize),
    /// The value is broken, and what comes after so many bytes does not belong to it.
    Broken(usize, Fault),
}

impl Step {
    /// How many of the scanned bytes belong to the value.
    pub(super) fn used(self, scanned: usize) -> usize {
        match self {
            Self::More => scanned,
            Self::End(n) | Self::List(n) | Self::Broken(n, _) => n,
        }
    }
}

/// How a value shows that it is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A line break inside a string.
    OpenString,
    /// `]` where `}` was due, or the other way round.
    WrongBracket,
    /// The next record begins.
    NextBegan,
}

/// Brackets deeper than this are counted, but not told apart.
const KNOWN_DEPTH: u32 = 128;

/// The state between two pieces of one value.
#[derive(Clone, Debug)]
pub(super) struct Scanner {
    depth: u32,
    /// One bit for each open bracket, the innermost lowest: set for `{`.
    objects: u128,
    in_string: bool,
    escaped: bool,
    /// The last byte outside strings that was not white space.
    last: u8,
    /// The column, while there was only white space on the line.
    column: Option<u32>,
    /// The column at which the value began.
    indent: u32,
}

impl Scanner {
    /// For a value that begins at that column.
    pub(super) fn new(indent: u32) -> Self {
        Self {
            depth: 0,
            objects: 0,
            in_string: false,
            escaped: false,
            last: b' ',
            column: None,
            indent,
        }
    }

    /// Leaves the list that [`Step::List`] told of, when somebody else has read it.
    pub(super) fn close_list(&mut self) {
        self.close();
        self.last = b']';
    }

    /// Goes on. The first byte of a value must be an opening bracket.
    pub(super) fn scan(&mut self, bytes: &[u8]) -> Step {
        let mut at = 0;
        while at < bytes.len() {
            if self.in_string {
                match self.string(&bytes[at..]) {
                    (n, None) => at += n,
                    (n, Some(fault)) => return Step::Broken(at + n, fault),
                }
                continue;
            }
            let byte = bytes[at];
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => {
                    if self.begins_anew() {
                        return Step::Broken(at, Fault::NextBegan);
                    }
                    self.open(byte);
                    if byte == b'[' && self.depth == 2 && self.objects & 0b10 != 0 {
                        self.seen(byte);
                        return Step::List(at + 1);
                    }
                }
                b'}' | b']' => {
                    if self.depth <= KNOWN_DEPTH && (self.objects & 1 != 0) != (byte == b'}') {
                        return Step::Broken(at, Fault::WrongBracket);
                    }
                    self.close();
                    if self.depth == 0 {
                        return Step::End(at + 1);
                    }
                }
                b'\n' => {
                    self.column = Some(0);
                    at += 1;
                    continue;
                }
                b' ' | b'\t' | b'\r' => {
                    self.column = self.column.map(|column| column.saturating_add(1));
                    at += 1;
                    continue;
                }
                _ => {}
            }
            self.seen(byte);
            at += 1;
        }
        Step::More
    }

    fn seen(&mut self, byte: u8) {
        self.last = byte;
        self.column = None;
    }

    fn open(&mut self, bracket: u8) {
        self.depth = self.depth.saturating_add(1);
        if self.depth <= KNOWN_DEPTH {
            self.objects = self.objects << 1 | u128::from(bracket == b'{');
        }
    }

    fn close(&mut self) {
        if self.depth <= KNOWN_DEPTH {
            self.objects >>= 1;
        }
        self.depth = self.depth.saturating_sub(1);
    }

    /// Whether an opening bracket here begins the next record: no further in than this one began, and
    /// after something that no value may follow (or improbably deep, so that a file of broken
    /// lines is not taken for one value over and over again).
    fn begins_anew(&self) -> bool {
        self.depth > 0
            && self.column.is_some_and(|column| column <= self.indent)
            && (!matches!(self.last, b':' | b',' | b'[') || self.depth >= KNOWN_DEPTH)
    }

    /// Reads on in a string: how far, and what broke it.
    fn string(&mut self, bytes: &[u8]) -> (usize, Option<Fault>) {
        let mut at = 0;
        if self.escaped {
            self.escaped = false;
            if bytes[0] != b'\n' {
                at = 1;
            }
        }
        while let Some(next) = bytes[at..]
            .iter()
            .position(|b| matches!(b, b'"' | b'\\' | b'\n'))
        {
            at += next;
            match bytes[at] {
                b'"' => {
                    self.in_string = false;
                    return (at + 1, None);
                }
                b'\\' if at + 1 == bytes.len() => {
                    self.escaped = true;
                    return (at + 1, None);
                }
                b'\\' if bytes[at + 1] != b'\n' => at += 2,
                b'\\' => return (at + 1, Some(Fault::OpenString)),
                _ => return (at, Some(Fault::OpenString)),
            }
        }
        (bytes.len(), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scans in pieces of one byte and of all bytes, which must come to the same.
    fn check(text: &str, indent: u32, want: Step) {
        let mut whole = Scanner::new(indent);
        assert_eq!(whole.scan(text.as_bytes()), want, "{text:?}");
        let mut piecewise = Scanner::new(indent);
        let mut got = Step::More;
        for (before, byte) in text.bytes().enumerate() {
            got = match piecewise.scan(&[byte]) {
                Step::More => continue,
                Step::End(n) => Step::End(before + n),
                Step::List(n) => Step::List(before + n),
                Step::Broken(n, fault) => Step::Broken(before + n, fault),
            };
            break;
        }
        assert_eq!(got, want, "{text:?} byte by byte");
    }

    #[test]
    fn ends_lists_and_faults() {
        let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
        let uneven = format!(
            "{{\"a\":{}}}",
            "[{\"a\":".repeat(200) + "1" + &"}]".repeat(200)
        );
        for (text, indent, want) in [
            ("{}", 0, Step::End(2)),
            ("{} {}", 0, Step::End(2)),
            ("[[1],{}],", 0, Step::End(8)),
            (r#"{"a":"}\"}"} "#, 0, Step::End(12)),
            (r#"{"a":"\\"}"#, 0, Step::End(10)),
            (r#"{"a":{"b":[1]}}"#, 0, Step::End(15)),
            (r#"{"a": [1]}"#, 0, Step::List(7)),
            (r#"[{"a": [1]}]"#, 0, Step::End(12)),
            (r#"{"a":1"#, 0, Step::More),
            (r#"{"a":[}"#, 0, Step::List(6)),
            (r#"{"a":{]}"#, 0, Step::Broken(6, Fault::WrongBracket)),
            ("{\"a\":\"b\n{}", 0, Step::Broken(7, Fault::OpenString)),
            ("{\"a\":\"b\\\n{}", 0, Step::Broken(8, Fault::OpenString)),
            ("{\"a\":1\n{}", 0, Step::Broken(7, Fault::NextBegan)),
            ("{\"a\":1\n  {}", 2, Step::Broken(9, Fault::NextBegan)),
            ("{\"a\":\n{}}", 0, Step::End(9)),
            (&deep, 0, Step::End(2000)),
            (&uneven, 0, Step::List(6)),
        ] {
            check(text, indent, want);
        }
        let mut scanner = Scanner::new(0);
        assert_eq!(scanner.scan(uneven.as_bytes()), Step::List(6));
        assert_eq!(
            scanner.scan(&uneven.as_bytes()[6..]),
            Step::End(uneven.len() - 6)
        );
    }
}
