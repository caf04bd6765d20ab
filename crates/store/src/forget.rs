//! Forgetting a user (rules P2), as far as it is stored.

use async_trait::async_trait;
use jiff::Timestamp;
use weir_core::audit::Entry;
use weir_core::forget::Names;
use weir_core::ids::{RequestId, UserId};

use crate::error::StoreError;
use crate::value::Value;

/// What there is of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// Names, e-mail addresses and ids it goes by, and no other user.
    pub names: Vec<String>,
    /// Those that another user goes by, too: they stay where they stand in texts.
    pub shared: Vec<String>,
    /// Rows by table.
    pub rows: Vec<(&'static str, u64)>,
    /// Why it cannot be forgotten now.
    pub obstacle: Option<Obstacle>,
}

/// Why a user cannot be forgotten now: nobody could say any more whom a Deny is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// A block is in force.
    Blocked,
    /// AWS denies the user something, or may do so any moment.
    Denied,
}

/// A place in a table, to go on from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(pub(crate) Vec<Value>);

/// What replacing names in some rows came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacing<P> {
    /// Rows that named the user.
    pub rows: u64,
    /// Where the rest begins.
    pub rest: Option<P>,
}

/// Storage of forgetting. Each method is one transaction, may be repeated, and does then what is left.
/// `rows` bounds how many rows it looks at.
#[async_trait]
pub trait ForgetStore: Send + Sync {
    /// The names of a user whose forgetting has begun.
    async fn forgetting(&self, user: &UserId) -> Result<Option<Names>, StoreError>;
    /// What there is of a user, at an instant.
    async fn traces(&self, user: &UserId, now: Timestamp) -> Result<Traces, StoreError>;
    /// Writes down that it begins.
    async fn begin_forgetting(
        &self,
        names: &Names,
        at: Timestamp,
        audit: Vec<Entry>,
    ) -> Result<(), StoreError>;
    /// Invocations whose records may name the user, in order of arrival after `after`.
    async fn calls_naming(
        &self,
        names: &Names,
        after: u64,
        rows: u32,
    ) -> Result<(Vec<RequestId>, Option<u64>), StoreError>;
    /// Moves totals to the pseudonym that no invocation on file accounts for any more; how many.
    async fn move_totals(&self, names: &Names, rows: u32) -> Result<u64, StoreError>;
    /// Removes what is about the user alone, and gives its blocks and protections to the pseudonym.
    async fn remove_own(&self, names: &Names, now: Timestamp) -> Result<u64, StoreError>;
    /// The tables in which texts may name the user.
    fn tables(&self) -> Vec<&'static str>;
    /// Puts the pseudonym in place of names in the texts of a table; without `write`, only counts.
    async fn replace_texts(
        &self,
        names: &Names,
        table: &'static str,
        after: Option<Place>,
        rows: u32,
        write: bool,
    ) -> Result<Replacing<Place>, StoreError>;
    /// The same in the audit log after a number; with an entry to say so, else only counts.
    async fn replace_audit(
        &self,
        names: &Names,
        after: u64,
        rows: u32,
        say: Option<Entry>,
    ) -> Result<Replacing<u64>, StoreError>;
    /// Removes the user and the note that it is being forgotten, if nothing of it is left. What keeps it,
    /// otherwise.
    async fn end_forgetting(&self, names: &Names, end: &End) -> Result<Option<Kept>, StoreError>;
}

/// What the last step needs.
#[derive(Clone, Debug)]
pub struct End {
    /// The instant to decide at.
    pub now: Timestamp,
    /// Up to which number names are replaced in the audit log; those after it follow now.
    pub audited: u64,
    /// Says which texts were replaced.
    pub say: Entry,
    /// Says that it is done.
    pub done: Entry,
}

/// Why a user cannot leave yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It called meanwhile.
    Calls,
    /// It was blocked meanwhile.
    Obstacle(Obstacle),
}
