//! AWS SDK adapters for the ports of Weir's engine: IAM makes denials real, IAM, Bedrock and STS
//! say who somebody is. Each file names one SDK.
//!
//! Nothing here retries: errors are classified where their cause is known, and the engine obeys.

mod accounts;
mod bedrock_profile;
mod config;
mod directory;
mod error;
mod iam_access;
mod iam_facts;
mod iam_find;
mod iam_keys;
mod iam_role;
mod iam_setup;
mod iam_user;
mod rights;
mod sts_whoami;

pub use config::{AccountRole, AwsSettings, Connection, NoCredentials, UserMechanism, connect};
pub use directory::AwsDirectory;
pub use error::kind_of;
pub use iam_access::IamAccess;
pub use rights::print_policy;
