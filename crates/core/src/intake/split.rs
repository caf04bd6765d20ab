//! Cutting input into single records.
//!
//! Input is a sequence of JSON values, on lines of their own or not. A list, or an object whose
//! `Records` or `logEvents` is a list, is opened and its elements are cut out one by one, so that
//! the whole of it need never be in memory. A value that breaks is refused together with what
//! cannot be told from it, and reading goes on at the next line that begins like the value did.

use super::event::LogHead;
use serde::Deserialize;

use super::form::{self, holds_list};
use super::item::{Ignored, Place, RefusalKind};
use super::leaf::Problem;
use super::list_key::Key;
use super::output::{Output, Stop};
use super::recover::cut_short;
use super::scan::{Scanner, Step};
use super::source::Source;

const JSON: &str = "JSON";
/// A buffer that has grown beyond this is given back.
const KEPT_BUFFER: usize = 4 * 1024 * 1024;
/// A record larger than this is collected first.
const AT_ONCE: usize = 1024 * 1024;

/// Cuts one source.
pub(super) struct Splitter<'r, 'o, 's> {
    pub(super) source: Source<'r>,
    pub(super) out: &'o mut Output<'s>,
    /// Where the source itself lies, if it was found inside a record.
    base: &'o Place,
    /// The value that is being cut out.
    pub(super) buf: Vec<u8>,
    /// The early end of the source has been refused.
    pub(super) end_told: bool,
    opening: Opening,
    /// How many more bytes have been read than tried in vain by [`Self::at_once`]. Trying is only
    /// allowed while it is not negative, so that no input is read more than twice on its account.
    credit: i64,
}

/// A value that was begun, and how it went.
enum Cutting {
    /// The buffer holds all of it.
    Whole,
    /// The buffer holds all up to a list that is to be opened.
    Opens(Key),
    /// It has been refused.
    Refused,
}

/// Which lists of an object are opened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opening {
    Never,
    /// Only where AWS has them: an object that has not ended yet may still turn out to be a log
    /// record, in which a caller's own words have been seen as further keys.
    InPlace,
    Anywhere,
}

/// What becomes of the elements of a list, or of the values at top level.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Elements {
    TopLevel,
    AnyForm,
    LogEvents,
    Dropped,
}

/// Where and how a value begins.
pub(super) struct Start {
    pub(super) place: Place,
    pub(super) indent: u32,
}

impl<'r, 'o, 's> Splitter<'r, 'o, 's> {
    pub(super) fn new(source: Source<'r>, base: &'o Place, out: &'o mut Output<'s>) -> Self {
        Self {
            source,
            out,
            base,
            buf: Vec::new(),
            end_told: false,
            opening: Opening::InPlace,
            credit: 0,
        }
    }

    /// Opens lists wherever they stand in their object.
    pub(super) fn opening_anywhere(self) -> Self {
        Self {
            opening: Opening::Anywhere,
            ..self
        }
    }

    /// Reads everything.
    pub(super) fn run(mut self) -> Result<(), Stop> {
        self.source.skip_mark()?;
        let mut any = false;
        while let Some(byte) = self.source.next_visible()? {
            any |= byte != b',';
            match byte {
                b'{' => self.object()?,
                b'[' => self.bare_list()?,
                b',' => self.source.skip(1)?,
                _ => self.stray_line()?,
            }
        }
        if let Some(cut) = self.source.take_cut() {
            let place = self.start(None).place;
            let (kind, what) = cut_short(cut);
            self.out
                .refuse("input", &place, Problem::new(kind, what), b"")?;
        } else if !any {
            self.out.ignored(Ignored::Empty)?;
        }
        Ok(())
    }

    fn start(&self, element: Option<u64>) -> Start {
        let place = Place {
            line: if self.out.is_inside() {
                self.base.line
            } else {
                self.source.line()
            },
            element: element.or(self.base.element),
            message: self.base.message.clone(),
        };
        Start {
            place,
            indent: self.source.indent().unwrap_or(0),
        }
    }

    pub(super) fn refuse(
        &mut self,
        start: &Start,
        kind: RefusalKind,
        what: &str,
    ) -> Result<(), Stop> {
        self.out
            .refuse(JSON, &start.place, Problem::new(kind, what), &self.buf)
    }

    /// Refuses something that is neither object nor list.
    fn no_value(&mut self, start: &Start) -> Result<(), Stop> {
        let problem = Problem::new(RefusalKind::Unreadable, "begins with neither `{` nor `[`");
        self.out.refuse("input", &start.place, problem, b"")
    }

    /// A line that is not JSON at all.
    fn stray_line(&mut self) -> Result<(), Stop> {
        let start = self.start(None);
        self.buf.clear();
        self.source.rest_of_line(&mut self.buf, 0)?;
        self.no_value(&start)
    }

    fn bare_list(&mut self) -> Result<(), Stop> {
        let start = self.start(None);
        self.source.skip(1)?;
        self.list(&start, "list", Elements::AnyForm)?;
        Ok(())
    }

    /// A top-level object, with or without a list to open.
    fn object(&mut self) -> Result<(), Stop> {
        let start = self.start(None);
        if self.at_once(&start, Elements::TopLevel)? {
            return Ok(());
        }
        let mut scanner = Scanner::new(start.indent);
        let (mut opening, mut opened) = (self.opening, None);
        self.clear();
        loop {
            match (self.cut(&start, &mut scanner, opening)?, opened) {
                (Cutting::Refused, _) => return Ok(()),
                (Cutting::Whole, Some(key)) => return self.check_rest(&start, key),
                (Cutting::Whole, None) => {
                    if self.is_several(&start)? {
                        return Ok(());
                    }
                    return form::read_one(&self.buf, &start.place, self.out);
                }
                (Cutting::Opens(key), Some(_)) => {
                    let what = format!("duplicate field `{}`", key.name());
                    self.refuse(&start, RefusalKind::DuplicateKey, &what)?;
                }
                (Cutting::Opens(key), None) => {
                    let elements = match key {
                        Key::Records => Elements::AnyForm,
                        Key::LogEvents if self.is_control() => Elements::Dropped,
                        Key::LogEvents => Elements::LogEvents,
                    };
                    if !self.list(&start, key.name(), elements)? {
                        return Ok(());
                    }
                    (opening, opened) = (Opening::Anywhere, Some(key));
                    scanner.close_list();
                    self.buf.clear();
                }
            }
        }
    }

    /// Whether what stands before `logEvents` says that this is a control message.
    fn is_control(&self) -> bool {
        let head = [&self.buf, b"]}".as_slice()].concat();
        let head: Result<LogHead<'_>, _> = serde_json::from_slice(&head);
        head.is_ok_and(|head| head.message_type.as_str() == Some("CONTROL_MESSAGE"))
    }

    /// Reads the elements of a list that has been opened, and its closing bracket. False if the
    /// list is never closed.
    fn list(&mut self, start: &Start, name: &str, elements: Elements) -> Result<bool, Stop> {
        let mut count = 0;
        loop {
            let element = Some(count + 1);
            match self.source.next_visible()? {
                None => {
                    if !self.end_told {
                        self.buf.clear();
                        self.end_inside(start, &format!("`{name}`"))?;
                    }
                    return Ok(false);
                }
                Some(b']') => {
                    self.source.skip(1)?;
                    break;
                }
                Some(b',') => self.source.skip(1)?,
                Some(b'{' | b'[') => {
                    count += 1;
                    self.element(element, elements)?;
                }
                Some(_) => {
                    count += 1;
                    self.stray_element(element)?;
                }
            }
        }
        match elements {
            Elements::Dropped => self.out.ignored(Ignored::ControlMessage)?,
            _ if count == 0 => self.out.ignored(Ignored::Empty)?,
            _ => {}
        }
        Ok(true)
    }

    /// One element.
    fn element(&mut self, number: Option<u64>, elements: Elements) -> Result<(), Stop> {
        let start = self.start(number);
        if self.at_once(&start, elements)? {
            return Ok(());
        }
        let mut scanner = Scanner::new(start.indent);
        self.clear();
        if !matches!(
            self.cut(&start, &mut scanner, Opening::Never)?,
            Cutting::Whole
        ) {
            return Ok(());
        }
        if self.is_several(&start)? {
            return Ok(());
        }
        match elements {
            Elements::TopLevel | Elements::AnyForm => {
                form::read_one(&self.buf, &start.place, self.out)?;
            }
            Elements::LogEvents => form::read_log_event(&self.buf, &start.place, self.out)?,
            Elements::Dropped => {}
        }
        Ok(())
    }

    fn clear(&mut self) {
        if self.buf.capacity() > KEPT_BUFFER {
            self.buf = Vec::new();
        }
        self.buf.clear();
    }

    /// Reads an object that lies in the piece as a whole and has nothing wrong with it, as nearly
    /// all do, without looking for its end first. False if it is not such an object.
    fn at_once(&mut self, start: &Start, elements: Elements) -> Result<bool, Stop> {
        let most = usize::try_from(self.out.options.max_record).unwrap_or(usize::MAX);
        let piece = self.source.piece()?;
        let piece = &piece[..piece.len().min(most).min(AT_ONCE)];
        let is_known = elements == Elements::TopLevel && Key::is_first_of(piece);
        if self.credit < 0 || is_known || elements == Elements::Dropped {
            return Ok(false);
        }
        let done = if elements == Elements::LogEvents {
            match whole(piece) {
                Some((event, n)) => {
                    form::log_event(&event, &piece[..n], &start.place, self.out)?;
                    Some(n)
                }
                None => None,
            }
        } else {
            match whole(piece) {
                Some((outer, n)) if !(elements == Elements::TopLevel && holds_list(&outer)) => {
                    form::deliver(&outer, &piece[..n], &start.place, self.out)?;
                    Some(n)
                }
                _ => None,
            }
        };
        let Some(n) = done else {
            self.credit -= length(piece.len());
            return Ok(false);
        };
        self.credit += length(n);
        self.source.skip(n)?;
        Ok(true)
    }

    /// An element that is not an object.
    fn stray_element(&mut self, number: Option<u64>) -> Result<(), Stop> {
        let start = self.start(number);
        let (mut in_string, mut escaped, mut ended) = (false, false, false);
        while !ended {
            let piece = self.source.piece()?;
            if piece.is_empty() {
                break;
            }
            let mut n = 0;
            for byte in piece {
                ended = match byte {
                    b'\n' => true,
                    b',' | b']' => !in_string,
                    _ => false,
                };
                if ended {
                    break;
                }
                in_string ^= *byte == b'"' && !escaped;
                escaped = *byte == b'\\' && !escaped;
                n += 1;
            }
            self.source.skip(n)?;
        }
        self.no_value(&start)
    }

    /// Collects a value in the buffer.
    fn cut(
        &mut self,
        start: &Start,
        scanner: &mut Scanner,
        opening: Opening,
    ) -> Result<Cutting, Stop> {
        let most = usize::try_from(self.out.options.max_record).unwrap_or(usize::MAX);
        loop {
            let piece = self.source.piece()?;
            if piece.is_empty() {
                self.recover(start, None)?;
                return Ok(Cutting::Refused);
            }
            let step = scanner.scan(piece);
            let n = step.used(piece.len());
            if n > most.saturating_sub(self.buf.len()) {
                self.give_up(start, scanner, step)?;
                return Ok(Cutting::Refused);
            }
            self.source.take(n, &mut self.buf)?;
            self.credit += length(n);
            match step {
                Step::End(_) => return Ok(Cutting::Whole),
                Step::List(_) if opening != Opening::Never => {
                    if let Some(key) = Key::before_list(&self.buf)
                        && (opening == Opening::Anywhere || key.is_in_its_place(&self.buf))
                    {
                        return Ok(Cutting::Opens(key));
                    }
                }
                Step::More | Step::List(_) => {}
                Step::Broken(_, fault) => {
                    self.recover(start, Some(fault))?;
                    return Ok(Cutting::Refused);
                }
            }
        }
    }
}

/// The object that the bytes begin with, and its length.
fn whole<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Option<(T, usize)> {
    if bytes.first() != Some(&b'{') {
        return None;
    }
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<T>();
    let value = values.next()?.ok()?;
    Some((value, values.byte_offset()))
}

fn length(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
