//! Reads for pages, over a dialect.

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use weir_core::access::{TargetKey, TargetState};
use weir_core::calendar::Window;
use weir_core::counter::{CounterScope, Sums};
use weir_core::ids::{TeamId, UserId};
use weir_core::quota::Metric;

use super::Backend;
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::filter::{BlockFilter, GroupBy, UsageFilter};
use crate::reports::{
    AgentFilter, AgentRow, BlockPlace, CallFilter, CallRow, CrossRow, LetterPlace, Newest,
    ProtectionEver, Ranked, ReportStore, Stands, TeamLine, UserLine, Whose,
};
use crate::reset::ResetRow;
use crate::rows::{BlockRow, DeadLetterRow, UsageRow, UserRow};
use crate::work::{calls, reads, reports, reset, spans, standings};

#[async_trait]
impl<D: Dialect> ReportStore for Backend<D> {
    async fn user_lines(
        &self,
        whose: &Whose,
        day: &Window,
        month: &Window,
    ) -> Result<Vec<UserLine>, StoreError> {
        standings::user_lines(&self.0, whose, day, month).await
    }

    async fn users_of(&self, whose: &Whose) -> Result<Vec<UserRow>, StoreError> {
        let users = standings::users(&self.0, whose).await?.into_iter();
        Ok(users.map(|(user, _)| user).collect())
    }

    async fn team_lines(
        &self,
        team: Option<&TeamId>,
        day: &Window,
        month: &Window,
    ) -> Result<Vec<TeamLine>, StoreError> {
        standings::team_lines(&self.0, team, day, month).await
    }

    async fn stands(&self, now: Timestamp) -> Result<Stands, StoreError> {
        standings::stands(&self.0, now).await
    }

    async fn series(
        &self,
        scope: &CounterScope,
        from: &Window,
        to: &Window,
    ) -> Result<Vec<(Window, Sums)>, StoreError> {
        reports::series(&self.0, scope, from, to).await
    }

    async fn crossed(
        &self,
        by: (GroupBy, GroupBy),
        filter: &UsageFilter,
    ) -> Result<Vec<CrossRow>, StoreError> {
        reports::crossed(&self.0, by, filter).await
    }

    async fn ranked(&self, metric: Metric, days: (Date, Date)) -> Result<Vec<Ranked>, StoreError> {
        spans::ranked(&self.0, metric, days).await
    }

    async fn days_of_users(
        &self,
        users: &[UserId],
        days: (Date, Date),
    ) -> Result<Vec<CrossRow>, StoreError> {
        spans::days_of_users(&self.0, users, days).await
    }

    async fn days_of_users_summed(
        &self,
        users: &[UserId],
        days: (Date, Date),
    ) -> Result<Vec<UsageRow>, StoreError> {
        spans::days_of_users_summed(&self.0, users, days).await
    }

    async fn calls_between(
        &self,
        from: Timestamp,
        to: Timestamp,
        team: Option<&TeamId>,
    ) -> Result<Sums, StoreError> {
        calls::between(&self.0, from, to, team).await
    }

    async fn calls(&self, filter: &CallFilter) -> Result<Vec<CallRow>, StoreError> {
        calls::list(&self.0, filter).await
    }

    async fn agents(&self, filter: &AgentFilter) -> Result<Vec<AgentRow>, StoreError> {
        calls::agents(&self.0, filter).await
    }

    async fn blocks_page(
        &self,
        filter: &BlockFilter,
        team: Option<&TeamId>,
        after: Option<&BlockPlace>,
    ) -> Result<Vec<BlockRow>, StoreError> {
        reports::blocks_page(&self.0, filter, team, after).await
    }

    async fn dead_letters_after(
        &self,
        after: Option<LetterPlace>,
        limit: u32,
    ) -> Result<Vec<DeadLetterRow>, StoreError> {
        reads::dead_letters(&self.0, after, limit).await
    }

    async fn resets_before(
        &self,
        before: Option<Date>,
        limit: u32,
    ) -> Result<Vec<ResetRow>, StoreError> {
        reset::list(&self.0, before, limit).await
    }

    async fn protections_ever(
        &self,
        user: &UserId,
        limit: u32,
    ) -> Result<Vec<ProtectionEver>, StoreError> {
        reports::protections_ever(&self.0, user, limit).await
    }

    async fn unsettled_targets(
        &self,
        team: Option<&TeamId>,
    ) -> Result<Vec<(TargetKey, TargetState)>, StoreError> {
        reports::unsettled_targets(&self.0, team).await
    }

    async fn newest(&self, month: &Window) -> Result<Newest, StoreError> {
        reports::newest(&self.0, month).await
    }
}
