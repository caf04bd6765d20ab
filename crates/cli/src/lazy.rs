//! A file that is opened when it is read: thousands may be named, few may be open.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;

/// How much is read ahead.
const AHEAD: usize = 1 << 16;

/// Reads a file from its beginning.
pub(crate) struct LazyFile {
    path: PathBuf,
    open: Option<BufReader<File>>,
}

impl LazyFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, open: None }
    }

    fn reader(&mut self) -> io::Result<&mut BufReader<File>> {
        let reader = match self.open.take() {
            Some(reader) => reader,
            None => BufReader::with_capacity(AHEAD, File::open(&self.path)?),
        };
        Ok(self.open.insert(reader))
    }
}

impl Read for LazyFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader()?.read(buffer)
    }
}

impl BufRead for LazyFile {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader()?.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        if let Some(reader) = &mut self.open {
            reader.consume(amount);
        }
    }
}
