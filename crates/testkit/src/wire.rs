//! The same calls as AWS writes them: CloudTrail, EventBridge and model-invocation-log JSON.

use serde_json::{Value, json};
use weir_core::record::Identity;

use crate::records::Draft;

impl Draft {
    /// The bare CloudTrail record of the API call.
    pub fn api_event(&self) -> Value {
        let mut event = self.common("AwsApiCall", &self.request, "Management");
        event["eventTime"] = json!(self.at.to_string());
        event["requestParameters"] = json!({ "modelId": self.model });
        event["responseElements"] = Value::Null;
        event["additionalEventData"] = self.additional();
        if let Some(failure) = &self.failure {
            event["errorCode"] = json!(failure.code);
            event["errorMessage"] = json!(failure.message);
        }
        event
    }

    /// The copy of the API call that data-event logging writes: another event about the same request.
    pub fn data_event(&self) -> Value {
        let mut event = self.api_event();
        event["eventID"] = json!(format!("data-{}", self.request));
        event["eventCategory"] = json!("Data");
        event["managementEvent"] = json!(false);
        event
    }

    /// The bare CloudTrail record of the completed stream.
    pub fn completion_event(&self) -> Value {
        let own_id = format!("completion-{}", self.request);
        let mut event = self.common("AwsServiceEvent", &own_id, "Management");
        event["eventTime"] = json!(self.ended().to_string());
        let counts = self
            .cloudtrail_tokens()
            .map(|tokens| json!({ "inputTokens": tokens.input, "outputTokens": tokens.output }));
        event["serviceEventDetails"] = json!({
            "parentRequestId": self.request,
            "AdditionalEventData": { "additionalEntries": counts.unwrap_or_else(|| json!({})) },
        });
        event["resources"] =
            json!([{ "type": "AWS::Bedrock::Model", "ARN": self.foundation_model() }]);
        event
    }

    /// The record of the model-invocation log.
    pub fn log_entry(&self) -> Value {
        let mut entry = json!({
            "schemaType": "ModelInvocationLog",
            "schemaVersion": "1.0",
            "timestamp": self.at.to_string(),
            "accountId": self.account,
            "identity": { "arn": self.arn() },
            "region": self.region,
            "requestId": self.request,
            "operation": self.operation,
            "modelId": self.model,
            "requestMetadata": self.metadata,
            "input": { "inputContentType": "application/json" },
            "output": { "outputContentType": "application/json" },
        });
        if let Some(tokens) = self.tokens {
            entry["input"]["inputTokenCount"] = json!(tokens.input);
            entry["input"]["cacheReadInputTokenCount"] = json!(tokens.cache_read);
            entry["input"]["cacheWriteInputTokenCount"] = json!(tokens.cache_write());
            entry["output"]["outputTokenCount"] = json!(tokens.output);
            entry["output"]["outputBodyJson"] = json!({ "usage": {
                "inputTokens": tokens.input,
                "outputTokens": tokens.output,
                "cacheReadInputTokens": tokens.cache_read,
                "cacheWriteInputTokens": tokens.cache_write(),
                "cacheDetails": [
                    { "ttl": "5m", "inputTokens": tokens.cache_write_5m },
                    { "ttl": "1h", "inputTokens": tokens.cache_write_1h },
                ],
            }});
        }
        if let Some(failure) = &self.failure {
            entry["errorCode"] = json!(failure.code);
            entry["errorMessage"] = json!(failure.message);
        }
        entry
    }

    fn common(&self, event_type: &str, request: &str, category: &str) -> Value {
        json!({
            "eventVersion": "1.11",
            "userIdentity": self.user_identity(),
            "eventSource": "bedrock.amazonaws.com",
            "eventName": self.operation,
            "awsRegion": self.region,
            "sourceIPAddress": "198.51.100.24",
            "userAgent": self.user_agent,
            "requestID": request,
            "eventID": format!("event-{request}"),
            "readOnly": true,
            "eventType": event_type,
            "managementEvent": true,
            "recipientAccountId": self.account,
            "eventCategory": category,
        })
    }

    fn additional(&self) -> Value {
        let mut noted = serde_json::Map::new();
        if let Some(tokens) = self.cloudtrail_tokens().filter(|_| !self.is_streamed()) {
            noted.insert("inputTokens".to_owned(), json!(tokens.input));
            noted.insert("outputTokens".to_owned(), json!(tokens.output));
        }
        if self.bearer {
            noted.insert("callWithBearerToken".to_owned(), json!(true));
        }
        if noted.is_empty() {
            Value::Null
        } else {
            Value::Object(noted)
        }
    }

    fn user_identity(&self) -> Value {
        let (account, arn) = (&self.account, self.arn());
        let mut identity = match &self.identity {
            Identity::IamUser { name, stable_id } => json!({
                "type": "IAMUser", "principalId": stable_id, "arn": arn, "accountId": account,
                "userName": name,
            }),
            Identity::RoleSession {
                role,
                session,
                stable_id,
                source_identity,
            } => {
                let mut context = json!({ "sessionIssuer": {
                    "type": "Role", "principalId": stable_id, "accountId": account,
                    "arn": format!("arn:aws:iam::{account}:role/{role}"), "userName": role,
                }});
                if let Some(source) = source_identity {
                    context["sourceIdentity"] = json!(source);
                }
                let id = stable_id.as_deref().unwrap_or_default();
                json!({
                    "type": "AssumedRole", "principalId": format!("{id}:{session}"), "arn": arn,
                    "accountId": account, "sessionContext": context,
                })
            }
            Identity::IdentityCenter {
                role,
                session,
                directory_id,
            } => {
                let mut person = json!({
                    "type": "AssumedRole", "principalId": format!("AROASSO:{session}"), "arn": arn,
                    "accountId": account, "sessionContext": { "sessionIssuer": {
                        "type": "Role", "principalId": "AROASSO", "accountId": account,
                        "arn": format!("arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/{role}"),
                        "userName": role,
                    }},
                });
                if let Some(id) = directory_id {
                    let store =
                        format!("arn:aws:identitystore::{account}:identitystore/d-1234567890");
                    person["onBehalfOf"] = json!({ "userId": id, "identityStoreArn": store });
                }
                person
            }
            Identity::Root => json!({ "type": "Root", "arn": arn, "accountId": account }),
            Identity::Service { name } => json!({ "type": "AWSService", "invokedBy": name }),
            Identity::Unknown { seen } => json!({ "type": "Unknown", "principalId": seen }),
        };
        if let Some(key) = &self.access_key {
            identity["accessKeyId"] = json!(key);
        }
        identity
    }

    fn arn(&self) -> String {
        let account = &self.account;
        match &self.identity {
            Identity::IamUser { name, .. } => format!("arn:aws:iam::{account}:user/people/{name}"),
            Identity::RoleSession { role, session, .. }
            | Identity::IdentityCenter { role, session, .. } => {
                format!("arn:aws:sts::{account}:assumed-role/{role}/{session}")
            }
            Identity::Root => format!("arn:aws:iam::{account}:root"),
            Identity::Service { name } | Identity::Unknown { seen: name } => name.clone(),
        }
    }
}

/// An event in EventBridge's envelope. AWS may deliver it more than once; `delivery` tells the
/// deliveries apart.
pub fn envelope(event: &Value, delivery: u32) -> Value {
    let detail_type = match event["eventType"].as_str() {
        Some("AwsServiceEvent") => "AWS Service Event via CloudTrail",
        _ => "AWS API Call via CloudTrail",
    };
    json!({
        "version": "0",
        "id": format!("{}-{delivery}", event["eventID"].as_str().unwrap_or_default()),
        "detail-type": detail_type,
        "source": "aws.bedrock",
        "account": event["recipientAccountId"],
        "time": event["eventTime"],
        "region": event["awsRegion"],
        "resources": [],
        "detail": event,
    })
}

/// JSON lines: the simplest file that holds everything.
pub fn lines(values: &[Value]) -> Vec<u8> {
    let mut text = String::new();
    for value in values {
        text.push_str(&value.to_string());
        text.push('\n');
    }
    text.into_bytes()
}
