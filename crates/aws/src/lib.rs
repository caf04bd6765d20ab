//! Adapters for the ports of Weir's engine: IAM makes denials real, IAM, Bedrock and STS say who
//! somebody is and hand out access, S3, SQS, CloudWatch Logs and CloudTrail are read from, CloudWatch says what
//! AWS counted and takes our figures, SMTP, SES, SNS, webhooks and chats tell people. Secrets Manager, or a
//! signed token, says who logs in to the database. Each file names one SDK.
//!
//! What writes does not retry: errors are classified where their cause is known, and the engine obeys.
//! What only reads leaves it to the SDK.

mod account_regions;
mod accounts;
mod alerts_chat;
mod alerts_sns;
mod alerts_webhook;
mod assumed_role;
mod bedrock_logging;
mod bedrock_profile;
mod channels;
mod cloudtrail_history;
mod cloudtrail_trails;
mod cloudwatch;
mod config;
mod directory;
mod emf_lines;
mod error;
mod http;
mod iam_access;
mod iam_facts;
mod iam_find;
mod iam_keys;
mod iam_managed;
mod iam_people;
mod iam_rights;
mod iam_role;
mod iam_roles;
mod iam_setup;
mod iam_user;
mod identity_store;
mod logs_groups;
mod mail_form;
mod mail_ses;
mod mail_smtp;
mod org_scp;
mod provision;
mod provision_change;
mod provision_keys;
mod provision_policies;
mod provision_read;
mod rds_token;
mod rights;
mod s3_objects;
mod secrets_manager;
mod sqs_queues;
mod sso_instance;
mod sts_whoami;
mod survey;

pub use channels::{
    BadChannel, ChannelSettings, ChatSettings, SesSettings, WebhookSettings, channels,
    channels_over,
};
pub use config::{
    AccountRole, AwsSettings, Connection, DirectoryPlace, NoCredentials, UserMechanism, connect,
    sdk_config,
};
pub use directory::AwsDirectory;
pub use emf_lines::EmfLines;
pub use error::kind_of;
pub use iam_access::IamAccess;
pub use mail_form::{Sender, is_address};
pub use mail_smtp::{SmtpSecurity, SmtpSettings};
pub use rds_token::DatabaseToken;
pub use rights::{PeopleBy, RightsOf, print_policy, stolen};
pub use secrets_manager::{DatabaseLogin, DatabaseSecret};
pub use weir_core::secret::Secret;
