//! CloudTrail records: API calls and stream completions (aws.md 1).

use std::collections::BTreeMap;

use super::caller;
use super::clean::{NAME, USER_AGENT, clean};
use super::event::{Additional, Fields, Noted, Parameters};
use super::fields::{account_id, failure, kept_metadata, model, no_id, region, request_id, time};
use super::item::Options;
use super::leaf::Problem;
use super::operation::{Plane, is_known_operation, may_run_a_model};
use crate::ids::{AccountId, KeyId, Region, RequestId};
use crate::record::{Client, Record, Source};
use crate::tokens::Tokens;

/// Whether events of that source may be about model invocations.
pub(super) fn is_ours(event_source: &str) -> bool {
    matches!(
        event_source,
        "bedrock.amazonaws.com" | "bedrock-runtime.amazonaws.com" | "bedrock-mantle.amazonaws.com"
    )
}

/// The record of an event of one of our sources, if it is about an invocation.
pub(super) fn record<D>(
    event: &Fields<'_, D>,
    options: &Options,
) -> Result<Option<Record>, Problem> {
    let source = match event.event_type.text("eventType")? {
        None | Some("AwsApiCall") => Source::ApiCall,
        Some("AwsServiceEvent") => Source::Completion,
        // Console actions, and copies that VPC endpoints write of denied calls.
        Some(_) => return Ok(None),
    };
    let operation = event.event_name.required("eventName")?;
    if !is_invocation(event, operation) {
        return Ok(None);
    }
    let (request, notes) = match source {
        Source::Completion => (parent_request(event)?, completion_notes(event)?),
        Source::ApiCall | Source::Log => (
            request_id(&event.request_id, "requestID")?,
            Notes::of(event.additional_event_data.object("additionalEventData")?)?,
        ),
    };
    let asked = Asked::of(
        event.request_parameters.object("requestParameters")?,
        options,
    )?;
    let source_ip = event.source_ip.text("sourceIPAddress")?;
    let model_resource = match event.resources.0.as_deref() {
        Some(arn) => Some(model(arn, "resources[].ARN")?),
        None => None,
    };
    Ok(Some(Record {
        request,
        source,
        at: time(&event.event_time, "eventTime")?,
        account: account(event)?,
        region: region(event.aws_region.required("awsRegion")?, "awsRegion")?,
        operation: clean(operation, NAME),
        identity: caller::from_cloudtrail(&event.user_identity, source_ip)?,
        model_sent: asked.model,
        model_resource,
        inference_region: notes.inference_region,
        tokens: notes.tokens,
        failure: failure(&event.error_code, &event.error_message)?,
        tier: asked.tier,
        client: Client {
            source_ip: source_ip.map(|ip| clean(ip, NAME)),
            user_agent: event
                .user_agent
                .text("userAgent")?
                .map(|ua| clean(ua, USER_AGENT)),
            access_key: access_key(event)?,
            bearer: notes.bearer || asked.bearer,
        },
        metadata: asked.metadata,
    }))
}

fn parent_request<D>(event: &Fields<'_, D>) -> Result<RequestId, Problem> {
    const FIELD: &str = "serviceEventDetails.parentRequestId";
    match event.service_event_details.object("serviceEventDetails")? {
        Some(details) => request_id(&details.parent_request_id, FIELD),
        None => Err(no_id(FIELD, "is missing")),
    }
}

fn account<D>(event: &Fields<'_, D>) -> Result<AccountId, Problem> {
    const FIELD: &str = "recipientAccountId";
    const CALLER_FIELD: &str = "userIdentity.accountId";
    if let Some(account) = event.recipient_account_id.text(FIELD)? {
        return account_id(account, FIELD);
    }
    match event.user_identity.object("userIdentity")? {
        Some(caller) => account_id(caller.account_id.required(CALLER_FIELD)?, CALLER_FIELD),
        None => Err(Problem::field(FIELD, "is missing")),
    }
}

fn access_key<D>(event: &Fields<'_, D>) -> Result<Option<KeyId>, Problem> {
    let Some(caller) = event.user_identity.object("userIdentity")? else {
        return Ok(None);
    };
    let key = caller.access_key_id.text("userIdentity.accessKeyId")?;
    Ok(key.map(|key| KeyId::new(clean(key, NAME))))
}

/// What the caller asked for.
#[derive(Debug, Default)]
struct Asked {
    model: Option<String>,
    tier: Option<String>,
    bearer: bool,
    metadata: BTreeMap<String, String>,
}

impl Asked {
    /// Of parameters that may be absent: AWS leaves them out of some events (aws.md 1.4).
    fn of(sent: Option<&Parameters<'_>>, options: &Options) -> Result<Self, Problem> {
        const BEARER: &str = "requestParameters.callWithBearerToken";
        let Some(sent) = sent else {
            return Ok(Self::default());
        };
        let model_id = sent.model_id.text("requestParameters.modelId")?;
        let mantle_model = sent.model.text("requestParameters.model")?;
        let named = model_id
            .map(|id| (id, "requestParameters.modelId"))
            .or(mantle_model.map(|id| (id, "requestParameters.model")));
        let tier = sent
            .tier_snake
            .0
            .as_deref()
            .or(sent.tier_camel.0.as_deref());
        Ok(Self {
            model: named.map(|(id, field)| model(id, field)).transpose()?,
            tier: tier.map(|tier| clean(tier, NAME)),
            bearer: sent.call_with_bearer_token.flag(BEARER)?,
            metadata: kept_metadata(&sent.request_metadata, options)?,
        })
    }
}

/// Rules C2: the known operations, and whatever else runs a model.
fn is_invocation<D>(event: &Fields<'_, D>, operation: &str) -> bool {
    if is_known_operation(operation) {
        return true;
    }
    let sent = event.request_parameters.get();
    let names_a_model = event.resources.0.is_some()
        || sent.is_some_and(|sent| sent.model_id.as_str().or(sent.model.as_str()).is_some());
    names_a_model && may_run_a_model(operation, plane(event))
}

fn plane<D>(event: &Fields<'_, D>) -> Plane {
    let parent = event
        .service_event_details
        .get()
        .map(|details| &details.parent_request_id);
    if parent.is_some_and(|parent| parent.as_str().is_some()) {
        return Plane::Runtime;
    }
    match event.event_source.as_str() {
        Some("bedrock-runtime.amazonaws.com") => return Plane::Runtime,
        Some("bedrock-mantle.amazonaws.com") => {
            let is_data = event.event_category.as_str() == Some("Data");
            return if is_data {
                Plane::Runtime
            } else {
                Plane::Control
            };
        }
        _ => {}
    }
    let host = event
        .tls_details
        .get()
        .and_then(|tls| tls.client_provided_host_header.as_str());
    match host {
        Some(host) if host.contains("bedrock-runtime") => Plane::Runtime,
        Some(_) => Plane::Control,
        None => Plane::Unsaid,
    }
}

/// What AWS noted about a call.
#[derive(Debug, Default)]
struct Notes {
    inference_region: Option<Region>,
    tokens: Option<Tokens>,
    bearer: bool,
}

impl Notes {
    fn of<E>(noted: Option<&Noted<'_, E>>) -> Result<Self, Problem> {
        let Some(noted) = noted else {
            return Ok(Self::default());
        };
        let input = noted
            .input_tokens
            .count("additionalEventData.inputTokens")?;
        let output = noted
            .output_tokens
            .count("additionalEventData.outputTokens")?;
        let inference_region = match noted
            .inference_region
            .text("additionalEventData.inferenceRegion")?
        {
            Some(text) => Some(region(text, "additionalEventData.inferenceRegion")?),
            None => None,
        };
        Ok(Self {
            inference_region,
            // CloudTrail does not divide the input, and does not say whether cache is in it.
            tokens: input.or(output).map(|_| Tokens {
                input: input.unwrap_or(0),
                output: output.unwrap_or(0),
                ..Tokens::default()
            }),
            bearer: noted
                .call_with_bearer_token
                .flag("additionalEventData.callWithBearerToken")?,
        })
    }

    fn or(self, other: Self) -> Self {
        Self {
            inference_region: self.inference_region.or(other.inference_region),
            tokens: self.tokens.or(other.tokens),
            bearer: self.bearer || other.bearer,
        }
    }
}

/// Completions note one level deeper, or (not seen yet) where API calls do.
fn completion_notes<D>(event: &Fields<'_, D>) -> Result<Notes, Problem> {
    let details = event.service_event_details.object("serviceEventDetails")?;
    let additional: Option<&Additional<'_>> = match details {
        Some(details) => details
            .additional
            .object("serviceEventDetails.AdditionalEventData")?,
        None => None,
    };
    let entries = additional.and_then(|additional| additional.additional_entries.0.as_deref());
    let beside = event.additional_event_data.object("additionalEventData")?;
    Ok(Notes::of(entries)?
        .or(Notes::of(additional)?)
        .or(Notes::of(beside)?))
}
