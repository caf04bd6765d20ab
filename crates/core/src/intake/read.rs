//! The way in.

use std::io::{self, BufRead, Read as _};
use std::ops::ControlFlow;

use super::feed::{Allowance, Feed, Inflated, Plain};
use super::item::{Item, Options, Place, ReadError};
use super::output::{Output, Stop};
use super::source::Source;
use super::split::Splitter;

/// Reads input of any form and hands every item to the sink, in order, until the sink breaks off.
///
/// Memory stays bounded by one record, whatever the length of the input. What cannot be read is an
/// item too; the error is only for a reader that fails.
pub fn read<R: BufRead>(
    mut input: R,
    options: &Options,
    sink: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    let allowance = Allowance::new(options.max_inflated);
    let mut out = Output::new(options, &allowance, sink);
    let done = match beginning(&mut input) {
        Err(error) => Err(Stop::Io(error)),
        Ok(Beginning::Gzip) => start(input, true, &mut out),
        Ok(Beginning::Other) => start(input, false, &mut out),
        // A reader that gave a single byte, which may be half of what tells gzip.
        Ok(Beginning::HalfGzip) => {
            input.consume(1);
            match input
                .fill_buf()
                .map(|bytes| bytes.first() == Some(&GZIP[1]))
            {
                Ok(gzipped) => start(GZIP[..1].chain(input), gzipped, &mut out),
                Err(error) => Err(Stop::Io(error)),
            }
        }
    };
    match done {
        Ok(()) | Err(Stop::Sink) => Ok(()),
        Err(Stop::Io(error)) => Err(ReadError(error)),
    }
}

/// The first bytes of gzip.
const GZIP: [u8; 2] = [0x1f, 0x8b];

enum Beginning {
    Gzip,
    HalfGzip,
    Other,
}

fn beginning(input: &mut impl BufRead) -> io::Result<Beginning> {
    loop {
        match input.fill_buf() {
            Ok(bytes) if bytes.starts_with(&GZIP) => return Ok(Beginning::Gzip),
            Ok(bytes) if bytes == &GZIP[..1] => return Ok(Beginning::HalfGzip),
            Ok(_) => return Ok(Beginning::Other),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn start(input: impl BufRead, gzipped: bool, out: &mut Output<'_>) -> Result<(), Stop> {
    let place = Place {
        line: 1,
        ..Place::default()
    };
    if gzipped {
        let allowance = out.allowance;
        split(&mut Inflated::new(input, allowance, u64::MAX), &place, out)
    } else {
        split(&mut Plain(input), &place, out)
    }
}

/// Reads all items of a payload that is in memory anyway.
pub fn read_bytes(bytes: &[u8], options: &Options) -> Vec<Item> {
    let mut items = Vec::new();
    let done = read(bytes, options, &mut |item| {
        items.push(item);
        ControlFlow::Continue(())
    });
    debug_assert!(done.is_ok(), "reading memory does not fail");
    items
}

/// Reads a payload that was found inside a record at `place`.
pub(super) fn read_inside(bytes: &[u8], place: &Place, out: &mut Output<'_>) -> Result<(), Stop> {
    if bytes.starts_with(&GZIP) {
        let most = out.options.max_record;
        let allowance = out.allowance;
        split(&mut Inflated::new(bytes, allowance, most), place, out)
    } else {
        split(&mut Plain(bytes), place, out)
    }
}

/// Reads an object at `place` again, which turned out to be nothing but the holder of a list.
pub(super) fn read_list_holder(
    bytes: &[u8],
    place: &Place,
    out: &mut Output<'_>,
) -> Result<(), Stop> {
    let mut feed = Plain(bytes);
    Splitter::new(Source::new(&mut feed), place, out)
        .opening_anywhere()
        .run()
}

fn split(feed: &mut dyn Feed, place: &Place, out: &mut Output<'_>) -> Result<(), Stop> {
    Splitter::new(Source::new(feed), place, out).run()
}
