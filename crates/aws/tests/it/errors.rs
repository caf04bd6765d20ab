//! What an AWS error code means.

use weir_aws::kind_of;
use weir_engine::ports::EffectErrorKind::{Cannot, Denied, Gone, NoRoom, Refused, Retry};

#[test]
fn every_code_has_its_consequence() {
    for (code, kind) in [
        ("Throttling", Retry),
        ("ThrottlingException", Retry),
        ("RequestLimitExceeded", Retry),
        ("TooManyRequestsException", Retry),
        ("ServiceUnavailable", Retry),
        ("ServiceFailure", Retry),
        ("InternalFailure", Retry),
        ("InternalServerException", Retry),
        ("ConcurrentModification", Retry),
        ("EntityTemporarilyUnmodifiable", Retry),
        ("ExpiredToken", Retry),
        ("NoSuchEntity", Gone),
        ("NoSuchEntityException", Gone),
        ("ResourceNotFoundException", Gone),
        ("AccessDenied", Denied),
        ("AccessDeniedException", Denied),
        ("InvalidClientTokenId", Denied),
        ("SignatureDoesNotMatch", Denied),
        ("UnrecognizedClientException", Denied),
        ("LimitExceeded", NoRoom),
        ("LimitExceededException", NoRoom),
        ("UnmodifiableEntity", Cannot),
        ("MalformedPolicyDocument", Refused),
        ("ValidationError", Refused),
        ("SomethingNew", Refused),
        ("", Refused),
    ] {
        assert_eq!(kind_of(code), kind, "{code}");
    }
}
