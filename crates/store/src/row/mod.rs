//! From rows to the domain and back, by exhaustive destructuring.

pub(crate) mod access;
pub(crate) mod block;
pub(crate) mod evidence;
pub(crate) mod invocation;
pub(crate) mod operator;
pub(crate) mod rules;
pub(crate) mod sums;
