//! One thing AWS sent us about an invocation, after parsing. Prompt text never gets this far.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::ids::{AccountId, KeyId, Region, RequestId};
use crate::tokens::Tokens;

/// Where a record comes from. The order is the order of the sources in `rules.md` C3 for times and
/// models: API call, log, completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// CloudTrail `AwsApiCall`, management event or its data-event copy.
    ApiCall,
    /// Model-invocation log.
    Log,
    /// CloudTrail stream completion (`AwsServiceEvent`).
    Completion,
}

impl Source {
    /// The word stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiCall => "api-call",
            Self::Log => "log",
            Self::Completion => "completion",
        }
    }
}

/// One record about one invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The invocation's request id; of a completion, its `parentRequestId`.
    pub request: RequestId,
    /// What kind of record this is.
    pub source: Source,
    /// When the call (of a completion: its end) happened.
    pub at: Timestamp,
    /// The account that called.
    pub account: AccountId,
    /// The source Region: what prices go by.
    pub region: Region,
    /// The event name or log operation as AWS spells it: `Converse`, `CreateInference`.
    pub operation: String,
    /// Who called.
    pub identity: Identity,
    /// The model as the caller sent it.
    pub model_sent: Option<String>,
    /// The model ARN in CloudTrail's `resources[]`.
    pub model_resource: Option<String>,
    /// The Region that ran a cross-Region call.
    pub inference_region: Option<Region>,
    /// The counts, if this record has any.
    pub tokens: Option<Tokens>,
    /// How the call failed, if it did.
    pub failure: Option<Failure>,
    /// `default`, `flex`, `priority`, `reserved` where it was seen.
    pub tier: Option<String>,
    /// What only CloudTrail tells about the caller.
    pub client: Client,
    /// `requestMetadata`, configured keys only (rules C8).
    pub metadata: BTreeMap<String, String>,
}

/// What only CloudTrail tells about the calling program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The address, or a service name.
    pub source_ip: Option<String>,
    /// The user agent, cut to 512 characters.
    pub user_agent: Option<String>,
    /// The access key that signed; absent for bearer calls with a long-term key.
    pub access_key: Option<KeyId>,
    /// A Bedrock API key (bearer token) was used.
    pub bearer: bool,
}

/// An error AWS reported for a call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// `AccessDenied`, `ThrottlingException`, …
    pub code: String,
    /// The message, cut to 1024 characters; kept 30 days.
    pub message: Option<String>,
}

impl Failure {
    /// Whether a policy denied the call. AWS spells it two ways (aws.md 1.6).
    pub fn is_denial(&self) -> bool {
        self.code.starts_with("AccessDenied")
    }
}

/// The AWS identity behind a call, as its record describes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// An IAM user; `name` without path.
    IamUser {
        /// The user name without path.
        name: String,
        /// `AIDA…`, where CloudTrail gave it.
        stable_id: Option<String>,
    },
    /// Somebody who came through Identity Center.
    IdentityCenter {
        /// `AWSReservedSSO_<PermissionSet>_<16 hex>`.
        role: String,
        /// The directory user name or e-mail, as sent.
        session: String,
        /// The immutable directory user id (`onBehalfOf.userId`), where known.
        directory_id: Option<String>,
    },
    /// A session of an ordinary role.
    RoleSession {
        /// The role name without path.
        role: String,
        /// The session name the caller chose.
        session: String,
        /// `AROA…`, where CloudTrail gave it.
        stable_id: Option<String>,
        /// `sourceIdentity`, which a role session cannot change.
        source_identity: Option<String>,
    },
    /// The root user.
    Root,
    /// An AWS service, on its own or on somebody's behalf.
    Service {
        /// `bedrock.amazonaws.com`.
        name: String,
    },
    /// Anything else; the text says what was seen.
    Unknown {
        /// The identity type or ARN as sent, cut to 256 characters.
        seen: String,
    },
}
