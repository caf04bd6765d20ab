//! A feed with lines, columns and the possibility to put bytes back.

use std::io;

use super::feed::{Cut, Failed, Feed};

/// Reads a feed. After the data has broken off, it looks like its end; `cut` says why.
pub(super) struct Source<'r> {
    feed: &'r mut dyn Feed,
    /// Bytes that were put back, read again from `at` on.
    again: Vec<u8>,
    at: usize,
    line: u64,
    /// The column, while there was only white space on the line.
    indent: Option<u32>,
    ended: bool,
    cut: Option<Cut>,
}

impl<'r> Source<'r> {
    pub(super) fn new(feed: &'r mut dyn Feed) -> Self {
        Self {
            feed,
            again: Vec::new(),
            at: 0,
            line: 1,
            indent: Some(0),
            ended: false,
            cut: None,
        }
    }

    /// The line of the next byte, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The column of the next byte, if there is only white space before it on its line.
    pub(super) fn indent(&self) -> Option<u32> {
        self.indent
    }

    /// Why the data broke off, told once.
    pub(super) fn take_cut(&mut self) -> Option<Cut> {
        self.cut.take()
    }

    /// The next bytes; none at the end.
    pub(super) fn piece(&mut self) -> Result<&[u8], io::Error> {
        if self.at < self.again.len() {
            return Ok(&self.again[self.at..]);
        }
        if self.ended {
            return Ok(&[]);
        }
        match self.feed.fill() {
            Ok(bytes) => Ok(bytes),
            Err(Failed::Io(error)) => Err(error),
            Err(Failed::Cut(cut)) => {
                self.ended = true;
                self.cut = Some(cut);
                Ok(&[])
            }
        }
    }

    /// Uses the first `n` bytes of the piece, which are appended to `into`.
    pub(super) fn take(&mut self, n: usize, into: &mut Vec<u8>) -> Result<(), io::Error> {
        let from = into.len();
        into.extend_from_slice(&self.piece()?[..n]);
        self.used(n);
        self.moved_over(&into[from..]);
        Ok(())
    }

    /// Uses the first `n` bytes of the piece.
    pub(super) fn skip(&mut self, n: usize) -> Result<(), io::Error> {
        let (mut line, mut indent) = (self.line, self.indent);
        advance(&self.piece()?[..n], &mut line, &mut indent);
        (self.line, self.indent) = (line, indent);
        self.used(n);
        Ok(())
    }

    /// Puts back the bytes that were taken last. They must begin a line.
    pub(super) fn put_back(&mut self, bytes: &[u8]) {
        self.line -= newlines(bytes);
        self.indent = Some(0);
        if self.at >= bytes.len() {
            self.at -= bytes.len();
        } else {
            let mut again = bytes.to_vec();
            again.extend_from_slice(&self.again[self.at..]);
            self.again = again;
            self.at = 0;
        }
    }

    /// Goes over white space to the next byte that is something else, and tells it.
    pub(super) fn next_visible(&mut self) -> Result<Option<u8>, io::Error> {
        loop {
            let bytes = self.piece()?;
            if bytes.is_empty() {
                return Ok(None);
            }
            let blank = bytes.iter().position(|byte| !is_blank(*byte));
            let next = blank.map(|at| bytes[at]);
            let blank = blank.unwrap_or(bytes.len());
            if blank > 0 {
                self.skip(blank)?;
            }
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    /// Goes over the rest of the line, the line break too; appends it to `into` up to `most` bytes.
    pub(super) fn rest_of_line(
        &mut self,
        into: &mut Vec<u8>,
        most: usize,
    ) -> Result<(), io::Error> {
        loop {
            let bytes = self.piece()?;
            if bytes.is_empty() {
                return Ok(());
            }
            let end = bytes
                .iter()
                .position(|byte| *byte == b'\n')
                .map(|at| at + 1);
            let n = end.unwrap_or(bytes.len());
            let kept = n.min(most.saturating_sub(into.len()));
            into.extend_from_slice(&bytes[..kept]);
            self.skip(n)?;
            if end.is_some() {
                return Ok(());
            }
        }
    }

    /// Goes over a byte order mark at the beginning.
    pub(super) fn skip_mark(&mut self) -> Result<(), io::Error> {
        const MARK: &[u8] = b"\xEF\xBB\xBF";
        let mut seen = Vec::new();
        while seen.len() < MARK.len() && self.piece()?.first() == MARK.get(seen.len()) {
            self.take(1, &mut seen)?;
        }
        if seen.len() < MARK.len() {
            self.put_back(&seen);
        }
        self.indent = Some(0);
        Ok(())
    }

    fn used(&mut self, n: usize) {
        if self.at < self.again.len() {
            self.at += n;
            if self.at == self.again.len() {
                self.again = Vec::new();
                self.at = 0;
            }
        } else {
            self.feed.consume(n);
        }
    }

    fn moved_over(&mut self, bytes: &[u8]) {
        advance(bytes, &mut self.line, &mut self.indent);
    }
}

fn advance(bytes: &[u8], line: &mut u64, indent: &mut Option<u32>) {
    let lines = newlines(bytes);
    *line += lines;
    let rest = if lines > 0 {
        *indent = Some(0);
        let last = bytes.iter().rposition(|byte| *byte == b'\n');
        &bytes[last.map_or(0, |at| at + 1)..]
    } else {
        bytes
    };
    if let Some(column) = *indent {
        *indent = rest
            .iter()
            .all(|byte| is_blank(*byte))
            .then(|| column.saturating_add(u32::try_from(rest.len()).unwrap_or(u32::MAX)));
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    // In pieces that a byte can count, so that the compiler counts many bytes at once.
    bytes
        .chunks(usize::from(u8::MAX))
        .map(|piece| {
            u64::from(
                piece
                    .iter()
                    .map(|byte| u8::from(*byte == b'\n'))
                    .sum::<u8>(),
            )
        })
        .sum()
}

/// White space between JSON values.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}
