//! What AWS would send about a call, byte for byte in its own forms. No prompt is ever made up:
//! bodies hold counts only.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::catalogue::{Counts, Model};
use super::organisation::{ACCOUNT, Caller, Door, Tool};
use super::rng::Rng;

/// One call, as it happened.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) caller: &'static Caller,
    pub(crate) tool: Tool,
    pub(crate) model: Model,
    pub(crate) counts: Counts,
    pub(crate) at: Timestamp,
    pub(crate) outcome: Outcome,
    pub(crate) request_id: String,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Served,
    Throttled,
    Denied,
}

impl Outcome {
    const fn code(self) -> Option<&'static str> {
        match self {
            Self::Served => None,
            Self::Throttled => Some("ThrottlingException"),
            Self::Denied => Some("AccessDenied"),
        }
    }
}

/// Which of the two copies of an event: the management event, or that of a trail with data events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Copy {
    Management,
    Data,
}

/// The CloudTrail record of the call itself.
pub(crate) fn api_call(call: &Call, copy: Copy, rng: &mut Rng) -> Value {
    let mut record = common(call, call.at, &call.request_id, rng);
    let mut more = serde_json::Map::new();
    if call.caller.door == Door::ApiKey {
        more.insert("callWithBearerToken".to_owned(), json!(true));
    }
    if call.model.sent.contains("eu.") || call.model.sent.starts_with("global.") {
        more.insert("inferenceRegion".to_owned(), json!("eu-central-1"));
    }
    if call.outcome == Outcome::Served && !call.tool.streams() {
        more.insert("inputTokens".to_owned(), json!(call.counts.whole_input()));
        more.insert("outputTokens".to_owned(), json!(call.counts.output));
    }
    record["eventType"] = json!("AwsApiCall");
    record["requestParameters"] = json!({ "modelId": call.model.sent });
    record["responseElements"] = Value::Null;
    record["managementEvent"] = json!(copy == Copy::Management);
    record["eventCategory"] = json!(if copy == Copy::Data {
        "Data"
    } else {
        "Management"
    });
    if !more.is_empty() {
        record["additionalEventData"] = Value::Object(more);
    }
    if copy == Copy::Data {
        record["resources"] = json!([{
            "accountId": ACCOUNT,
            "type": "AWS::Bedrock::Model",
            "ARN": format!("arn:aws:bedrock:{}::foundation-model/{}", call.model.region, call.model.id),
        }]);
    }
    if let Some(code) = call.outcome.code() {
        record["errorCode"] = json!(code);
        record["errorMessage"] = json!(match call.outcome {
            Outcome::Denied => format!(
                "User: {} is not authorized to perform: bedrock:{} on resource: {} because no \
                 identity-based policy allows the bedrock:{} action",
                arn(call.caller),
                action(call.tool),
                call.model.sent,
                action(call.tool),
            ),
            _ => "Too many tokens, please wait before trying again.".to_owned(),
        });
    }
    record
}

/// The CloudTrail record of the end of a stream.
pub(crate) fn completion(call: &Call, at: Timestamp, rng: &mut Rng) -> Value {
    let own_id = rng.uuid();
    let mut record = common(call, at, &own_id, rng);
    record["eventType"] = json!("AwsServiceEvent");
    record["serviceEventDetails"] = json!({
        "parentRequestId": call.request_id,
        "AdditionalEventData": { "additionalEntries": {
            "inferenceRegion": "eu-central-1",
            "inputTokens": call.counts.whole_input(),
            "outputTokens": call.counts.output,
        }},
    });
    record["resources"] = json!([{
        "type": "AWS::Bedrock::Model",
        "ARN": format!("arn:aws:bedrock:{}::foundation-model/{}", call.model.region, call.model.id),
    }]);
    record
}

/// The model-invocation log record.
pub(crate) fn log(call: &Call) -> Value {
    let Counts {
        input,
        cache_read,
        output,
        ..
    } = call.counts;
    let mut record = json!({
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": seconds(call.at),
        "accountId": ACCOUNT,
        "identity": { "arn": arn(call.caller) },
        "region": call.model.region,
        "requestId": call.request_id,
        "operation": call.tool.operation(),
        "modelId": call.model.sent,
        "input": {
            "inputContentType": "application/json",
            "inputTokenCount": input,
            "cacheReadInputTokenCount": cache_read,
            "cacheWriteInputTokenCount": call.counts.cache_write(),
        },
        "output": {
            "outputContentType": "application/json",
            "outputBodyJson": body(call),
            "outputTokenCount": output,
        },
    });
    if let Some(code) = call.outcome.code() {
        record["errorCode"] = json!(code);
        record["input"] = json!({ "inputContentType": "application/json" });
        record["output"] = json!({});
    }
    record
}

/// An EventBridge event around a CloudTrail record, as text.
pub(crate) fn envelope(record: &Value, rng: &mut Rng) -> String {
    let service = record["eventType"] == "AwsServiceEvent";
    let kind = if service { "Service Event" } else { "API Call" };
    let (id, time, region) = (rng.uuid(), &record["eventTime"], &record["awsRegion"]);
    format!(
        r#"{{"version":"0","id":"{id}","detail-type":"AWS {kind} via CloudTrail","source":"aws.bedrock","account":"{ACCOUNT}","time":{time},"region":{region},"resources":[],"detail":{record}}}"#
    )
}

/// What is the same in every CloudTrail record of a call.
fn common(call: &Call, at: Timestamp, request_id: &str, rng: &mut Rng) -> Value {
    let region = call.model.region;
    json!({
        "eventVersion": "1.11",
        "userIdentity": identity(call.caller, at),
        "eventTime": seconds(at),
        "eventSource": "bedrock.amazonaws.com",
        "eventName": call.tool.operation(),
        "awsRegion": region,
        "sourceIPAddress": "198.51.100.24",
        "userAgent": call.tool.user_agent(),
        "requestID": request_id,
        "eventID": rng.uuid(),
        "readOnly": true,
        "recipientAccountId": ACCOUNT,
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": format!("bedrock-runtime.{region}.amazonaws.com"),
        },
    })
}

/// Usage in the form of the API that was called; the 5-minute and 1-hour split is only here.
fn body(call: &Call) -> Value {
    let Counts {
        input,
        cache_read,
        cache_write_5m,
        cache_write_1h,
        output,
    } = call.counts;
    let write = call.counts.cache_write();
    let converse = call.tool.operation().starts_with("Converse");
    if converse || !call.model.anthropic {
        return json!({
            "stopReason": "end_turn",
            "metrics": { "latencyMs": 1_800 },
            "usage": {
                "inputTokens": input,
                "outputTokens": output,
                "totalTokens": input + output,
                "cacheReadInputTokens": cache_read,
                "cacheWriteInputTokens": write,
                "cacheDetails": [
                    { "ttl": "1h", "inputTokens": cache_write_1h },
                    { "ttl": "5m", "inputTokens": cache_write_5m },
                ],
            },
        });
    }
    let usage = json!({
        "input_tokens": input,
        "cache_read_input_tokens": cache_read,
        "cache_creation_input_tokens": write,
        "cache_creation": {
            "ephemeral_5m_input_tokens": cache_write_5m,
            "ephemeral_1h_input_tokens": cache_write_1h,
        },
        "output_tokens": output,
    });
    if !call.tool.streams() {
        return json!({ "type": "message", "role": "assistant", "stop_reason": "end_turn", "usage": usage });
    }
    json!([
        { "type": "message_start", "message": { "type": "message", "role": "assistant", "usage": usage } },
        { "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": output } },
        { "type": "message_stop", "amazon-bedrock-invocationMetrics": {
            "inputTokenCount": input,
            "outputTokenCount": output,
            "cacheReadInputTokenCount": cache_read,
            "cacheWriteInputTokenCount": write,
        }},
    ])
}

fn identity(caller: &Caller, at: Timestamp) -> Value {
    let stable = stable_id(caller.name);
    match caller.door {
        Door::IamUser | Door::ApiKey => json!({
            "type": "IAMUser",
            "principalId": format!("AIDA{stable}"),
            "arn": arn(caller),
            "accountId": ACCOUNT,
            "accessKeyId": if caller.door == Door::ApiKey { String::new() } else { format!("AKIA{stable}") },
            "userName": caller.name,
        }),
        Door::IdentityCenter | Door::Workload => {
            let (role, session) = role_and_session(caller);
            let path = match caller.door {
                Door::IdentityCenter => "aws-reserved/sso.amazonaws.com/eu-west-1/",
                _ => "service/",
            };
            let issuer = stable_id(&role);
            let mut identity = json!({
                "type": "AssumedRole",
                "principalId": format!("AROA{issuer}:{session}"),
                "arn": arn(caller),
                "accountId": ACCOUNT,
                "accessKeyId": format!("ASIA{stable}"),
                "sessionContext": {
                    "sessionIssuer": {
                        "type": "Role",
                        "principalId": format!("AROA{issuer}"),
                        "arn": format!("arn:aws:iam::{ACCOUNT}:role/{path}{role}"),
                        "accountId": ACCOUNT,
                        "userName": role,
                    },
                    "attributes": { "creationDate": seconds(at), "mfaAuthenticated": "false" },
                },
            });
            if caller.door == Door::IdentityCenter {
                identity["onBehalfOf"] = json!({
                    "userId": directory_id(caller.name),
                    "identityStoreArn": format!("arn:aws:identitystore::{ACCOUNT}:identitystore/d-9367000000"),
                });
            }
            identity
        }
    }
}

fn arn(caller: &Caller) -> String {
    match caller.door {
        Door::IamUser | Door::ApiKey => {
            format!(
                "arn:aws:iam::{ACCOUNT}:user/teams/{}/{}",
                caller.team, caller.name
            )
        }
        Door::IdentityCenter | Door::Workload => {
            let (role, session) = role_and_session(caller);
            format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}")
        }
    }
}

fn role_and_session(caller: &Caller) -> (String, String) {
    match caller.door {
        Door::IdentityCenter => {
            let set = format!(
                "AWSReservedSSO_Bedrock-{}_{:016x}",
                caller.team,
                hash(caller.team)
            );
            (set, caller.email())
        }
        _ => (
            caller.name.to_owned(),
            format!("i-{:017x}", hash(caller.name)),
        ),
    }
}

/// The IAM action behind an operation: both families are authorised by two actions only.
fn action(tool: Tool) -> &'static str {
    if tool.streams() {
        "InvokeModelWithResponseStream"
    } else {
        "InvokeModel"
    }
}

/// CloudTrail's and the log's own precision.
fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn stable_id(name: &str) -> String {
    format!("{:016X}", hash(name)).replace('0', "Z")
}

fn directory_id(name: &str) -> String {
    let a = hash(name);
    format!(
        "{:08x}-{:04x}-70c9-3a5e-{:012x}",
        a >> 32,
        a & 0xffff,
        a & 0xffff_ffff_ffff
    )
}

/// FNV-1a: a number that belongs to a name.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
