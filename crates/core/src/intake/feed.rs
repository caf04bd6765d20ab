//! Where bytes come from: plain, or inflated under a cap.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

/// How much inflated data is looked at in one go.
const PIECE: usize = 64 * 1024;

/// Why there are no more bytes, other than that all have been read.
#[derive(Debug)]
pub(super) enum Failed {
    /// The reader that was given failed.
    Io(io::Error),
    /// The data ends or breaks here.
    Cut(Cut),
}

/// Why data ended before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// The gzip stream stops in the middle.
    GzipEnds,
    /// The gzip stream is damaged, or something else follows it.
    GzipBroken,
    /// It would inflate to more bytes than are accepted.
    TooLarge,
}

/// Bytes in pieces, like [`BufRead`], with failures told apart.
pub(super) trait Feed {
    /// The next bytes; none at the end.
    fn fill(&mut self) -> Result<&[u8], Failed>;
    /// Marks bytes of the last piece as used.
    fn consume(&mut self, n: usize);
}

/// Bytes as they are.
pub(super) struct Plain<R>(pub(super) R);

impl<R: BufRead> Feed for Plain<R> {
    fn fill(&mut self) -> Result<&[u8], Failed> {
        loop {
            match self.0.fill_buf() {
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Failed::Io(error)),
            }
        }
        self.0.fill_buf().map_err(Failed::Io)
    }

    fn consume(&mut self, n: usize) {
        self.0.consume(n);
    }
}

/// How many bytes may still be inflated, shared by all streams of one input.
pub(super) struct Allowance(Cell<u64>);

impl Allowance {
    pub(super) fn new(bytes: Option<u64>) -> Self {
        Self(Cell::new(bytes.unwrap_or(u64::MAX)))
    }
}

/// The bytes that a gzip stream of one or many members inflates to.
pub(super) struct Inflated<'a, R> {
    inner: BufReader<MultiGzDecoder<Tap<R>>>,
    shared: &'a Allowance,
    /// How many bytes this stream may still inflate to, whatever the others leave.
    own: u64,
}

impl<'a, R: BufRead> Inflated<'a, R> {
    pub(super) fn new(input: R, shared: &'a Allowance, own: u64) -> Self {
        let tap = Tap {
            inner: input,
            failed: None,
        };
        let inner = BufReader::with_capacity(PIECE, MultiGzDecoder::new(tap));
        Self { inner, shared, own }
    }
}

impl<R: BufRead> Feed for Inflated<'_, R> {
    fn fill(&mut self) -> Result<&[u8], Failed> {
        loop {
            match self.inner.fill_buf() {
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(match self.inner.get_mut().get_mut().failed.take() {
                        Some(cause) => Failed::Io(cause),
                        None if error.kind() == io::ErrorKind::UnexpectedEof => {
                            Failed::Cut(Cut::GzipEnds)
                        }
                        None => Failed::Cut(Cut::GzipBroken),
                    });
                }
            }
        }
        let bytes = self.inner.buffer();
        let left = self.own.min(self.shared.0.get());
        if left == 0 && !bytes.is_empty() {
            return Err(Failed::Cut(Cut::TooLarge));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX);
        Ok(&bytes[..bytes.len().min(most)])
    }

    fn consume(&mut self, n: usize) {
        self.inner.consume(n);
        let used = n as u64;
        self.own = self.own.saturating_sub(used);
        self.shared.0.set(self.shared.0.get().saturating_sub(used));
    }
}

/// Remembers that it was the reader that failed, and not the data.
struct Tap<R> {
    inner: R,
    failed: Option<io::Error>,
}

impl<R> Tap<R> {
    fn note<T>(failed: &mut Option<io::Error>, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            if kind != io::ErrorKind::Interrupted {
                *failed = Some(error);
            }
            kind.into()
        })
    }
}

impl<R: BufRead> Read for Tap<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        Self::note(&mut self.failed, self.inner.read(buf))
    }
}

impl<R: BufRead> BufRead for Tap<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Self::note(&mut self.failed, self.inner.fill_buf())
    }

    fn consume(&mut self, n: usize) {
        self.inner.consume(n);
    }
}
