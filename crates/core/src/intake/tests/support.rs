//! Items as text, and the records that tests are made from.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::ids::{KeyId, Region};
use crate::intake::{Item, Options, Place, Refusal, read_bytes};
use crate::record::{Client, Failure, Identity, Record};
use crate::tokens::Tokens;

pub(super) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

pub(super) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixtures().join(name)).unwrap()
}

/// All items, a line each.
pub(super) fn told(bytes: &[u8], options: &Options) -> String {
    let items = read_bytes(bytes, options);
    items.iter().map(tell).collect::<Vec<_>>().join("\n")
}

/// All items with the options for files.
pub(super) fn told_of(bytes: impl AsRef<[u8]>) -> String {
    told(bytes.as_ref(), &Options::default())
}

/// The items without their details: request ids, kinds of refusals.
pub(super) fn outline(bytes: impl AsRef<[u8]>) -> String {
    outline_of(&read_bytes(bytes.as_ref(), &Options::default()))
}

pub(super) fn outline_of(items: &[Item]) -> String {
    let short = |item: &Item| match item {
        Item::Record(record) => record.request.to_string(),
        Item::Ignored(why) => format!("{why:?}"),
        Item::Refused(refusal) => format!("{}!", refusal.kind.label()),
    };
    items.iter().map(short).collect::<Vec<_>>().join(" ")
}

pub(super) fn tell(item: &Item) -> String {
    match item {
        Item::Record(record) => tell_record(record),
        Item::Ignored(why) => format!("ignored {why:?}"),
        Item::Refused(Refusal {
            kind,
            reason,
            shape,
            place: Place { .. },
        }) => {
            format!("refused {}: {reason} {shape}", kind.label())
        }
    }
}

/// One record; what it does not have is left out.
fn tell_record(record: &Record) -> String {
    let Record {
        request,
        source,
        at,
        account,
        region,
        operation,
        identity,
        model_sent,
        model_resource,
        inference_region,
        tokens,
        failure,
        tier,
        client:
            Client {
                source_ip,
                user_agent,
                access_key,
                bearer,
            },
        metadata,
    } = record;
    let mut facts = vec![
        format!(
            "{} {request} {operation} {at} {account} {region}",
            source.as_str()
        ),
        format!("by {}", tell_identity(identity)),
    ];
    for (word, text) in [
        ("model", model_sent.as_deref()),
        ("resource", model_resource.as_deref()),
        ("ran in", inference_region.as_ref().map(Region::as_str)),
        ("tier", tier.as_deref()),
        ("from", source_ip.as_deref()),
        ("agent", user_agent.as_deref()),
        ("key", access_key.as_ref().map(KeyId::as_str)),
        ("bearer", bearer.then_some("yes")),
    ] {
        facts.extend(text.map(|text| format!("{word} {text}")));
    }
    facts.extend(
        metadata
            .iter()
            .map(|(key, value)| format!("metadata {key}={value}")),
    );
    facts.extend(
        tokens
            .as_ref()
            .map(|tokens| format!("tokens {}", tell_tokens(tokens))),
    );
    facts.extend(failure.as_ref().map(|Failure { code, message }| {
        format!("failed {code}: {}", message.as_deref().unwrap_or("-"))
    }));
    facts.join("\n  ")
}

pub(super) fn tell_tokens(tokens: &Tokens) -> String {
    let Tokens {
        input,
        cache_read,
        cache_write_5m,
        cache_write_1h,
        output,
    } = tokens;
    format!("{input} read {cache_read} wrote {cache_write_5m}+{cache_write_1h} out {output}")
}

pub(super) fn tell_identity(identity: &Identity) -> String {
    let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    match identity {
        Identity::IamUser { name, stable_id } => format!("user {name} {}", or(stable_id)),
        Identity::IdentityCenter {
            role,
            session,
            directory_id,
        } => {
            format!("sso {session} {} as {role}", or(directory_id))
        }
        Identity::RoleSession {
            role,
            session,
            stable_id,
            source_identity,
        } => {
            format!(
                "role {role} {} session {session} source {}",
                or(stable_id),
                or(source_identity)
            )
        }
        Identity::Root => "root".to_owned(),
        Identity::Service { name } => format!("service {name}"),
        Identity::Unknown { seen } => format!("unknown {seen}"),
    }
}

/// A bare CloudTrail record with that request id; `more` goes in among its fields.
pub(super) fn call_with(id: &str, more: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.11","userIdentity":{{"type":"IAMUser","userName":"ana","accountId":"111122223333"}},"eventTime":"2026-11-20T09:15:02Z","eventSource":"bedrock.amazonaws.com","eventName":"Converse","awsRegion":"eu-west-1","requestID":"{id}","eventType":"AwsApiCall","recipientAccountId":"111122223333"{more}}}"#
    )
}

/// A bare CloudTrail record with that request id.
pub(super) fn call(id: &str) -> String {
    call_with(id, "")
}

/// An invocation log with that request id and these `input` and `output`.
pub(super) fn log_with(id: &str, input: &str, output: &str) -> String {
    format!(
        r#"{{"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"2026-11-20T09:15:02Z","accountId":"111122223333","identity":{{"arn":"arn:aws:iam::111122223333:user/ana"}},"region":"eu-west-1","requestId":"{id}","operation":"Converse","modelId":"m","input":{input},"output":{output}}}"#
    )
}

/// An invocation log with that request id.
pub(super) fn log(id: &str) -> String {
    log_with(id, r#"{"inputTokenCount":1}"#, r#"{"outputTokenCount":2}"#)
}

pub(super) fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes.as_ref()).unwrap();
    encoder.finish().unwrap()
}

/// A JSON text as a JSON string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
