//! What a store does, without a dialect: grouping, differences, steps, repeats, mapping.

pub(crate) mod audit;
pub(crate) mod callers;
pub(crate) mod calls;
pub(crate) mod count;
pub(crate) mod cursors;
pub(crate) mod docs;
pub(crate) mod incidents;
pub(crate) mod logins;
pub(crate) mod mail;
pub(crate) mod mails;
pub(crate) mod migrate;
pub(crate) mod operators;
pub(crate) mod queue;
pub(crate) mod reads;
pub(crate) mod reports;
pub(crate) mod reset;
pub(crate) mod rules;
pub(crate) mod settle;
pub(crate) mod situation;
pub(crate) mod standings;
pub(crate) mod target_keys;
pub(crate) mod targets;
pub(crate) mod totals;
pub(crate) mod transact;
pub(crate) mod watch;
pub(crate) mod write;
