//! Model-invocation-log records (aws.md 3.2).

use super::caller;
use super::clean::{NAME, clean};
use super::event::Fields;
use super::fields::{account_id, failure, kept_metadata, model, region, request_id, time};
use super::item::Options;
use super::leaf::Problem;
use super::usage::{BodyCounts, Stated};
use crate::record::{Client, Identity, Record, Source};
use crate::tokens::Tokens;

/// The record of one log entry.
pub(super) fn record<D>(log: &Fields<'_, D>, options: &Options) -> Result<Record, Problem> {
    let identity = log.identity.object("identity")?;
    let arn = match identity {
        Some(identity) => identity.arn.text("identity.arn")?,
        None => None,
    };
    let identity = arn.map_or_else(
        || Identity::Unknown {
            seen: String::new(),
        },
        caller::from_arn,
    );
    let inference_region = match log.inference_region.text("inferenceRegion")? {
        Some(text) => Some(region(text, "inferenceRegion")?),
        None => None,
    };
    let model_sent = match log.model_id.text("modelId")? {
        Some(id) => Some(model(id, "modelId")?),
        None => None,
    };
    let tier_of_body = log
        .output
        .get()
        .and_then(|output| output.body.tier.0.as_deref());
    Ok(Record {
        request: request_id(&log.log_request_id, "requestId")?,
        source: Source::Log,
        at: time(&log.timestamp, "timestamp")?,
        account: account_id(log.account_id.required("accountId")?, "accountId")?,
        region: region(log.region.required("region")?, "region")?,
        operation: clean(log.operation.text("operation")?.unwrap_or("unknown"), NAME),
        identity,
        model_sent,
        model_resource: None,
        inference_region,
        tokens: tokens(log)?,
        failure: failure(&log.error_code, &log.error_message)?,
        tier: log
            .service_tier
            .0
            .as_deref()
            .or(tier_of_body)
            .map(|tier| clean(tier, NAME)),
        client: Client::default(),
        metadata: kept_metadata(&log.request_metadata, options)?,
    })
}

/// The record's own counts, completed and divided by those of the answer's body.
fn tokens<D>(log: &Fields<'_, D>) -> Result<Option<Tokens>, Problem> {
    let mut stated = Stated::default();
    if let Some(input) = log.input.object("input")? {
        stated.input = input.uncached.count("input.inputTokenCount")?;
        stated.cache_read = input.cache_read.count("input.cacheReadInputTokenCount")?;
        stated.cache_write = input.cache_write.count("input.cacheWriteInputTokenCount")?;
    }
    let mut body = Ok(BodyCounts::default());
    if let Some(output) = log.output.object("output")? {
        stated.output = output.count.count("output.outputTokenCount")?;
        body = output.body.counts();
    }
    let body = match body {
        Err(problem) if stated.lacks_something() => return Err(problem),
        body => body.unwrap_or_default(),
    };
    Ok(stated.with(&body))
}
