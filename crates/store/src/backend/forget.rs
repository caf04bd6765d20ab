//! Forgetting over a dialect.

use async_trait::async_trait;
use jiff::Timestamp;
use weir_core::audit::Entry;
use weir_core::forget::Names;
use weir_core::ids::{RequestId, UserId};

use super::Backend;
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::forget::{End, ForgetStore, Kept, Place, Replacing, Traces};
use crate::sql::sweeps::SWEEPS;
use crate::work::forget::{leave, texts, totals, traces};

#[async_trait]
impl<D: Dialect> ForgetStore for Backend<D> {
    async fn forgetting(&self, user: &UserId) -> Result<Option<Names>, StoreError> {
        leave::begun(&self.0, user).await
    }

    async fn traces(&self, user: &UserId, now: Timestamp) -> Result<Traces, StoreError> {
        traces::find(&self.0, user, now).await
    }

    async fn begin_forgetting(
        &self,
        names: &Names,
        at: Timestamp,
        audit: Vec<Entry>,
    ) -> Result<(), StoreError> {
        leave::begin(&self.0, names, at, &audit).await
    }

    async fn calls_naming(
        &self,
        names: &Names,
        after: u64,
        rows: u32,
    ) -> Result<(Vec<RequestId>, Option<u64>), StoreError> {
        traces::calls_naming(&self.0, names, after, rows).await
    }

    async fn move_totals(&self, names: &Names, rows: u32) -> Result<u64, StoreError> {
        totals::shift(&self.0, names, rows).await
    }

    async fn remove_own(&self, names: &Names, now: Timestamp) -> Result<u64, StoreError> {
        leave::remove_own(&self.0, names, now).await
    }

    fn tables(&self) -> Vec<&'static str> {
        SWEEPS.iter().map(|sweep| sweep.table).collect()
    }

    async fn replace_texts(
        &self,
        names: &Names,
        table: &'static str,
        after: Option<Place>,
        rows: u32,
        write: bool,
    ) -> Result<Replacing<Place>, StoreError> {
        texts::replace(&self.0, names, table, after, rows, write).await
    }

    async fn replace_audit(
        &self,
        names: &Names,
        after: u64,
        rows: u32,
        say: Option<Entry>,
    ) -> Result<Replacing<u64>, StoreError> {
        texts::replace_audit(&self.0, names, after, rows, say).await
    }

    async fn end_forgetting(&self, names: &Names, end: &End) -> Result<Option<Kept>, StoreError> {
        leave::end(&self.0, names, end).await
    }
}
