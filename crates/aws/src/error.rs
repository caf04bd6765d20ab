//! What an AWS error means for an effect.

use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use weir_engine::ports::{EffectError, EffectErrorKind};

use crate::assumed_role::{NotAssumed, find};

/// The longest error text that is kept.
const LONGEST: usize = 500;

/// An error of the SDK, as the engine understands it.
pub(crate) fn classify<E, R>(what: impl Into<String>, error: &SdkError<E, R>) -> EffectError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    if let Some(not_assumed) = find::<NotAssumed>(error) {
        return EffectError::new(not_assumed.kind, what, not_assumed.to_string());
    }
    let (kind, why) = match error {
        SdkError::ServiceError(service) => {
            let (code, message) = (service.err().code(), service.err().message());
            let why = match (code, message) {
                (Some(code), Some(message)) => format!("{code}: {message}"),
                (code, message) => code
                    .or(message)
                    .unwrap_or("an error without a code")
                    .to_owned(),
            };
            (kind_of(code.unwrap_or_default()), why)
        }
        SdkError::ConstructionFailure(_) => (EffectErrorKind::Refused, chain(error)),
        SdkError::TimeoutError(_) => (EffectErrorKind::Retry, "no answer in time".to_owned()),
        // No connection, no credentials, or an answer that is none.
        _ => (EffectErrorKind::Retry, chain(error)),
    };
    let cut = why.floor_char_boundary(LONGEST);
    EffectError::new(kind, what, &why[..cut])
}

/// An error and its causes in one line, each said once.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = inner.source();
    }
    text
}

/// What to do about an error of that code. A code we do not know is AWS's refusal, unless it says
/// that the fault is on AWS's side.
pub fn kind_of(code: &str) -> EffectErrorKind {
    // The query protocol says `NoSuchEntity`, JSON says `NoSuchEntityException`.
    match code.strip_suffix("Exception").unwrap_or(code) {
        "Throttling"
        | "Throttled"
        | "RequestLimitExceeded"
        | "TooManyRequests"
        | "SlowDown"
        | "BandwidthLimitExceeded"
        | "RequestThrottled"
        | "KMSThrottling"
        | "OverLimit"
        | "PriorRequestNotComplete"
        | "ServiceUnavailable"
        | "ServiceFailure"
        | "InternalFailure"
        | "InternalError"
        | "InternalServer"
        | "InternalServerError"
        | "RequestTimeout"
        | "RequestTimeTooSkewed"
        | "ConcurrentModification"
        | "EntityTemporarilyUnmodifiable"
        | "ExpiredToken"
        | "RequestExpired"
        | "PolicyChangesInProgress"
        | "ModelNotReady" => EffectErrorKind::Retry,
        "NoSuchEntity"
        | "ResourceNotFound"
        | "NotFound"
        | "PolicyNotFound"
        | "NoSuchBucket"
        | "NoSuchKey"
        | "QueueDoesNotExist"
        | "AWS.SimpleQueueService.NonExistentQueue" => EffectErrorKind::Gone,
        "AccessDenied"
        | "UnauthorizedOperation"
        | "UnauthorizedAccess"
        | "InvalidClientTokenId"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClient"
        | "AuthFailure"
        | "OptInRequired"
        | "MissingAuthenticationToken"
        | "IncompleteSignature"
        | "NotAuthorized"
        | "AuthorizationError"
        // SES: the account or the sender is not ready to send, and somebody can change that.
        | "AccountSuspended"
        | "SendingPaused"
        | "MessageRejected"
        | "MailFromDomainNotVerified" => EffectErrorKind::Denied,
        "LimitExceeded" | "ServiceQuotaExceeded" => EffectErrorKind::NoRoom,
        "UnmodifiableEntity" => EffectErrorKind::Cannot,
        _ => EffectErrorKind::Refused,
    }
}
