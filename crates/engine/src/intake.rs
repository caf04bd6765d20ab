//! From readers to batches of evidence: parsing runs on a thread of its own, a few pieces ahead.

use std::collections::HashMap;
use std::io::{BufRead, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;
use weir_core::evidence::Evidence;
use weir_core::ids::RequestId;
use weir_core::intake::{self, Item, Options, Refusal};
use weir_core::invocation::derive;
use weir_core::record::Record;
use weir_core::rulebook::Rulebook;
use weir_store::DeadLetter;

use crate::EngineError;

/// Something to read, and what to call it in dead letters.
pub struct Input {
    /// A file name, `stdin`, `http`, …
    pub source: String,
    /// The bytes.
    pub reader: Box<dyn BufRead + Send>,
    /// Caps: [`Options::default`] for files, [`Options::payload`] for HTTP and Lambda.
    pub options: Options,
}

/// How many pieces wait for the database, at most: two batches or so.
const AHEAD: usize = 4;
/// Items handed over in one go.
const PIECE: usize = 256;

/// Reads everything and returns what cannot be read: the first pass of `weir ingest --strict`.
pub fn check_input(input: Input) -> Result<Vec<Refusal>, EngineError> {
    let Input {
        source,
        reader,
        options,
    } = input;
    let mut refused = Vec::new();
    intake::read(reader, &options, &mut |item| {
        if let Item::Refused(refusal) = item {
            refused.push(refusal);
        }
        ControlFlow::Continue(())
    })
    .map_err(|error| failed(&source, &error))?;
    Ok(refused)
}

fn failed(source: &str, error: &intake::ReadError) -> EngineError {
    let why = error.0.to_string();
    EngineError::Input {
        source_name: source.to_owned(),
        why,
    }
}

/// Items of one input as they come, and how many bytes have been read.
pub(crate) struct Items {
    pieces: mpsc::Receiver<Vec<Item>>,
    bytes: Arc<AtomicU64>,
    reading: tokio::task::JoinHandle<Result<(), EngineError>>,
}

impl Items {
    /// Begins to read, on a thread where that may block.
    pub(crate) fn of(input: Input) -> Self {
        let (sender, pieces) = mpsc::channel(AHEAD);
        let bytes = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&bytes);
        let reading = tokio::task::spawn_blocking(move || {
            let Input {
                source,
                reader,
                options,
            } = input;
            let reader = Counted {
                inner: reader,
                bytes: counted,
            };
            let mut piece = Vec::with_capacity(PIECE);
            let read = intake::read(reader, &options, &mut |item| {
                piece.push(item);
                if piece.len() < PIECE {
                    return ControlFlow::Continue(());
                }
                let full = std::mem::replace(&mut piece, Vec::with_capacity(PIECE));
                // A receiver that went away is an intake that failed: nobody wants the rest.
                match sender.blocking_send(full) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                }
            });
            // What was read before the reader failed counts.
            sender.blocking_send(piece).ok();
            read.map_err(|error| failed(&source, &error))
        });
        Self {
            pieces,
            bytes,
            reading,
        }
    }

    /// The next items; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Vec<Item>> {
        self.pieces.recv().await
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether the reader failed.
    pub(crate) async fn finish(self) -> Result<(), EngineError> {
        match self.reading.await {
            Ok(read) => read,
            Err(error) => Err(EngineError::Inconsistent(format!(
                "the reading thread: {error}"
            ))),
        }
    }
}

/// Counts the bytes that pass.
struct Counted<R> {
    inner: R,
    bytes: Arc<AtomicU64>,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buf)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        self.bytes.fetch_add(n as u64, Ordering::Relaxed);
        self.inner.consume(n);
    }
}

/// Records of one transaction in the making, grouped by request id, in the order they came.
#[derive(Default)]
pub(crate) struct Gathered {
    by_request: HashMap<RequestId, usize>,
    grouped: Vec<Vec<Record>>,
    pub(crate) dead_letters: Vec<DeadLetter>,
    /// Records in `grouped`.
    pub(crate) records: usize,
}

/// Records that met another one of their invocation in the same transaction, which counts only the
/// invocation: with these, a report does not depend on where batches end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extra {
    /// Changed the invocation.
    pub(crate) completed: u64,
    /// Changed nothing.
    pub(crate) duplicates: u64,
}

impl Gathered {
    pub(crate) fn is_empty(&self) -> bool {
        self.grouped.is_empty() && self.dead_letters.is_empty()
    }

    pub(crate) fn add(&mut self, record: Record) {
        self.records += 1;
        if let Some(&at) = self.by_request.get(&record.request) {
            self.grouped[at].push(record);
        } else {
            self.by_request
                .insert(record.request.clone(), self.grouped.len());
            self.grouped.push(vec![record]);
        }
    }

    /// The invocations that have more than one record here.
    pub(crate) fn met(&self) -> Vec<RequestId> {
        let met = self.grouped.iter().filter(|records| records.len() > 1);
        met.map(|records| records[0].request.clone()).collect()
    }

    /// What the records beyond the first of each invocation amount to, given what is on file.
    pub(crate) fn extra(&self, on_file: Vec<Evidence>, rules: &Rulebook) -> Extra {
        let mut on_file: HashMap<RequestId, Evidence> = on_file
            .into_iter()
            .filter_map(|evidence| {
                let request = evidence.records().next()?.request.clone();
                Some((request, evidence))
            })
            .collect();
        let mut extra = Extra::default();
        for records in self.grouped.iter().filter(|records| records.len() > 1) {
            let mut known = on_file.remove(&records[0].request).unwrap_or_default();
            let mut now = derive(&known, rules);
            let was_there = now.is_some();
            let mut changed: u64 = 0;
            for record in records {
                known.add(record.clone());
                let next = derive(&known, rules);
                changed += u64::from(next != now);
                now = next;
            }
            let all = records.len() as u64;
            // The transaction counts one of them: as new or completed, else as a duplicate.
            let counted = changed.min(1);
            extra.completed += changed - counted;
            extra.duplicates += all - changed - u64::from(was_there && counted == 0);
        }
        extra
    }

    /// The evidence of the transaction, and what could not be read.
    pub(crate) fn into_parts(self) -> (Vec<Evidence>, Vec<DeadLetter>) {
        let evidence = self.grouped.into_iter().map(|records| {
            let mut evidence = Evidence::default();
            for record in records {
                evidence.add(record);
            }
            evidence
        });
        (evidence.collect(), self.dead_letters)
    }
}
