//! What AWS counted, as a test says it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use weir_core::ids::{AccountId, Region};
use weir_engine::ports::{EffectError, EffectErrorKind, Metering};

/// A `CloudWatch` in memory.
#[derive(Debug, Default)]
pub struct FakeMetering(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    calls: BTreeMap<(Region, Timestamp), u64>,
    denied: BTreeSet<Region>,
    asked: u64,
}

impl FakeMetering {
    /// So many calls were made in an hour.
    pub fn say(&self, region: &str, hour: Timestamp, calls: u64) {
        let key = (Region::new(region), hour);
        self.inner().calls.insert(key, calls);
    }

    /// A Region may not be read.
    pub fn deny(&self, region: &str) {
        self.inner().denied.insert(Region::new(region));
    }

    /// How often somebody asked.
    pub fn asked(&self) -> u64 {
        self.inner().asked
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Metering for FakeMetering {
    async fn invocations(
        &self,
        _account: &AccountId,
        region: &Region,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeMap<Timestamp, u64>, EffectError> {
        let mut inner = self.inner();
        inner.asked += 1;
        if inner.denied.contains(region) {
            let what = format!("GetMetricData in {region}");
            return Err(EffectError::new(
                EffectErrorKind::Denied,
                what,
                "AccessDenied",
            ));
        }
        let range = (region.clone(), from)..(region.clone(), to);
        let hours = inner.calls.range(range);
        Ok(hours.map(|((_, hour), calls)| (*hour, *calls)).collect())
    }

    fn home_region(&self) -> Region {
        Region::new("eu-west-1")
    }
}
