//! Going on after something that is broken.

use serde::de::IgnoredAny;

use super::feed::Cut;
use super::item::RefusalKind;
use super::list_key::Key;
use super::output::Stop;
use super::scan::{Fault, Scanner, Step};
use super::source::is_blank;
use super::split::{Splitter, Start};

impl Splitter<'_, '_, '_> {
    /// Refuses a value that is broken (or that the source ends in), and goes to where the next one
    /// may begin: a line that begins like this one did, be it in what was taken for its inside.
    pub(super) fn recover(&mut self, start: &Start, fault: Option<Fault>) -> Result<(), Stop> {
        let next = line_like_first(&self.buf, start.indent);
        if let Some(at) = next {
            let rest = self.buf.split_off(at);
            self.source.put_back(&rest);
        }
        let (kind, what) = match fault {
            None if next.is_none() => return self.end_inside(start, "a record"),
            None | Some(Fault::NextBegan) => (RefusalKind::Truncated, "ends in the middle"),
            Some(Fault::OpenString) => (RefusalKind::Truncated, "its line ends inside a text"),
            Some(Fault::WrongBracket) => (RefusalKind::Unreadable, "its brackets do not match"),
        };
        self.refuse(start, kind, what)?;
        if next.is_none() {
            self.next_like(start.indent)
        } else {
            Ok(())
        }
    }

    /// Whether a value with matching brackets is none, and there is a line in it that begins like it
    /// did: then its end was somebody else's. It is refused up to there.
    pub(super) fn is_several(&mut self, start: &Start) -> Result<bool, Stop> {
        let Some(at) = line_like_first(&self.buf, start.indent) else {
            return Ok(false);
        };
        if serde_json::from_slice::<IgnoredAny>(&self.buf).is_ok() {
            return Ok(false);
        }
        let rest = self.buf.split_off(at);
        self.source.put_back(&rest);
        self.refuse(start, RefusalKind::Truncated, "ends in the middle")?;
        Ok(true)
    }

    /// Looks at what follows the list of an object: it may have been the list's end, or a bracket of
    /// something broken in it.
    pub(super) fn check_rest(&mut self, start: &Start, key: Key) -> Result<(), Stop> {
        let without_elements = [b"{\"\":[]".as_slice(), &self.buf].concat();
        if serde_json::from_slice::<IgnoredAny>(&without_elements).is_ok() {
            return Ok(());
        }
        if let Some(at) = line_like_first(&self.buf, start.indent) {
            let rest = self.buf.split_off(at);
            self.source.put_back(&rest);
        }
        self.buf.clear();
        let what = format!("is not JSON after `{}`", key.name());
        self.refuse(start, RefusalKind::Unreadable, &what)
    }

    /// The source ends inside something.
    pub(super) fn end_inside(&mut self, start: &Start, what: &str) -> Result<(), Stop> {
        self.end_told = true;
        let (kind, why) = match self.source.take_cut() {
            Some(cut) => cut_short(cut),
            None => (RefusalKind::Truncated, "the input ends"),
        };
        self.refuse(start, kind, &format!("{why} inside {what}"))
    }

    /// Goes to the next line on which a value begins, or the list ends, at that column or before.
    fn next_like(&mut self, indent: u32) -> Result<(), Stop> {
        while let Some(byte) = self.source.next_visible()? {
            let found = self.source.indent().is_some_and(|column| match byte {
                b'{' | b'[' | b']' => column <= indent,
                _ => false,
            });
            if found {
                break;
            }
            self.source.rest_of_line(&mut Vec::new(), 0)?;
        }
        Ok(())
    }

    /// Refuses a value that is too large, and goes to its end without keeping it.
    pub(super) fn give_up(
        &mut self,
        start: &Start,
        scanner: &mut Scanner,
        mut step: Step,
    ) -> Result<(), Stop> {
        let what = format!("is larger than {} bytes", self.out.options.max_record);
        self.refuse(start, RefusalKind::TooLarge, &what)?;
        self.buf = Vec::new();
        loop {
            let n = step.used(self.source.piece()?.len());
            self.source.skip(n)?;
            match step {
                Step::More | Step::List(_) => {}
                Step::End(_) => return Ok(()),
                Step::Broken(..) => return self.next_like(start.indent),
            }
            let piece = self.source.piece()?;
            if piece.is_empty() {
                return Ok(());
            }
            step = scanner.scan(piece);
        }
    }
}

/// What an early end of the data is.
pub(super) fn cut_short(cut: Cut) -> (RefusalKind, &'static str) {
    match cut {
        Cut::GzipEnds => (RefusalKind::Truncated, "the gzip stream ends in the middle"),
        Cut::GzipBroken => (RefusalKind::Unreadable, "the gzip stream is damaged"),
        Cut::TooLarge => (
            RefusalKind::TooLarge,
            "the gzip stream inflates to more than allowed",
        ),
    }
}

/// Where the first line begins, after the first one, on which a value begins at that column or before.
fn line_like_first(text: &[u8], indent: u32) -> Option<usize> {
    let indent = usize::try_from(indent).ok()?;
    let mut at = 0;
    while let Some(line) = text[at..].iter().position(|byte| *byte == b'\n') {
        at += line + 1;
        let blanks = text[at..]
            .iter()
            .take(indent + 1)
            .take_while(|byte| is_blank(**byte))
            .count();
        if blanks <= indent && matches!(text.get(at + blanks), Some(b'{' | b'[')) {
            return Some(at);
        }
    }
    None
}
