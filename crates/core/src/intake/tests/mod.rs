//! Bytes in, items out: all tests go through the public face.

mod bad_input;
mod bodies;
mod callers;
mod damaged;
mod events;
mod fixtures;
mod limits;
mod streaming;
mod support;
