//! The first operator of a database.

pub(super) mod finish;
