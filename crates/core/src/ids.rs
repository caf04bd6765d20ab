//! Names of things, each with a type of its own so that swapped arguments do not compile.

use std::fmt;
use std::sync::Arc;

macro_rules! ids {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the text as it is; whoever reads it from outside has normalised it.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(Arc::from(text.as_ref()))
            }

            /// The text of the id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), &*self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                <std::borrow::Cow<'de, str>>::deserialize(from).map(Self::new)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )+};
}

ids! {
    /// The AWS request id of an invocation: what makes it count once.
    RequestId;
    /// The governed subject that principals resolve to (rules 2).
    UserId;
    /// A team, normalised by [`crate::attribution::team_name`].
    TeamId;
    /// The program that called: `claude-code`, `cline`, `boto3`, or an administrator's word.
    ToolId;
    /// A canonical Bedrock model id, without Region prefix or ARN.
    ModelId;
    /// A twelve-digit AWS account id.
    AccountId;
    /// An AWS Region name. For prices always the *source* Region.
    Region;
    /// A block: unique for ever, made from subject, window and the instant it began.
    BlockId;
    /// A protection.
    ProtectionId;
    /// An access key id or service-specific credential id. Never a secret.
    KeyId;
}

impl TeamId {
    /// The team of those who have none.
    pub fn unassigned() -> Self {
        Self::new("unassigned")
    }
}

impl UserId {
    /// The user of callers that cannot be resolved: recorded and visible, never dropped.
    pub fn unknown() -> Self {
        Self::new("unknown")
    }
}

impl ToolId {
    /// The tool of calls that name none.
    pub fn unknown() -> Self {
        Self::new("unknown")
    }
}

impl ModelId {
    /// The model of calls that name none.
    pub fn unknown() -> Self {
        Self::new("unknown")
    }
}
