//! Keys and console passwords: the only place that sees secrets of others, and each once.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::rand;
use aws_sdk_iam::Client;
use aws_sdk_iam::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_iam::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_iam::error::BoxError;
use aws_sdk_iam::types::StatusType;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use weir_core::ids::KeyId;
use weir_core::provision::{FoundKey, KeyKind, KeyStatus};
use weir_core::secret::Secret;
use weir_engine::ports::{EffectError, EffectErrorKind, MadeKey};

use crate::error::classify;
use crate::provision::{instant, is_code};
use crate::provision_read::listed;

const BEDROCK: &str = "bedrock.amazonaws.com";
/// How a Bedrock API key begins.
const PREFIX: &str = "ABSK";
/// Longer than any password policy asks for by default, with all four kinds of characters.
const PASSWORD_LENGTH: usize = 24;
const LETTERS: [&[u8]; 4] = [
    b"ABCDEFGHJKLMNPQRSTUVWXYZ",
    b"abcdefghijkmnopqrstuvwxyz",
    b"23456789",
    b"!@#$%^*()_+-=[]{}",
];

/// Access keys and Bedrock API keys of a user, and its service-specific credentials for others.
pub(crate) async fn of(
    client: &Client,
    user: &str,
) -> Result<(Vec<FoundKey>, Vec<KeyId>), EffectError> {
    let request = client.list_access_keys().user_name(user);
    let what = || format!("ListAccessKeys {user}");
    let access = listed!(request, what(), access_key_metadata);
    let mut keys: Vec<_> = access
        .into_iter()
        .filter_map(|key| {
            Some(FoundKey {
                status: status(key.status.as_ref()?),
                created: key.create_date.as_ref().and_then(instant),
                id: KeyId::new(key.access_key_id?),
                kind: KeyKind::AccessKey,
                expires: None,
            })
        })
        .collect();
    let (mut others, mut marker) = (Vec::new(), None);
    loop {
        let page = client
            .list_service_specific_credentials()
            .user_name(user)
            .set_marker(marker)
            .send()
            .await
            .map_err(|error| classify(format!("ListServiceSpecificCredentials {user}"), &error))?;
        for one in page.service_specific_credentials.unwrap_or_default() {
            let id = KeyId::new(&one.service_specific_credential_id);
            if one.service_name != BEDROCK {
                others.push(id);
                continue;
            }
            keys.push(FoundKey {
                id,
                kind: KeyKind::Bedrock,
                status: status(&one.status),
                created: instant(&one.create_date),
                expires: one.expiration_date.as_ref().and_then(instant),
            });
        }
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok((keys, others));
        }
    }
}

fn status(status: &StatusType) -> KeyStatus {
    match status {
        StatusType::Active => KeyStatus::Active,
        StatusType::Inactive => KeyStatus::Inactive,
        _ => KeyStatus::Expired,
    }
}

pub(crate) async fn make(
    client: &Client,
    user: &str,
    kind: KeyKind,
    days: Option<u32>,
) -> Result<MadeKey, EffectError> {
    match kind {
        KeyKind::AccessKey => make_access_key(client, user).await,
        KeyKind::Bedrock => make_bedrock_key(client, user, days).await,
    }
}

async fn make_access_key(client: &Client, user: &str) -> Result<MadeKey, EffectError> {
    let what = format!("CreateAccessKey {user}");
    let answer = client.create_access_key().user_name(user).send().await;
    let answer = answer.map_err(|error| classify(what.clone(), &error))?;
    let key = answer.access_key.ok_or_else(|| nothing(what))?;
    Ok(MadeKey {
        id: KeyId::new(key.access_key_id),
        secret: Secret::new(key.secret_access_key),
        created: key.create_date.as_ref().and_then(instant),
        expires: None,
    })
}

async fn make_bedrock_key(
    client: &Client,
    user: &str,
    days: Option<u32>,
) -> Result<MadeKey, EffectError> {
    let what = format!("CreateServiceSpecificCredential {user}");
    let days = days.and_then(|days| i32::try_from(days).ok());
    let other_field = OtherField::default();
    let answer = client
        .create_service_specific_credential()
        .user_name(user)
        .service_name(BEDROCK)
        .set_credential_age_days(days)
        .customize()
        .interceptor(other_field.clone())
        .send()
        .await
        .map_err(|error| classify(what.clone(), &error))?;
    let one = answer
        .service_specific_credential
        .ok_or_else(|| nothing(what.clone()))?;
    let alias = one.service_credential_alias.as_deref().unwrap_or_default();
    let secret = one.service_credential_secret.clone();
    let secret = secret.filter(|secret| !secret.is_empty());
    let Some(secret) = secret.or_else(|| other_field.take()) else {
        return Err(take_back(client, user, one.service_specific_credential_id(), what).await);
    };
    Ok(MadeKey {
        secret: Secret::new(bearer(alias, &secret)),
        id: KeyId::new(one.service_specific_credential_id),
        created: instant(&one.create_date),
        expires: one.expiration_date.as_ref().and_then(instant),
    })
}

/// A key whose secret nobody has seen is of no use, and would count against the limit of AWS.
async fn take_back(client: &Client, user: &str, id: &str, what: String) -> EffectError {
    let request = client.delete_service_specific_credential().user_name(user);
    let deleted = request.service_specific_credential_id(id).send().await;
    let became = if deleted.is_ok() {
        "it was deleted again"
    } else {
        "it could not be deleted again: `weir user keys` shows it"
    };
    let why = format!("there is no secret in the answer for the key {id}; {became}");
    EffectError::new(EffectErrorKind::Refused, what, why)
}

/// The secret by the name that Bedrock's guide gives it, which IAM's model does not know and the SDK
/// therefore drops.
#[derive(Clone, Default)]
struct OtherField(Arc<Mutex<Option<String>>>);

impl OtherField {
    fn take(&self) -> Option<String> {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        found.take()
    }
}

impl fmt::Debug for OtherField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OtherField")
    }
}

impl Intercept for OtherField {
    fn name(&self) -> &'static str {
        "OtherField"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default();
        let found = std::str::from_utf8(body).ok().and_then(api_key_value);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = found;
        Ok(())
    }
}

/// The text of an element that holds letters of base64 only.
fn api_key_value(answer: &str) -> Option<String> {
    let (_, rest) = answer.split_once("<ServiceApiKeyValue>")?;
    let (value, _) = rest.split_once("</ServiceApiKeyValue>")?;
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// The key as clients take it. IAM's model calls the field the secret portion, Bedrock's guide shows
/// a whole key: both are taken.
fn bearer(alias: &str, secret: &str) -> String {
    if secret.starts_with(PREFIX) {
        return secret.to_owned();
    }
    format!("{PREFIX}{}", STANDARD.encode(format!("{alias}:{secret}")))
}

pub(crate) async fn has_login(client: &Client, user: &str) -> Result<bool, EffectError> {
    match client.get_login_profile().user_name(user).send().await {
        Ok(_) => Ok(true),
        Err(error) if is_code(&error, "NoSuchEntity") => Ok(false),
        Err(error) => Err(classify(format!("GetLoginProfile {user}"), &error)),
    }
}

pub(crate) async fn make_login(client: &Client, user: &str) -> Result<Option<Secret>, EffectError> {
    let what = format!("CreateLoginProfile {user}");
    let drawn = password().ok_or_else(|| {
        EffectError::new(
            EffectErrorKind::Refused,
            &*what,
            "no random numbers are to be had",
        )
    })?;
    let sent = client
        .create_login_profile()
        .user_name(user)
        .password(&drawn)
        .password_reset_required(true)
        .send()
        .await;
    match sent {
        Ok(_) => Ok(Some(Secret::new(drawn))),
        Err(error) if is_code(&error, "EntityAlreadyExists") => Ok(None),
        Err(error) => Err(classify(what, &error)),
    }
}

/// A random password with characters of every kind.
fn password() -> Option<String> {
    let mut text = Vec::with_capacity(PASSWORD_LENGTH);
    for at in 0..PASSWORD_LENGTH {
        let kind = LETTERS[at % LETTERS.len()];
        text.push(kind[below(kind.len())?]);
    }
    // Kinds take turns until here; which character stands where is drawn as well.
    for at in (1..text.len()).rev() {
        text.swap(at, below(at + 1)?);
    }
    String::from_utf8(text).ok()
}

/// A number below a small bound, each as likely.
fn below(bound: usize) -> Option<usize> {
    let fair = 256 - 256 % bound;
    loop {
        let mut byte = [0];
        rand::fill(&mut byte).ok()?;
        let drawn = usize::from(byte[0]);
        if drawn < fair {
            return Some(drawn % bound);
        }
    }
}

fn nothing(what: String) -> EffectError {
    EffectError::new(
        EffectErrorKind::Refused,
        what,
        "there is no key in the answer",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_hold_every_kind_of_character_and_differ() {
        let all: std::collections::BTreeSet<_> = (0..50).filter_map(|_| password()).collect();
        assert_eq!(all.len(), 50);
        for text in all {
            assert_eq!(text.len(), PASSWORD_LENGTH);
            for kind in LETTERS {
                assert!(text.bytes().any(|byte| kind.contains(&byte)), "{text}");
            }
        }
    }

    #[test]
    fn the_secret_may_come_by_the_name_that_the_guide_gives_it() {
        let answer = |inner: &str| {
            format!("<A><ServiceSpecificCredential>{inner}</ServiceSpecificCredential></A>")
        };
        let found = |inner: &str| api_key_value(&answer(inner));
        let field = "<ServiceApiKeyValue>ABSKabc=</ServiceApiKeyValue>";
        assert_eq!(found(field).as_deref(), Some("ABSKabc="));
        assert_eq!(found("<ServiceApiKeyValue></ServiceApiKeyValue>"), None);
        assert_eq!(found("<Status>Active</Status>"), None);
    }

    #[test]
    fn a_secret_portion_becomes_a_whole_key() {
        assert_eq!(bearer("ana-at-1", "ABSKabc"), "ABSKabc");
        assert_eq!(
            bearer("ana-at-1", "s3"),
            format!("ABSK{}", STANDARD.encode("ana-at-1:s3"))
        );
    }
}
