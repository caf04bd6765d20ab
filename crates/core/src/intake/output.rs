//! Handing items out, and knowing how deep one form is inside another.

use std::io;
use std::ops::ControlFlow;

use super::feed::Allowance;
use super::item::{Ignored, Item, Options, Place, Refusal, RefusalKind};
use super::leaf::Problem;
use super::shape::shape;
use crate::record::Record;

/// Forms inside forms inside forms: more than AWS ever does.
const DEEPEST: u32 = 8;

/// Why reading stops before the end.
#[derive(Debug)]
pub(super) enum Stop {
    /// The sink has had enough.
    Sink,
    /// The reader failed.
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Where items go, and what all parts of one reading share.
pub(super) struct Output<'s> {
    pub(super) options: &'s Options,
    pub(super) allowance: &'s Allowance,
    sink: &'s mut dyn FnMut(Item) -> ControlFlow<()>,
    depth: u32,
}

impl<'s> Output<'s> {
    pub(super) fn new(
        options: &'s Options,
        allowance: &'s Allowance,
        sink: &'s mut dyn FnMut(Item) -> ControlFlow<()>,
    ) -> Self {
        Self {
            options,
            allowance,
            sink,
            depth: 0,
        }
    }

    fn emit(&mut self, item: Item) -> Result<(), Stop> {
        match (self.sink)(item) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::Sink),
        }
    }

    /// A record.
    pub(super) fn record(&mut self, record: Record) -> Result<(), Stop> {
        self.emit(Item::Record(Box::new(record)))
    }

    /// Nothing to count.
    pub(super) fn ignored(&mut self, why: Ignored) -> Result<(), Stop> {
        self.emit(Item::Ignored(why))
    }

    /// A fault of that form at that place. Of the text only the shape goes out.
    pub(super) fn refuse(
        &mut self,
        form: &str,
        place: &Place,
        problem: Problem,
        text: &[u8],
    ) -> Result<(), Stop> {
        let Problem { kind, what } = problem;
        self.emit(Item::Refused(Refusal {
            kind,
            reason: format!("{form} at {place}: {what}"),
            shape: shape(text),
            place: place.clone(),
        }))
    }

    /// Reads something that lies inside something else.
    pub(super) fn inside(
        &mut self,
        form: &str,
        place: &Place,
        read: impl FnOnce(&mut Self) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        if self.depth >= DEEPEST {
            let what = format!("is inside {DEEPEST} others");
            return self.refuse(form, place, Problem::new(RefusalKind::TooDeep, what), b"");
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Whether what is being read lies inside something else.
    pub(super) fn is_inside(&self) -> bool {
        self.depth > 0
    }
}
