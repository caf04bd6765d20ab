//! Token counts by the class they are priced in.

/// The largest count that is believed of one call, per class; a bigger one is bad input.
pub const MAX_TOKENS_PER_CALL: u64 = 1_000_000_000_000;

/// Tokens of one invocation. `input` is uncached input only, whatever the API's convention was
/// (rules C4); CloudTrail's undivided `inputTokens` stand whole in `input`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tokens {
    /// Uncached input.
    pub input: u64,
    /// Input read from the prompt cache.
    pub cache_read: u64,
    /// Input written to the five-minute cache; also cache writes whose lifetime is not known.
    pub cache_write_5m: u64,
    /// Input written to the one-hour cache.
    pub cache_write_1h: u64,
    /// Output.
    pub output: u64,
}

impl Tokens {
    /// Cache writes of both lifetimes.
    pub fn cache_write(&self) -> u64 {
        self.cache_write_5m + self.cache_write_1h
    }

    /// The metric `tokens`: input, cache writes and output.
    pub fn billed(&self) -> u64 {
        self.input + self.cache_write() + self.output
    }

    /// The metric `tokens_all`: cache reads as well.
    pub fn all(&self) -> u64 {
        self.billed() + self.cache_read
    }

    /// The whole input including cache: what chooses the context band of a price (rules M2).
    pub fn whole_input(&self) -> u64 {
        self.input + self.cache_read + self.cache_write()
    }
}
