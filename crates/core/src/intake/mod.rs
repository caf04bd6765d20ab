//! Reading what AWS sends: bytes in, [`Record`](crate::record::Record)s out.
//!
//! The form of the input is told by its content, never by its name: EventBridge envelope, bare
//! CloudTrail record, CloudTrail file, SQS batch, CloudWatch Logs subscription payload (as Lambda
//! gets it or decoded), model-invocation log, a JSON array, JSON lines and gzip of any of these.
//!
//! How the parts work together:
//!
//! - `feed` and `source` bring bytes, inflated and capped, and know lines;
//! - `scan` finds where a JSON value ends, and notices when its lines or brackets cannot be right;
//! - `split` cuts the input into single records, so that memory holds one record, and `recover` goes
//!   on after a broken one without losing its neighbours;
//! - `form` deserialises one record in a single pass and says what it is;
//! - `cloudtrail`, `caller`, `invocation_log`, `body` and `usage` make a `Record` of it.
//!
//! Two promises hold everywhere. **Prompt text never leaves**: bodies are skipped except their
//! token counts, and refusals carry keys and types, never values. **No panic**, whatever comes.

mod body;
mod caller;
mod clean;
mod cloudtrail;
mod event;
mod feed;
mod fields;
mod form;
mod invocation_log;
mod item;
mod leaf;
mod list_key;
mod operation;
mod output;
mod read;
mod recover;
mod scan;
mod shape;
mod source;
mod split;
mod usage;

#[cfg(test)]
mod tests;

pub use item::{Ignored, Item, Options, Place, ReadError, Refusal, RefusalKind};
pub use operation::is_known_operation;
pub use read::{read, read_bytes};
