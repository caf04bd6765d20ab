//! `weir user`.

pub(crate) mod confirm;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod forget;
pub(crate) mod import;
pub(crate) mod info;
pub(crate) mod keys;
pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod set;
pub(crate) mod show;
pub(crate) mod since;
pub(crate) mod update;
