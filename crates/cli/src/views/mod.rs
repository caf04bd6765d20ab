//! What `--json` prints where the engine has no report of its own: the contract with scripts, kept
//! apart from the types that decide.

mod access;
mod block;
mod dead_letter;
mod message;
mod price;
mod quota;
mod usage;

pub(crate) use access::{GroupView, IamUserView, KeyView, PolicyView, instant};
pub(crate) use block::BlockView;
pub(crate) use dead_letter::DeadLetterView;
pub(crate) use message::MessageView;
pub(crate) use price::{ModelView, PriceView, PricesView, source as price_source};
pub(crate) use quota::{QuotaDocument, QuotaItem};
pub(crate) use usage::UsageView;
