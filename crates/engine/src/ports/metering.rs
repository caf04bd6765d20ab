//! CloudWatch, in our language: what AWS itself counted, and where figures of ours are put.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use weir_core::ids::{AccountId, Region};

use super::EffectError;
use crate::metrics::Fact;

/// What AWS itself counted.
#[async_trait]
pub trait Metering: Send + Sync {
    /// `AWS/Bedrock Invocations` of an account in a Region, by UTC hour from `from` to before `to`;
    /// both are starts of hours. An hour without any is left out.
    async fn invocations(
        &self,
        account: &AccountId,
        region: &Region,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeMap<Timestamp, u64>, EffectError>;

    /// The Region that our own credentials are at home in.
    fn home_region(&self) -> Region;
}

/// Where figures of ours are put, for others to read and to raise alarms by.
#[async_trait]
pub trait Figures: Send + Sync {
    /// Puts all of them, as of an instant. They are levels, not increments: to put them again does
    /// no harm.
    async fn put(&self, facts: &[Fact], at: Timestamp) -> Result<(), EffectError>;
}
