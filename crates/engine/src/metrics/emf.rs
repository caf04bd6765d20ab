//! Figures as lines of the CloudWatch embedded metric format: whoever prints them to CloudWatch Logs
//! (a Lambda, an agent that ships a file) has them as metrics, without calling any API.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::Timestamp;
use serde_json::{Map, Number, Value, json};

use super::Fact;

/// Metrics of one line, at most: what the format allows.
const MOST: usize = 100;
/// The longest value of a dimension that CloudWatch takes.
const LONGEST: usize = 1_024;

/// One line per namespace and set of labels.
pub fn lines(facts: &[Fact], at: Timestamp) -> Vec<String> {
    let mut groups = BTreeMap::<_, Vec<&Fact>>::new();
    for fact in facts {
        let key = (fact.spec.namespace, dimensions(fact));
        groups.entry(key).or_default().push(fact);
    }
    let mut lines = Vec::new();
    for ((namespace, labels), facts) in groups {
        for facts in facts.chunks(MOST) {
            lines.push(line(namespace, &labels, facts, at));
        }
    }
    lines
}

/// Names and values of a figure's dimensions, as CloudWatch takes them.
pub fn dimensions(fact: &Fact) -> Vec<(&'static str, String)> {
    let names = fact.spec.labels.iter().copied();
    names
        .zip(fact.labels.iter().map(|label| dimension(label)))
        .collect()
}

/// Printable ASCII, not empty, no colon in front; what is not is written as `%` and its bytes.
fn dimension(label: &str) -> String {
    let mut text = String::with_capacity(label.len());
    for (place, byte) in label.bytes().enumerate() {
        let plain = (b' '..=b'~').contains(&byte) && byte != b'%' && !(place == 0 && byte == b':');
        if plain {
            text.push(char::from(byte));
        } else {
            // A `String` takes everything.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text.truncate(LONGEST);
    if text.trim().is_empty() {
        return "(none)".to_owned();
    }
    text
}

fn line(
    namespace: &str,
    labels: &[(&'static str, String)],
    facts: &[&Fact],
    at: Timestamp,
) -> String {
    let names: Vec<_> = labels.iter().map(|(name, _)| *name).collect();
    let metrics: Vec<_> = facts
        .iter()
        .map(|fact| json!({ "Name": fact.spec.metric, "Unit": fact.spec.unit.cloudwatch() }))
        .collect();
    let mut root = Map::new();
    root.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": at.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": namespace,
                "Dimensions": [names],
                "Metrics": metrics,
            }],
        }),
    );
    for (name, value) in labels {
        root.insert((*name).to_owned(), json!(value));
    }
    for fact in facts {
        let number = Number::from_f64(fact.number()).map_or(Value::Null, Value::Number);
        root.insert(fact.spec.metric.to_owned(), number);
    }
    Value::Object(root).to_string()
}
