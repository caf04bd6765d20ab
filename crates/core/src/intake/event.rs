//! The wire shapes of all forms, as far as they are read. Everything else is skipped.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess};

use super::body::Body;
use super::leaf::{Group, Leaf, Lenient, lenient};

/// One JSON object of any form.
pub(super) type Outer<'a> = Fields<'a, Group<Box<Inner<'a>>>>;
/// The `detail` of an EventBridge envelope: a CloudTrail record. It holds no envelope itself, which
/// also keeps the stack flat.
pub(super) type Inner<'a> = Fields<'a, Leaf<'a>>;

/// The fields of all forms side by side, so that one pass is enough to read a record and to tell
/// what it is.
#[derive(Debug, Default, Deserialize)]
#[serde(
    default,
    rename_all = "camelCase",
    bound(deserialize = "D: Deserialize<'de> + Default")
)]
pub(super) struct Fields<'a, D> {
    // EventBridge
    #[serde(rename = "detail-type", borrow)]
    pub(super) detail_type: Leaf<'a>,
    pub(super) detail: D,
    // SQS
    pub(super) message_id: Leaf<'a>,
    pub(super) body: Leaf<'a>,
    // SNS, as it writes itself
    #[serde(rename = "Type")]
    pub(super) sns_type: Leaf<'a>,
    #[serde(rename = "TopicArn")]
    pub(super) topic_arn: Leaf<'a>,
    #[serde(rename = "MessageId")]
    pub(super) sns_message_id: Leaf<'a>,
    #[serde(rename = "Message")]
    pub(super) sns_message: Leaf<'a>,
    // SNS, as Lambda gets it
    #[serde(rename = "Sns")]
    pub(super) sns: Group<Notification<'a>>,
    // CloudWatch Logs, and lists that come with other fields
    pub(super) awslogs: Group<AwsLogs<'a>>,
    pub(super) message_type: Leaf<'a>,
    pub(super) log_events: Leaf<'a>,
    #[serde(rename = "Records")]
    pub(super) records: Leaf<'a>,
    // CloudTrail
    pub(super) event_version: Leaf<'a>,
    pub(super) event_time: Leaf<'a>,
    pub(super) event_source: Leaf<'a>,
    pub(super) event_name: Leaf<'a>,
    pub(super) event_type: Leaf<'a>,
    pub(super) event_category: Leaf<'a>,
    pub(super) aws_region: Leaf<'a>,
    #[serde(rename = "requestID")]
    pub(super) request_id: Leaf<'a>,
    pub(super) recipient_account_id: Leaf<'a>,
    pub(super) user_identity: Group<UserIdentity<'a>>,
    #[serde(rename = "sourceIPAddress")]
    pub(super) source_ip: Leaf<'a>,
    pub(super) user_agent: Leaf<'a>,
    pub(super) request_parameters: Group<Parameters<'a>>,
    pub(super) additional_event_data: Group<Additional<'a>>,
    pub(super) service_event_details: Group<ServiceDetails<'a>>,
    pub(super) resources: Resources<'a>,
    pub(super) tls_details: Group<TlsDetails<'a>>,
    // CloudTrail and the invocation log
    pub(super) error_code: Leaf<'a>,
    pub(super) error_message: Leaf<'a>,
    // The invocation log
    pub(super) schema_type: Leaf<'a>,
    pub(super) timestamp: Leaf<'a>,
    pub(super) account_id: Leaf<'a>,
    pub(super) region: Leaf<'a>,
    #[serde(rename = "requestId")]
    pub(super) log_request_id: Leaf<'a>,
    pub(super) operation: Leaf<'a>,
    pub(super) model_id: Leaf<'a>,
    pub(super) inference_region: Leaf<'a>,
    pub(super) identity: Group<LogIdentity<'a>>,
    pub(super) request_metadata: Metadata<'a>,
    pub(super) input: Group<Input<'a>>,
    pub(super) output: Group<Output<'a>>,
    pub(super) service_tier: Tier<'a>,
}

/// A message of SNS in what Lambda gets.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Notification<'a> {
    #[serde(rename = "MessageId", borrow)]
    pub(super) id: Leaf<'a>,
    #[serde(rename = "Message")]
    pub(super) message: Leaf<'a>,
}

/// What Lambda gets from a CloudWatch Logs subscription.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AwsLogs<'a> {
    #[serde(borrow)]
    pub(super) data: Leaf<'a>,
}

/// One log event of a decoded subscription payload.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LogEvent<'a> {
    #[serde(borrow)]
    pub(super) id: Leaf<'a>,
    pub(super) message: Leaf<'a>,
}

/// What stands before `logEvents` in a subscription payload.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct LogHead<'a> {
    #[serde(borrow)]
    pub(super) message_type: Leaf<'a>,
}

/// CloudTrail `userIdentity`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct UserIdentity<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Leaf<'a>,
    pub(super) principal_id: Leaf<'a>,
    pub(super) arn: Leaf<'a>,
    pub(super) account_id: Leaf<'a>,
    pub(super) access_key_id: Leaf<'a>,
    pub(super) user_name: Leaf<'a>,
    pub(super) invoked_by: Leaf<'a>,
    pub(super) session_context: Group<SessionContext<'a>>,
    pub(super) on_behalf_of: Group<OnBehalfOf<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SessionContext<'a> {
    #[serde(borrow)]
    pub(super) session_issuer: Group<SessionIssuer<'a>>,
    pub(super) source_identity: Leaf<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SessionIssuer<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Leaf<'a>,
    pub(super) principal_id: Leaf<'a>,
    pub(super) arn: Leaf<'a>,
    pub(super) user_name: Leaf<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct OnBehalfOf<'a> {
    #[serde(borrow)]
    pub(super) user_id: Leaf<'a>,
}

/// CloudTrail `requestParameters` of an invocation. Mantle calls the model `model`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Parameters<'a> {
    #[serde(borrow)]
    pub(super) model_id: Leaf<'a>,
    pub(super) model: Leaf<'a>,
    #[serde(rename = "service_tier")]
    pub(super) tier_snake: Tier<'a>,
    #[serde(rename = "serviceTier")]
    pub(super) tier_camel: Tier<'a>,
    pub(super) call_with_bearer_token: Leaf<'a>,
    pub(super) request_metadata: Metadata<'a>,
}

/// CloudTrail `additionalEventData`. Stream completions have its fields one level deeper.
pub(super) type Additional<'a> = Noted<'a, Entries<'a>>;

/// What AWS notes about a call beside the call itself.
#[derive(Debug, Default, Deserialize)]
#[serde(
    default,
    rename_all = "camelCase",
    bound(deserialize = "E: Deserialize<'de> + Default")
)]
pub(super) struct Noted<'a, E> {
    #[serde(borrow)]
    pub(super) inference_region: Leaf<'a>,
    pub(super) input_tokens: Leaf<'a>,
    pub(super) output_tokens: Leaf<'a>,
    pub(super) call_with_bearer_token: Leaf<'a>,
    pub(super) additional_entries: E,
}

/// CloudTrail `serviceEventDetails` of a stream completion.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ServiceDetails<'a> {
    #[serde(borrow)]
    pub(super) parent_request_id: Leaf<'a>,
    /// AWS writes it with a capital letter.
    #[serde(rename = "AdditionalEventData", alias = "additionalEventData")]
    pub(super) additional: Group<Additional<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct TlsDetails<'a> {
    #[serde(borrow)]
    pub(super) client_provided_host_header: Leaf<'a>,
}

/// `identity` of an invocation log.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LogIdentity<'a> {
    #[serde(borrow)]
    pub(super) arn: Leaf<'a>,
}

/// `input` of an invocation log. The body is never looked at: the caller wrote it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Input<'a> {
    #[serde(rename = "inputTokenCount", borrow)]
    pub(super) uncached: Leaf<'a>,
    #[serde(rename = "cacheReadInputTokenCount")]
    pub(super) cache_read: Leaf<'a>,
    #[serde(rename = "cacheWriteInputTokenCount")]
    pub(super) cache_write: Leaf<'a>,
}

/// `output` of an invocation log. Of the body only the counts are read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Output<'a> {
    #[serde(rename = "outputTokenCount", borrow)]
    pub(super) count: Leaf<'a>,
    #[serde(rename = "outputBodyJson")]
    pub(super) body: Body<'a>,
}

/// `additionalEntries`: an object, or a list of `{key, value}` (seen in practice only).
#[derive(Debug, Default)]
pub(super) struct Entries<'a>(pub(super) Option<Box<Noted<'a, Leaf<'a>>>>);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry<'a> {
    #[serde(borrow, alias = "Key")]
    key: Leaf<'a>,
    #[serde(alias = "Value")]
    value: Leaf<'a>,
}

impl<'de: 'a, 'a> Lenient<'de> for Entries<'a> {
    fn other(_: Leaf<'de>) -> Self {
        Self(None)
    }

    fn object<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        let entries = Noted::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Self(Some(Box::new(entries))))
    }

    fn list<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut all = Noted::default();
        while let Some(entry) = seq.next_element::<Group<Entry<'de>>>()? {
            let Group::Is(Entry { key, value }) = entry else {
                continue;
            };
            let slot = match key.as_str() {
                Some("inferenceRegion") => &mut all.inference_region,
                Some("inputTokens") => &mut all.input_tokens,
                Some("outputTokens") => &mut all.output_tokens,
                Some("callWithBearerToken") => &mut all.call_with_bearer_token,
                _ => continue,
            };
            if *slot != Leaf::Missing {
                return Err(A::Error::duplicate_field("additionalEntries[].key"));
            }
            *slot = value.unquoted();
        }
        Ok(Self(Some(Box::new(all))))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
    }
}

/// The model ARN among `resources[]`: the foundation model, whatever profile the caller named.
#[derive(Debug, Default)]
pub(super) struct Resources<'a>(pub(super) Option<Cow<'a, str>>);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Resource<'a> {
    #[serde(rename = "type", borrow)]
    kind: Leaf<'a>,
    #[serde(rename = "ARN", alias = "arn")]
    arn: Leaf<'a>,
}

impl<'de: 'a, 'a> Lenient<'de> for Resources<'a> {
    fn other(_: Leaf<'de>) -> Self {
        Self(None)
    }

    fn list<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut model = None;
        while let Some(resource) = seq.next_element::<Group<Resource<'de>>>()? {
            let Group::Is(Resource {
                kind,
                arn: Leaf::Text(arn),
            }) = resource
            else {
                continue;
            };
            let is_model = kind.as_str() == Some("AWS::Bedrock::Model");
            if model.is_none() && !arn.is_empty() && is_model {
                model = Some(arn);
            }
        }
        Ok(Self(model))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Resources<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
    }
}

/// `requestMetadata`: what the caller says about itself, so no more of it is looked at than AWS
/// allows a caller to send.
#[derive(Debug, Default)]
pub(super) struct Metadata<'a>(pub(super) Vec<(Cow<'a, str>, Leaf<'a>)>);

const MOST_METADATA: usize = 64;

impl<'de: 'a, 'a> Lenient<'de> for Metadata<'a> {
    fn other(_: Leaf<'de>) -> Self {
        Self::default()
    }

    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut pairs = Vec::new();
        while pairs.len() < MOST_METADATA {
            match map.next_entry::<Leaf<'de>, Leaf<'de>>()? {
                Some((Leaf::Text(key), value)) => pairs.push((key, value)),
                Some(_) => {}
                None => return Ok(Self(pairs)),
            }
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self(pairs))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Metadata<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
    }
}

/// A service tier: a word, or an object with the word as its `type`.
#[derive(Debug, Default)]
pub(super) struct Tier<'a>(pub(super) Option<Cow<'a, str>>);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TierObject<'a> {
    #[serde(rename = "type", borrow)]
    kind: Leaf<'a>,
}

impl<'de: 'a, 'a> Lenient<'de> for Tier<'a> {
    fn other(found: Leaf<'de>) -> Self {
        match found {
            Leaf::Text(word) if !word.is_empty() => Self(Some(word)),
            _ => Self(None),
        }
    }

    fn object<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        let tier = TierObject::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Self::other(tier.kind))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Tier<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
    }
}
