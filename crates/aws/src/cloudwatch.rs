//! [`Metering`] and [`Figures`] over CloudWatch.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_config::retry::RetryConfig;
use aws_config::{Region as SdkRegion, SdkConfig};
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{
    Dimension, MetricDataQuery, MetricDatum, ScanBy, StandardUnit, StatusCode,
};
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use weir_core::ids::{AccountId, Region};
use weir_engine::metrics::{Fact, Unit, emf};
use weir_engine::ports::{EffectError, EffectErrorKind, Figures, Metering};

use crate::accounts::Accounts;
use crate::error::classify;

/// All models of a Region together. `ModelId` is the dimension that every call is counted under once.
const INVOCATIONS: &str =
    "SUM(SEARCH('{AWS/Bedrock,ModelId} MetricName=\"Invocations\"', 'Sum', 3600))";
const PERIOD: i32 = 3_600;
/// What one `PutMetricData` takes: so many metrics, and so many bytes before compression.
const MOST: usize = 1_000;
const MOST_BYTES: usize = 900_000;
/// What one metric takes beside its names, about and rather too much.
const OVERHEAD: usize = 160;

/// CloudWatch of the accounts that our credentials reach.
pub(crate) struct CloudWatch {
    accounts: Arc<Accounts>,
    home: SdkConfig,
}

impl CloudWatch {
    /// `home` says in which Region figures are put, and with which patience.
    pub(crate) fn new(accounts: Arc<Accounts>, home: SdkConfig) -> Self {
        Self { accounts, home }
    }

    /// A client for an account and Region: reading, and putting levels, may be repeated by the SDK.
    fn client(&self, config: &SdkConfig, region: &Region) -> Client {
        let mut builder = aws_sdk_cloudwatch::config::Builder::from(config)
            .region(SdkRegion::new(region.to_string()))
            .retry_config(RetryConfig::standard());
        if let Some(timeouts) = self.home.timeout_config() {
            builder = builder.timeout_config(timeouts.clone());
        }
        Client::from_conf(builder.build())
    }
}

#[async_trait]
impl Metering for CloudWatch {
    async fn invocations(
        &self,
        account: &AccountId,
        region: &Region,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeMap<Timestamp, u64>, EffectError> {
        let account = self.accounts.get(account).await?;
        let client = self.client(&account.config, region);
        let what = || format!("GetMetricData in {region} of {}", account.id);
        let query = MetricDataQuery::builder()
            .id("invocations")
            .expression(INVOCATIONS)
            .period(PERIOD)
            .build();
        let mut hours = BTreeMap::new();
        let mut next = None;
        loop {
            let answer = client
                .get_metric_data()
                .metric_data_queries(query.clone())
                .start_time(DateTime::from_secs(from.as_second()))
                .end_time(DateTime::from_secs(to.as_second()))
                .scan_by(ScanBy::TimestampAscending)
                .set_next_token(next)
                .send()
                .await
                .map_err(|error| classify(what(), &error))?;
            for result in answer.metric_data_results() {
                let kind = match result.status_code() {
                    Some(StatusCode::Forbidden) => Some(EffectErrorKind::Denied),
                    Some(StatusCode::InternalError) => Some(EffectErrorKind::Retry),
                    _ => None,
                };
                if let Some(kind) = kind {
                    let why = result.messages().iter().filter_map(|said| said.value());
                    let why = why.collect::<Vec<_>>().join("; ");
                    return Err(EffectError::new(kind, what(), why));
                }
                for (at, sum) in result.timestamps().iter().zip(result.values()) {
                    let at = Timestamp::from_second(at.secs()).map_err(|error| {
                        EffectError::new(EffectErrorKind::Refused, what(), error.to_string())
                    })?;
                    hours.insert(at, whole(*sum));
                }
            }
            next = answer.next_token().map(ToOwned::to_owned);
            if next.is_none() {
                return Ok(hours);
            }
        }
    }

    fn home_region(&self) -> Region {
        let region = self.home.region();
        Region::new(region.map_or("us-east-1", SdkRegion::as_ref))
    }
}

/// CloudWatch adds up whole numbers as floats.
fn whole(sum: f64) -> u64 {
    format!("{sum:.0}").parse().unwrap_or(0)
}

#[async_trait]
impl Figures for CloudWatch {
    async fn put(&self, facts: &[Fact], at: Timestamp) -> Result<(), EffectError> {
        let client = self.client(&self.home, &self.home_region());
        let at = DateTime::from_secs(at.as_second());
        for (namespace, facts) in batches(facts, MOST, MOST_BYTES) {
            let data = facts.into_iter().map(|fact| datum(fact, at)).collect();
            client
                .put_metric_data()
                .namespace(namespace)
                .set_metric_data(Some(data))
                .send()
                .await
                .map_err(|error| classify(format!("PutMetricData {namespace}"), &error))?;
        }
        Ok(())
    }
}

/// Figures by namespace, as many as one request takes.
fn batches(facts: &[Fact], most: usize, most_bytes: usize) -> Vec<(&'static str, Vec<&Fact>)> {
    let mut by_namespace: BTreeMap<&'static str, Vec<&Fact>> = BTreeMap::new();
    for fact in facts {
        by_namespace
            .entry(fact.spec.namespace)
            .or_default()
            .push(fact);
    }
    let mut batches = Vec::new();
    for (namespace, facts) in by_namespace {
        let mut batch = Vec::new();
        let mut bytes = 0;
        for fact in facts {
            let size = size(fact);
            if batch.len() == most || (bytes + size > most_bytes && !batch.is_empty()) {
                batches.push((namespace, std::mem::take(&mut batch)));
                bytes = 0;
            }
            batch.push(fact);
            bytes += size;
        }
        batches.push((namespace, batch));
    }
    batches
}

fn size(fact: &Fact) -> usize {
    let names = emf::dimensions(fact);
    let names: usize = names
        .iter()
        .map(|(name, value)| name.len() + value.len() + 32)
        .sum();
    OVERHEAD + fact.spec.metric.len() + names
}

fn datum(fact: &Fact, at: DateTime) -> MetricDatum {
    let dimensions = emf::dimensions(fact);
    let dimensions = dimensions
        .into_iter()
        .map(|(name, value)| Dimension::builder().name(name).value(value).build())
        .collect();
    let unit = match fact.spec.unit {
        Unit::Count => StandardUnit::Count,
        Unit::Dollars => StandardUnit::None,
        Unit::Seconds => StandardUnit::Seconds,
        Unit::Percent => StandardUnit::Percent,
    };
    MetricDatum::builder()
        .metric_name(fact.spec.metric)
        .set_dimensions(Some(dimensions))
        .timestamp(at)
        .value(fact.number())
        .unit(unit)
        .build()
}

#[cfg(test)]
mod tests {
    use weir_engine::metrics::SPECS;

    use super::*;

    fn facts(count: usize) -> Vec<Fact> {
        let spec = SPECS[0];
        let labels = |n: usize| vec![format!("user-{n}")];
        let fact = |n| Fact {
            spec,
            labels: labels(n),
            amount: 1,
        };
        (0..count).map(fact).collect()
    }

    #[test]
    fn no_request_is_larger_than_cloudwatch_takes() {
        for (count, most, bytes, expected) in [
            (0, 1_000, 900_000, vec![]),
            (1_000, 1_000, 900_000, vec![1_000]),
            (2_001, 1_000, 900_000, vec![1_000, 1_000, 1]),
            (5, 1_000, 500, vec![2, 2, 1]),
            // One that is too large alone goes alone: CloudWatch says what it thinks of it.
            (2, 1_000, 1, vec![1, 1]),
        ] {
            let facts = facts(count);
            let sizes: Vec<_> = batches(&facts, most, bytes)
                .iter()
                .map(|(_, batch)| batch.len())
                .collect();
            assert_eq!(sizes, expected, "{count} figures");
        }
    }

    #[test]
    fn sums_are_whole() {
        for (sum, calls) in [(0.0, 0), (41.0, 41), (1e9, 1_000_000_000), (-1.0, 0)] {
            assert_eq!(whole(sum), calls);
        }
    }
}
