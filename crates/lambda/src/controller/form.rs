//! What an event is, as far as it decides who takes it. What holds records is the parser's to judge.

use serde_json::{Map, Value};
use weir_engine::ports::QueueMessage;

/// What an event is.
#[derive(Debug, PartialEq)]
pub(super) enum Form {
    /// `{"action": "tick"}`.
    Tick,
    /// Any other `{"action": …}`.
    Operation(Map<String, Value>),
    /// Messages of a queue.
    Queue {
        /// Its ARN.
        name: String,
        messages: Vec<QueueMessage>,
    },
    /// Messages of a topic.
    Topic(Vec<QueueMessage>),
    /// Records, or word of objects.
    Other,
}

pub(super) fn of(text: &str) -> Form {
    let Ok(Value::Object(mut event)) = serde_json::from_str(text) else {
        return Form::Other;
    };
    if event.contains_key("action") && !event.contains_key("detail") {
        let is_tick = event["action"] == "tick";
        return if is_tick && event.len() == 1 {
            Form::Tick
        } else {
            Form::Operation(event)
        };
    }
    let Some(Value::Array(records)) = event.remove("Records") else {
        return Form::Other;
    };
    let source = records.first().and_then(|first| {
        let source = text_of(first, "eventSource").or_else(|| text_of(first, "EventSource"));
        source.map(str::to_owned)
    });
    match source.as_deref() {
        Some("aws:sqs") => Form::Queue {
            name: records
                .first()
                .and_then(|first| text_of(first, "eventSourceARN"))
                .unwrap_or("sqs")
                .to_owned(),
            messages: numbered(&records, queued),
        },
        Some("aws:sns") => Form::Topic(numbered(&records, published)),
        _ => Form::Other,
    }
}

fn numbered(
    records: &[Value],
    message: impl Fn(&Value) -> (Option<&str>, Option<&str>, u32),
) -> Vec<QueueMessage> {
    let messages = records.iter().enumerate().map(|(at, record)| {
        let (id, body, receives) = message(record);
        QueueMessage {
            id: id.unwrap_or_default().to_owned(),
            // Two messages of one id are two messages.
            receipt: at.to_string(),
            // What has no body is for the parser to refuse, which keeps its shape.
            body: body.map_or_else(|| record.to_string(), str::to_owned),
            receives,
        }
    });
    messages.collect()
}

fn queued(record: &Value) -> (Option<&str>, Option<&str>, u32) {
    let receives = record
        .get("attributes")
        .and_then(|attributes| text_of(attributes, "ApproximateReceiveCount"))
        .and_then(|count| count.parse().ok());
    (
        text_of(record, "messageId"),
        text_of(record, "body"),
        receives.unwrap_or(1),
    )
}

fn published(record: &Value) -> (Option<&str>, Option<&str>, u32) {
    let told = record.get("Sns").unwrap_or(&Value::Null);
    (text_of(told, "MessageId"), text_of(told, "Message"), 1)
}

fn text_of<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(id: &str, receipt: &str, body: &str, receives: u32) -> QueueMessage {
        QueueMessage {
            id: id.to_owned(),
            receipt: receipt.to_owned(),
            body: body.to_owned(),
            receives,
        }
    }

    #[test]
    fn events_are_told_apart_by_content() {
        let operation = json!({"action": "block", "user_id": "ana"});
        let Value::Object(fields) = operation.clone() else {
            unreachable!()
        };
        for (event, want) in [
            (json!({"action": "tick"}), Form::Tick),
            (operation, Form::Operation(fields)),
            (
                json!({"Records": [
                    {"eventSource": "aws:sqs", "eventSourceARN": "arn:q", "messageId": "m1", "body": "{}",
                     "attributes": {"ApproximateReceiveCount": "3"}},
                    {"eventSource": "aws:sqs", "messageId": "m1", "body": "2"},
                ]}),
                Form::Queue {
                    name: "arn:q".to_owned(),
                    messages: vec![message("m1", "0", "{}", 3), message("m1", "1", "2", 1)],
                },
            ),
            (
                json!({"Records": [{"EventSource": "aws:sns", "Sns": {"MessageId": "n1", "Message": "hello"}}]}),
                Form::Topic(vec![message("n1", "0", "hello", 1)]),
            ),
            (json!({"Records": [{"eventSource": "aws:s3"}]}), Form::Other),
            (json!({"Records": []}), Form::Other),
            (json!({"Records": {}}), Form::Other),
            (json!({"detail": {}, "action": "x"}), Form::Other),
            (json!({"awslogs": {"data": ""}}), Form::Other),
            (json!([1]), Form::Other),
            (json!(null), Form::Other),
        ] {
            assert_eq!(of(&event.to_string()), want, "{event}");
        }
    }

    #[test]
    fn a_message_without_a_body_is_left_to_the_parser() {
        let record = json!({"eventSource": "aws:sqs", "messageId": "m1", "body": 7});
        let event = json!({"Records": [record]});
        let Form::Queue { messages, .. } = of(&event.to_string()) else {
            panic!("{event}")
        };
        assert_eq!(messages, [message("m1", "0", &record.to_string(), 1)]);
    }
}
