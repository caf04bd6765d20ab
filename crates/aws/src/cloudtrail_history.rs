//! [`History`] over CloudTrail's `LookupEvents`.

use async_trait::async_trait;
use aws_config::{Region, SdkConfig};
use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use weir_core::ids::AccountId;
use weir_engine::ports::{EffectError, EffectErrorKind, FoundEvent, History, Page};

use crate::error::classify;

/// The most of one page.
const MOST: i32 = 50;
/// Management events of inference are all of this source; data events are in no event history.
const SOURCE: &str = "bedrock.amazonaws.com";

/// The event history of any Region of our own account.
pub(crate) struct CloudTrailHistory {
    config: SdkConfig,
    account: Option<AccountId>,
}

impl CloudTrailHistory {
    pub(crate) fn new(config: SdkConfig) -> Self {
        Self {
            config,
            account: None,
        }
    }

    /// Of an account that is not that of our own credentials.
    pub(crate) fn of(self, account: AccountId) -> Self {
        Self {
            account: Some(account),
            ..self
        }
    }
}

#[async_trait]
impl History for CloudTrailHistory {
    fn home_region(&self) -> String {
        let region = self.config.region();
        region.map_or("us-east-1", Region::as_ref).to_owned()
    }

    fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    async fn events(
        &self,
        region: &str,
        from: Timestamp,
        to: Timestamp,
        next: Option<&str>,
    ) -> Result<Page<FoundEvent>, EffectError> {
        let what = || format!("LookupEvents in {region}");
        let attribute = LookupAttribute::builder()
            .attribute_key(LookupAttributeKey::EventSource)
            .attribute_value(SOURCE)
            .build()
            .map_err(|error| {
                EffectError::new(EffectErrorKind::Refused, what(), error.to_string())
            })?;
        let config = aws_sdk_cloudtrail::config::Builder::from(&self.config)
            .region(Region::new(region.to_owned()))
            .build();
        let answer = Client::from_conf(config)
            .lookup_events()
            .lookup_attributes(attribute)
            // CloudTrail knows seconds.
            .start_time(DateTime::from_secs(from.as_second()))
            .end_time(DateTime::from_secs(to.as_second()))
            .max_results(MOST)
            .set_next_token(next.map(ToOwned::to_owned))
            .send()
            .await
            .map_err(|error| classify(what(), &error))?;
        let events = answer.events.unwrap_or_default();
        Ok(Page {
            items: events.into_iter().filter_map(event).collect(),
            next: answer.next_token,
        })
    }
}

fn event(found: Event) -> Option<FoundEvent> {
    Some(FoundEvent {
        at: Timestamp::from_second(found.event_time?.secs()).ok()?,
        record: found.cloud_trail_event?,
    })
}
