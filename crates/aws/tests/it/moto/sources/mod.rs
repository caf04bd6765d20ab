//! Sources of records, with the engine that counts them.

mod choose;
mod history;
mod logs;
mod mill;
mod objects;
mod queues;
mod stopping;
