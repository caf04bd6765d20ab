//! An event history that is cut off in the middle.

use std::sync::Arc;

use jiff::Timestamp;
use weir_engine::ports::{EffectError, EffectErrorKind, FoundEvent, History, Page};

/// Refuses the second page.
pub(crate) struct Stopping(pub(crate) Arc<dyn History>);

#[async_trait::async_trait]
impl History for Stopping {
    fn home_region(&self) -> String {
        self.0.home_region()
    }

    async fn events(
        &self,
        region: &str,
        from: Timestamp,
        to: Timestamp,
        next: Option<&str>,
    ) -> Result<Page<FoundEvent>, EffectError> {
        if next.is_some() {
            let what = format!("LookupEvents in {region}");
            return Err(EffectError::new(EffectErrorKind::Retry, what, "no network"));
        }
        self.0.events(region, from, to, next).await
    }
}
