//! Trails, and whether they log calls of Bedrock, which are management events that only read.

use aws_config::{Region as SdkRegion, SdkConfig};
use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::operation::get_event_selectors::GetEventSelectorsOutput;
use aws_sdk_cloudtrail::types::{AdvancedEventSelector, EventSelector, ReadWriteType};
use weir_core::ids::Region;
use weir_engine::ports::{EffectError, Trail};

use crate::error::classify;

pub(crate) async fn of(config: &SdkConfig, region: &Region) -> Result<Vec<Trail>, EffectError> {
    let config = aws_sdk_cloudtrail::config::Builder::from(config)
        .region(SdkRegion::new(region.to_string()))
        .build();
    let client = Client::from_conf(config);
    let answer = client
        .describe_trails()
        .include_shadow_trails(true)
        .send()
        .await
        .map_err(|error| classify(format!("DescribeTrails in {region}"), &error))?;
    let mut trails = Vec::new();
    for found in answer.trail_list.unwrap_or_default() {
        let (Some(name), Some(bucket)) = (found.name, found.s3_bucket_name) else {
            continue;
        };
        let arn = found.trail_arn.unwrap_or_else(|| name.clone());
        let status = client.get_trail_status().name(&arn).send().await;
        let status = status.map_err(|error| classify(format!("GetTrailStatus {arn}"), &error))?;
        let selectors = client.get_event_selectors().trail_name(&arn).send().await;
        let selectors =
            selectors.map_err(|error| classify(format!("GetEventSelectors {arn}"), &error))?;
        let prefix = found.s3_key_prefix.unwrap_or_default();
        trails.push(Trail {
            name,
            bucket,
            prefix: prefix.trim_end_matches('/').to_owned(),
            organisation: found.is_organization_trail.unwrap_or(false),
            is_logging: status.is_logging.unwrap_or(false),
            reads: reads(&selectors),
        });
    }
    Ok(trails)
}

/// A trail without any selector logs all management events.
fn reads(found: &GetEventSelectorsOutput) -> bool {
    found.event_selectors().is_empty() && found.advanced_event_selectors().is_empty()
        || found.event_selectors().iter().any(plain_reads)
        || found.advanced_event_selectors().iter().any(advanced_reads)
}

fn plain_reads(selector: &EventSelector) -> bool {
    selector.include_management_events.unwrap_or(true)
        && selector.read_write_type != Some(ReadWriteType::WriteOnly)
}

/// Management events, and neither only those that write, nor all but Bedrock's.
fn advanced_reads(selector: &AdvancedEventSelector) -> bool {
    let says = |field: &str, value: &str| {
        let mut fields = selector.field_selectors().iter();
        fields.any(|one| one.field == field && one.equals().iter().any(|known| known == value))
    };
    let excludes = selector.field_selectors().iter().any(|one| {
        let named = one.not_equals().iter();
        one.field == "eventSource"
            && named
                .into_iter()
                .any(|source| source.starts_with("bedrock"))
    });
    says("eventCategory", "Management") && !says("readOnly", "false") && !excludes
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudtrail::types::AdvancedFieldSelector;

    use super::*;

    #[test]
    fn only_what_logs_reading_management_events_sees_calls_of_bedrock() {
        let field = |name: &str, value: &str| {
            AdvancedFieldSelector::builder()
                .field(name)
                .equals(value)
                .build()
                .unwrap()
        };
        let advanced = |fields: Vec<AdvancedFieldSelector>| {
            AdvancedEventSelector::builder()
                .set_field_selectors(Some(fields))
                .build()
                .unwrap()
        };
        let management = || field("eventCategory", "Management");
        for (fields, expected) in [
            (vec![management()], true),
            (vec![management(), field("readOnly", "true")], true),
            (vec![management(), field("readOnly", "false")], false),
            (vec![field("eventCategory", "Data")], false),
        ] {
            assert_eq!(
                advanced_reads(&advanced(fields.clone())),
                expected,
                "{fields:?}"
            );
        }
        for (kind, management, expected) in [
            (ReadWriteType::All, true, true),
            (ReadWriteType::ReadOnly, true, true),
            (ReadWriteType::WriteOnly, true, false),
            (ReadWriteType::All, false, false),
        ] {
            let selector = EventSelector::builder()
                .read_write_type(kind)
                .include_management_events(management)
                .build();
            assert_eq!(plain_reads(&selector), expected, "{selector:?}");
        }
    }
}
