//! What a message of a queue is: records themselves, or word of objects that hold records.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::ports::ObjectKey;

/// What a message asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice<'a> {
    /// A text of any form the parser knows, out of its envelope.
    Records(Cow<'a, str>),
    /// Objects to be read.
    Objects(Vec<ObjectKey>),
    /// Nothing: a test of the sender, or word of something that holds no records.
    Nothing,
    /// Word of something that cannot be found by it, and why.
    Unusable(&'static str),
}

/// Envelopes inside envelopes are opened so often.
const DEEPEST: u32 = 3;

/// Says what the body of a message is: an S3 notification in S3's own form, as EventBridge sends it
/// or as CloudTrail sends it through SNS, `s3:TestEvent`, or records. Each may be in an SNS envelope.
pub fn notice(body: &str) -> Notice<'_> {
    inside(Cow::Borrowed(body), DEEPEST)
}

fn inside(body: Cow<'_, str>, depth: u32) -> Notice<'_> {
    // Whatever has another shape is the parser's to judge.
    let Ok(form) = serde_json::from_str::<Form<'_>>(&body) else {
        // CloudTrail says it in plain words when a topic is set up.
        return match body.trim() {
            "CloudTrail validation message." => Notice::Nothing,
            _ => Notice::Records(body),
        };
    };
    if form.topic.is_some() {
        return match (form.kind.as_deref(), form.message) {
            (Some("Notification"), Some(message)) if depth > 0 => {
                inside(Cow::Owned(message.into_owned()), depth - 1)
            }
            (Some("SubscriptionConfirmation"), _) => {
                Notice::Unusable("an SNS subscription that nobody has confirmed yet")
            }
            _ => Notice::Unusable("an SNS envelope without a message"),
        };
    }
    if form.test.as_deref() == Some("s3:TestEvent") {
        return Notice::Nothing;
    }
    match form.told() {
        Some(told) => told,
        None => Notice::Records(body),
    }
}

/// What tells the forms apart, of a body of any form.
#[derive(Deserialize)]
struct Form<'a> {
    /// SNS.
    #[serde(borrow, rename = "Type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "TopicArn")]
    topic: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "Message")]
    message: Option<Cow<'a, str>>,
    /// `s3:TestEvent`.
    #[serde(borrow, rename = "Event")]
    test: Option<Cow<'a, str>>,
    /// S3's own form.
    #[serde(default, rename = "Records")]
    records: Vec<S3Record>,
    /// EventBridge.
    #[serde(borrow)]
    source: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "detail-type")]
    detail_type: Option<Cow<'a, str>>,
    region: Option<String>,
    detail: Option<S3>,
    /// CloudTrail through SNS.
    #[serde(rename = "s3Bucket")]
    bucket: Option<String>,
    #[serde(default, rename = "s3ObjectKey")]
    keys: Vec<String>,
}

#[derive(Deserialize)]
struct S3Record {
    #[serde(rename = "eventSource")]
    source: Option<String>,
    #[serde(rename = "eventName")]
    name: Option<String>,
    #[serde(rename = "awsRegion")]
    region: Option<String>,
    s3: Option<S3>,
}

#[derive(Deserialize)]
struct S3 {
    bucket: Option<Bucket>,
    object: Option<Object>,
}

#[derive(Deserialize)]
struct Bucket {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Object {
    key: Option<String>,
}

impl Form<'_> {
    /// Word of objects, if it is that.
    fn told(self) -> Option<Notice<'static>> {
        if let Some(bucket) = self.bucket {
            let objects = self.keys.into_iter().map(|key| ObjectKey {
                bucket: bucket.clone(),
                key,
                region: None,
            });
            return Some(found(objects.map(Some)));
        }
        if self.source.as_deref() == Some("aws.s3") {
            if self.detail_type.as_deref() != Some("Object Created") {
                return Some(Notice::Nothing);
            }
            let region = self.region;
            return Some(found([self.detail.and_then(|s3| s3.object(region))]));
        }
        let of_s3 = |record: &S3Record| record.source.as_deref() == Some("aws:s3");
        if !self.records.iter().any(of_s3) {
            return None;
        }
        let created = self.records.into_iter().filter(|record| {
            let name = record.name.as_deref().unwrap_or("ObjectCreated");
            of_s3(record) && name.trim_start_matches("s3:").starts_with("ObjectCreated")
        });
        Some(found(created.map(S3Record::object)))
    }
}

impl S3Record {
    fn object(self) -> Option<ObjectKey> {
        let mut object = self.s3?.object(self.region)?;
        // Keys of this form are those of a web form: `+` is a space, and the rest is `%41`.
        let spaced = object.key.replace('+', " ");
        object.key = percent_decode_str(&spaced).decode_utf8().ok()?.into_owned();
        Some(object)
    }
}

impl S3 {
    fn object(self, region: Option<String>) -> Option<ObjectKey> {
        Some(ObjectKey {
            bucket: self.bucket?.name?,
            key: self.object?.key?,
            region,
        })
    }
}

fn found(objects: impl IntoIterator<Item = Option<ObjectKey>>) -> Notice<'static> {
    match objects.into_iter().collect::<Option<Vec<_>>>() {
        None => Notice::Unusable("an S3 notification that names no bucket or key"),
        Some(objects) if objects.is_empty() => Notice::Nothing,
        Some(objects) => Notice::Objects(objects),
    }
}

#[cfg(test)]
mod tests;
