//! What is shown where the API has no form of its own: the contract with scripts, kept apart from the types
//! that decide.

mod access;
mod amount;
mod message;
mod quota;
mod usage;

pub(crate) use access::{GroupView, IamUserView, KeyView, PolicyView, instant};
pub(crate) use amount::amount;
pub(crate) use message::outcome;
pub(crate) use quota::{QuotaDocument, QuotaItem};
pub(crate) use usage::UsageView;
