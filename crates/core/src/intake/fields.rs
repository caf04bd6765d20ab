//! Fields that more than one form has, each read in one way.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::clean::{LABEL, MESSAGE, NAME, clean};
use super::event::Metadata;
use super::item::{Options, RefusalKind};
use super::leaf::{Leaf, Problem};
use crate::ids::{AccountId, Region, RequestId};
use crate::record::Failure;

/// The longest id that is believed to be a request id.
const LONGEST_REQUEST_ID: usize = 128;
/// The longest model id that Bedrock accepts.
const LONGEST_MODEL_ID: usize = 2048;

/// A call that cannot be counted once.
pub(super) fn no_id(field: &str, what: &str) -> Problem {
    Problem::new(RefusalKind::NoRequestId, format!("`{field}` {what}"))
}

/// A request id: 1 to 128 visible ASCII characters, so that no two databases compare it differently.
pub(super) fn request_id(leaf: &Leaf<'_>, field: &str) -> Result<RequestId, Problem> {
    match leaf.text(field)? {
        None if *leaf == Leaf::Missing => Err(no_id(field, "is missing")),
        None => Err(no_id(field, "is empty")),
        Some(id) if id.len() > LONGEST_REQUEST_ID => {
            Err(no_id(field, "is longer than 128 characters"))
        }
        Some(id) if !id.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Err(no_id(field, "holds characters that no request id has"))
        }
        Some(id) => Ok(RequestId::new(id)),
    }
}

/// A time. One that is too late to be represented is refused as what it is: future.
pub(super) fn time(leaf: &Leaf<'_>, field: &str) -> Result<Timestamp, Problem> {
    let text = leaf.required(field)?;
    text.parse().map_err(|_| {
        let local = text
            .strip_suffix(['Z', 'z'])
            .and_then(|text| text.parse::<jiff::civil::DateTime>().ok());
        if local.is_some_and(|local| local.year() == 9999) {
            let what = format!("`{field}` is at the end of the year 9999");
            return Problem::new(RefusalKind::Future, what);
        }
        Problem::field(field, "is not an RFC 3339 time")
    })
}

/// Twelve digits.
pub(super) fn account_id(text: &str, field: &str) -> Result<AccountId, Problem> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(AccountId::new(text))
    } else {
        Err(Problem::field(field, "is not a twelve-digit account id"))
    }
}

/// Something that can be the name of a Region.
pub(super) fn region(text: &str, field: &str) -> Result<Region, Problem> {
    let plausible = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if text.len() <= 32 && text.bytes().all(plausible) {
        Ok(Region::new(text))
    } else {
        Err(Problem::field(field, "is not the name of a Region"))
    }
}

/// A model id of any form, or the ARN of a resource.
pub(super) fn model(text: &str, field: &str) -> Result<String, Problem> {
    if text.chars().count() > LONGEST_MODEL_ID {
        return Err(Problem::field(field, "is longer than 2048 characters"));
    }
    Ok(clean(text, LONGEST_MODEL_ID))
}

/// The error, if the call failed.
pub(super) fn failure(code: &Leaf<'_>, message: &Leaf<'_>) -> Result<Option<Failure>, Problem> {
    let code = code.text("errorCode")?;
    let message = message.text("errorMessage")?;
    Ok(code.map(|code| Failure {
        code: clean(code, NAME),
        message: message.map(|message| clean(message, MESSAGE)),
    }))
}

/// Of what the caller said about itself, the configured keys (rules C8).
pub(super) fn kept_metadata(
    sent: &Metadata<'_>,
    options: &Options,
) -> Result<BTreeMap<String, String>, Problem> {
    let mut kept = BTreeMap::new();
    for (key, value) in &sent.0 {
        let (Some(value), true) = (
            value.as_str(),
            options.metadata_keys.iter().any(|k| k == key),
        ) else {
            continue;
        };
        if kept.insert(key.to_string(), clean(value, LABEL)).is_some() {
            let what = format!("duplicate field `requestMetadata.{key}`");
            return Err(Problem::new(RefusalKind::DuplicateKey, what));
        }
    }
    Ok(kept)
}
