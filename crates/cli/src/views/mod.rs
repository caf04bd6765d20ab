//! What `--json` prints where the API has no form of its own, or another: the contract with scripts, kept apart from
//! the types that decide.

mod access;
mod amount;
mod counts;
mod message;
mod price;
mod quota;
mod usage;

pub(crate) use access::{GroupView, IamUserView, KeyView, PolicyView, instant};
pub(crate) use amount::amount;
pub(crate) use counts::{BlockView, QuotaSetView, StatusView};
pub(crate) use message::outcome;
pub(crate) use price::{ModelView, PriceView};
pub(crate) use quota::{QuotaDocument, QuotaItem};
pub(crate) use usage::UsageView;
