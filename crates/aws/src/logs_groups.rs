//! [`LogGroups`] over CloudWatch Logs.

use async_trait::async_trait;
use aws_config::{Region, SdkConfig};
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use jiff::Timestamp;
use weir_engine::ports::{EffectError, LogEvent, LogGroup, LogGroups, Page};

use crate::error::classify;

/// Log groups of any Region.
pub(crate) struct CloudWatchLogGroups {
    config: SdkConfig,
}

impl CloudWatchLogGroups {
    pub(crate) fn new(config: SdkConfig) -> Self {
        Self { config }
    }
}

#[async_trait]
impl LogGroups for CloudWatchLogGroups {
    async fn events(
        &self,
        group: &LogGroup,
        from: Timestamp,
        to: Timestamp,
        next: Option<&str>,
    ) -> Result<Page<LogEvent>, EffectError> {
        let mut builder = aws_sdk_cloudwatchlogs::config::Builder::from(&self.config);
        if let Some(region) = &group.region {
            builder = builder.region(Region::new(region.clone()));
        }
        let request = Client::from_conf(builder.build())
            .filter_log_events()
            .start_time(from.as_millisecond())
            // Both bounds are included.
            .end_time(to.as_millisecond() - 1)
            .set_next_token(next.map(ToOwned::to_owned));
        let request = if group.is_arn() {
            request.log_group_identifier(group.as_str())
        } else {
            request.log_group_name(group.as_str())
        };
        let what = || format!("FilterLogEvents {}", group.as_str());
        let answer = request
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

fn event(found: FilteredLogEvent) -> Option<LogEvent> {
    Some(LogEvent {
        at: Timestamp::from_millisecond(found.timestamp?).ok()?,
        id: found.event_id?,
        message: found.message?,
    })
}
