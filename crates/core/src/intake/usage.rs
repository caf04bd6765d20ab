//! Token counts in answer bodies: the only place that tells five-minute cache writes from one-hour
//! ones, and for some models the only place with counts at all (aws.md 3.2, 4.2-4.6).
//!
//! Counts are read from the `usage` positions of the answer only. The text of an answer, tool calls
//! included, is skipped: nothing a caller or a model writes there can pass for a count.

use super::leaf::Leaf;
use crate::tokens::{MAX_TOKENS_PER_CALL, Tokens};

/// What `usage` and its relatives said, later chunks over earlier ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) input: Option<u64>,
    pub(super) output: Option<u64>,
    pub(super) cache_read: Option<u64>,
    pub(super) cache_write: Option<u64>,
    pub(super) write_5m: Option<u64>,
    pub(super) write_1h: Option<u64>,
    /// `input` counts cached tokens too.
    pub(super) inclusive: bool,
    /// Some count is not a number in range.
    pub(super) unusable: bool,
}

/// The counts that a log record states itself. Its input is without cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stated {
    pub(super) input: Option<u64>,
    pub(super) output: Option<u64>,
    pub(super) cache_read: Option<u64>,
    pub(super) cache_write: Option<u64>,
}

/// The counts of a body, brought to our convention: `input` without cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BodyCounts {
    pub(super) input: Option<u64>,
    pub(super) output: Option<u64>,
    pub(super) cache_read: Option<u64>,
    pub(super) cache_write: Option<u64>,
    /// `input` as the body had it, cache included; where that is the model's convention.
    pub(super) inclusive_input: Option<u64>,
    write_5m: Option<u64>,
    write_1h: Option<u64>,
}

impl BodyCounts {
    /// Divides a cache-write total into five-minute and one-hour writes: as the body does, if its
    /// parts add up to the total; else all of it is five-minute writes.
    pub(super) fn split(&self, total: u64) -> (u64, u64) {
        match (self.write_5m, self.write_1h) {
            (Some(short), Some(long)) if short.checked_add(long) == Some(total) => (short, long),
            (None, Some(long)) if long <= total => (total - long, long),
            _ => (total, 0),
        }
    }
}

impl Stated {
    /// Whether the body is needed to know how much went in and came out.
    pub(super) fn lacks_something(&self) -> bool {
        self.input.is_none() || self.output.is_none()
    }

    /// The tokens of the call: as stated, completed and divided by what the body says.
    pub(super) fn with(&self, body: &BodyCounts) -> Option<Tokens> {
        self.input.or(self.output).or(body.input).or(body.output)?;
        // Cache counts of the body go with an input of the same kind only.
        let (input, body_read, body_write) = match self.input {
            None => (body.input, body.cache_read, body.cache_write),
            stated if stated == body.input => (stated, body.cache_read, body.cache_write),
            stated if stated == body.inclusive_input && self.states_no_cache() => {
                (body.input, body.cache_read, body.cache_write)
            }
            stated => (stated, None, None),
        };
        let written = self.cache_write.or(body_write).unwrap_or(0);
        let (short, long) = body.split(written);
        Some(Tokens {
            input: input.unwrap_or(0),
            cache_read: self.cache_read.or(body_read).unwrap_or(0),
            cache_write_5m: short,
            cache_write_1h: long,
            output: self.output.or(body.output).unwrap_or(0),
        })
    }

    fn states_no_cache(&self) -> bool {
        self.cache_read.unwrap_or(0) == 0 && self.cache_write.unwrap_or(0) == 0
    }
}

impl Found {
    /// The counts in our convention, unless they cannot be right.
    pub(super) fn counts(&self) -> Option<BodyCounts> {
        let parts = self.write_5m.or(self.write_1h).map(|_| {
            self.write_5m
                .unwrap_or(0)
                .saturating_add(self.write_1h.unwrap_or(0))
        });
        let too_large = |count: Option<u64>| count > Some(MAX_TOKENS_PER_CALL);
        if self.unusable || too_large(self.output) || too_large(parts) {
            return None;
        }
        let cache_write = self.cache_write.or(parts);
        let cached = self.cache_read.unwrap_or(0) + cache_write.unwrap_or(0);
        let input = match self.input {
            Some(input) if self.inclusive => Some(input.checked_sub(cached)?),
            input => input,
        };
        Some(BodyCounts {
            input,
            output: self.output,
            cache_read: self.cache_read,
            cache_write,
            inclusive_input: self.input.filter(|_| self.inclusive),
            write_5m: self.write_5m,
            write_1h: self.write_1h,
        })
    }

    /// Takes over what `newer` knows.
    pub(super) fn update(&mut self, newer: Self) {
        self.input = newer.input.or(self.input);
        self.output = newer.output.or(self.output);
        self.cache_read = newer.cache_read.or(self.cache_read);
        self.cache_write = newer.cache_write.or(self.cache_write);
        self.write_5m = newer.write_5m.or(self.write_5m);
        self.write_1h = newer.write_1h.or(self.write_1h);
        self.inclusive |= newer.inclusive;
        self.unusable |= newer.unusable;
    }

    /// The count, if there is one; notes if it is none.
    pub(super) fn take(&mut self, leaf: &Leaf<'_>) -> Option<u64> {
        leaf.count("usage").unwrap_or_else(|_| {
            self.unusable = true;
            None
        })
    }

    /// The first of several spellings that is there.
    pub(super) fn first(&mut self, leaves: &[&Leaf<'_>]) -> Option<u64> {
        leaves.iter().find_map(|leaf| self.take(leaf))
    }
}
