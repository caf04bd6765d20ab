//! What a JSON object is, and what is in it.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::error::Category;

use super::clean::{NAME, clean};
use super::event::{AwsLogs, Fields, Inner, LogEvent, Outer};
use super::item::{Ignored, Place, RefusalKind};
use super::leaf::{Group, Leaf, Problem};
use super::output::{Output, Stop};
use super::read::{read_inside, read_list_holder};
use super::{cloudtrail, invocation_log};

const JSON: &str = "JSON";
const EVENT: &str = "EventBridge event";
const SQS: &str = "SQS message";
const SNS: &str = "SNS message";
const S3: &str = "S3 notification";
const PAYLOAD: &str = "CloudWatch Logs payload";
const LOG_EVENT: &str = "log event";
const CLOUDTRAIL: &str = "CloudTrail record";
const LOG: &str = "invocation log";

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads one JSON object or list of any form.
pub(super) fn read_one(text: &[u8], place: &Place, out: &mut Output<'_>) -> Result<(), Stop> {
    if text.first() == Some(&b'[') {
        return out.inside("list", place, |out| read_inside(text, place, out));
    }
    match serde_json::from_slice(text) {
        Ok(outer) => deliver(&outer, text, place, out),
        Err(error) => out.refuse(JSON, place, not_json(&error), text),
    }
}

/// Says what an object is, and hands out what is in it.
pub(super) fn deliver(
    outer: &Outer<'_>,
    text: &[u8],
    place: &Place,
    out: &mut Output<'_>,
) -> Result<(), Stop> {
    // First of all: further keys of a log record may be a caller's own words.
    if says_log(outer) {
        return log(outer, text, place, out);
    }
    if let Some(detail) = enveloped(outer) {
        return match detail {
            Ok(Some(detail)) => cloudtrail_record(EVENT, detail, text, place, out),
            Ok(None) => out.ignored(Ignored::OtherEvent),
            Err(problem) => out.refuse(EVENT, place, problem, text),
        };
    }
    match &outer.awslogs {
        Group::Missing => {}
        Group::Is(logs) => return payload(logs, text, place, out),
        Group::Other(is_a) => {
            let problem = Problem::field("awslogs", &format!("{is_a}, not an object"));
            return out.refuse(PAYLOAD, place, problem, text);
        }
    }
    if holds_list(outer) {
        return list_holder(outer, text, place, out);
    }
    if let Leaf::Text(source) = &outer.event_source {
        return match &**source {
            "aws:sqs" => message(outer, text, place, out),
            "aws:s3" => out.refuse(S3, place, only_told_of(), text),
            source if cloudtrail::is_ours(source) => {
                cloudtrail_record(CLOUDTRAIL, outer, text, place, out)
            }
            _ => out.ignored(Ignored::OtherEvent),
        };
    }
    if is_like_log(outer) {
        return log(outer, text, place, out);
    }
    if let Group::Is(sns) = &outer.sns {
        return notification(&sns.id, &sns.message, text, place, out);
    }
    if outer.topic_arn != Leaf::Missing && outer.sns_type.as_str() == Some("Notification") {
        return notification(&outer.sns_message_id, &outer.sns_message, text, place, out);
    }
    nothing_known(outer, text, place, out)
}

/// What an EventBridge envelope holds, if the object is one: a CloudTrail record of ours, another
/// event, or something that cannot be told. Any `detail` of one of our sources will do: which
/// detail-type AWS gives to completions is not documented.
fn enveloped<'o, 'a>(outer: &'o Outer<'a>) -> Option<Result<Option<&'o Inner<'a>>, Problem>> {
    let from_cloudtrail = match outer.detail_type.as_str() {
        Some(kind) => kind.ends_with(" via CloudTrail"),
        None if outer
            .detail
            .get()
            .is_some_and(|detail| detail.event_source != Leaf::Missing) =>
        {
            true
        }
        None => return None,
    };
    if !from_cloudtrail {
        let detail = outer.detail.get().filter(|detail| {
            detail
                .event_source
                .as_str()
                .is_some_and(cloudtrail::is_ours)
        });
        return Some(Ok(detail.map(|detail| &**detail)));
    }
    Some(match outer.detail.object("detail") {
        Ok(Some(detail)) => detail
            .event_source
            .required("detail.eventSource")
            .map(|source| cloudtrail::is_ours(source).then_some(&**detail)),
        Ok(None) => Err(Problem::field("detail", "is missing")),
        Err(problem) => Err(problem),
    })
}

fn cloudtrail_record<D>(
    form: &str,
    event: &Fields<'_, D>,
    text: &[u8],
    place: &Place,
    out: &mut Output<'_>,
) -> Result<(), Stop> {
    match cloudtrail::record(event, out.options) {
        Ok(Some(record)) => out.record(record),
        Ok(None) => out.ignored(Ignored::OtherEvent),
        Err(problem) => out.refuse(form, place, problem, text),
    }
}

/// One SQS message: its body is of any form.
fn message(
    outer: &Outer<'_>,
    text: &[u8],
    place: &Place,
    out: &mut Output<'_>,
) -> Result<(), Stop> {
    let place = with_message(place, &outer.message_id);
    match outer.body.required("body") {
        Ok(body) => out.inside(SQS, &place, |out| read_inside(body.as_bytes(), &place, out)),
        Err(problem) => out.refuse(SQS, &place, problem, text),
    }
}

/// One SNS message, on its own, in an SQS message or as Lambda gets it: what it wraps is of any form.
fn notification(
    id: &Leaf<'_>,
    message: &Leaf<'_>,
    text: &[u8],
    place: &Place,
    out: &mut Output<'_>,
) -> Result<(), Stop> {
    let place = with_message(place, id);
    match message.required("Message") {
        Ok(message) => out.inside(SNS, &place, |out| {
            read_inside(message.as_bytes(), &place, out)
        }),
        Err(problem) => out.refuse(SNS, &place, problem, text),
    }
}

/// The records are in the object: ignoring the notification would lose them in silence.
fn only_told_of() -> Problem {
    Problem::new(
        RefusalKind::UnknownForm,
        "tells of an object and does not hold it: have the object itself read",
    )
}

/// What Lambda gets from a CloudWatch Logs subscription.
fn payload(
    logs: &AwsLogs<'_>,
    text: &[u8],
    place: &Place,
    out: &mut Output<'_>,
) -> Result<(), Stop> {
    let data = match logs.data.required("awslogs.data") {
        Ok(data) => data,
        Err(problem) => return out.refuse(PAYLOAD, place, problem, text),
    };
    let Ok(bytes) = BASE64.decode(data) else {
        let problem = Problem::new(RefusalKind::Unreadable, "`awslogs.data` is not base64");
        return out.refuse(PAYLOAD, place, problem, text);
    };
    out.inside(PAYLOAD, place, |out| read_inside(&bytes, place, out))
}

/// Reads one log event of a decoded payload.
pub(super) fn read_log_event(text: &[u8], place: &Place, out: &mut Output<'_>) -> Result<(), Stop> {
    let problem = match serde_json::from_slice(text) {
        Ok(Group::Is(event)) => return log_event(&event, text, place, out),
        Ok(_) => Problem::new(RefusalKind::UnknownForm, "is not an object"),
        Err(error) => not_json(&error),
    };
    out.refuse(LOG_EVENT, place, problem, text)
}

/// A log event of a decoded payload: its message is an invocation log.
pub(super) fn log_event(
    event: &LogEvent<'_>,
    text: &[u8],
    place: &Place,
    out: &mut Output<'_>,
) -> Result<(), Stop> {
    let place = with_message(place, &event.id);
    match event.message.required("message") {
        // For when the payload did not say first what it is.
        Ok(message) if message.starts_with("CWL CONTROL MESSAGE") => {
            out.ignored(Ignored::ControlMessage)
        }
        Ok(message) => out.inside(LOG_EVENT, &place, |out| {
            read_inside(message.as_bytes(), &place, out)
        }),
        Err(problem) => out.refuse(LOG_EVENT, &place, problem, text),
    }
}

/// Whether the object has a list whose elements are to be read one by one.
pub(super) fn holds_list(outer: &Outer<'_>) -> bool {
    !says_log(outer) && (outer.records != Leaf::Missing || outer.log_events != Leaf::Missing)
}

/// An object whose list has not been read element by element: there is none, or it hides.
fn list_holder(
    outer: &Outer<'_>,
    text: &[u8],
    place: &Place,
    out: &mut Output<'_>,
) -> Result<(), Stop> {
    let (form, field, list) = match &outer.records {
        Leaf::Missing => (PAYLOAD, "logEvents", &outer.log_events),
        records => ("file or batch", "Records", records),
    };
    if *list == Leaf::List {
        return out.inside(form, place, |out| read_list_holder(text, place, out));
    }
    out.refuse(form, place, Problem::field(field, "is not a list"), text)
}

fn says_log(outer: &Outer<'_>) -> bool {
    outer.schema_type.as_str() == Some("ModelInvocationLog")
}

fn is_like_log(outer: &Outer<'_>) -> bool {
    outer.schema_type == Leaf::Missing
        && outer.log_request_id != Leaf::Missing
        && outer.model_id != Leaf::Missing
}

fn log(outer: &Outer<'_>, text: &[u8], place: &Place, out: &mut Output<'_>) -> Result<(), Stop> {
    match invocation_log::record(outer, out.options) {
        Ok(record) => out.record(record),
        Err(problem) => out.refuse(LOG, place, problem, text),
    }
}

fn nothing_known(
    outer: &Outer<'_>,
    text: &[u8],
    place: &Place,
    out: &mut Output<'_>,
) -> Result<(), Stop> {
    if outer.message_type.as_str() == Some("CONTROL_MESSAGE") {
        return out.ignored(Ignored::ControlMessage);
    }
    let (form, problem) = if outer.event_source != Leaf::Missing
        || outer.event_name != Leaf::Missing
        || outer.event_version != Leaf::Missing
    {
        let problem = outer.event_source.required("eventSource").err();
        (
            CLOUDTRAIL,
            problem.unwrap_or_else(|| Problem::field("eventSource", "is missing")),
        )
    } else if outer.message_type != Leaf::Missing {
        (PAYLOAD, Problem::field("logEvents", "is missing"))
    } else {
        (
            JSON,
            Problem::new(
                RefusalKind::UnknownForm,
                "is none of the forms that are read here",
            ),
        )
    };
    out.refuse(form, place, problem, text)
}

fn with_message(place: &Place, id: &Leaf<'_>) -> Place {
    let message = id.as_str().map(|id| clean(id, NAME));
    Place {
        message: message.or_else(|| place.message.clone()),
        ..place.clone()
    }
}

/// Serde's words, of which those about syntax and about field names hold no values.
fn not_json(error: &serde_json::Error) -> Problem {
    let words = error.to_string();
    let what = words.split(" at line ").next().unwrap_or_default();
    let at = format!("at byte {} of its line {}", error.column(), error.line());
    match error.classify() {
        Category::Data if what.starts_with("duplicate field") => {
            Problem::new(RefusalKind::DuplicateKey, format!("{what} {at}"))
        }
        Category::Data | Category::Io => Problem::new(
            RefusalKind::BadField,
            format!("a value of the wrong type {at}"),
        ),
        Category::Eof => Problem::new(
            RefusalKind::Truncated,
            format!("is not complete JSON: {what} {at}"),
        ),
        Category::Syntax => {
            Problem::new(RefusalKind::Unreadable, format!("is not JSON: {what} {at}"))
        }
    }
}
