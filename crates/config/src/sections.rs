//! The configuration file: sections, each validated where it is read, so that every error names
//! the line it is about.

mod attribution;
mod aws;
mod directory;
mod enforcement;
mod file;
mod intake;
mod lambda;
mod metrics;
mod notify;
mod pricing;
mod privacy;
mod quotas;
mod retention;
mod server;
mod usage;
mod value;

use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;
use weir_core::calendar::Zone;

pub(crate) use file::ConfigFile;
pub use file::FileError;
pub use intake::Reader;
pub(crate) use intake::{LogGroupEntry, QueueEntry};
pub use metrics::{CloudWatchWord, MetricsSection};
pub(crate) use notify::{SecurityWord, SmtpSection};
pub(crate) use pricing::Unknown;
pub(crate) use quotas::AUTHOR as QUOTA_AUTHOR;
pub use quotas::{QuotaEntry, thresholds};
pub use server::TlsSection;
pub(crate) use server::{OidcSection, OthersWord};

/// Everything a configuration file may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The business time zone of a new database.
    #[serde(deserialize_with = "zone")]
    pub(crate) zone: Option<Zone>,
    /// The database URL.
    pub(crate) database: Option<String>,
    /// A secret that says who logs in to the database.
    pub(crate) database_secret: Option<String>,
    /// How to log in to the database.
    pub(crate) database_login: Option<LoginWord>,
    /// PEM of the authorities that vouch for the database server.
    pub(crate) database_ca: Option<PathBuf>,
    pub(crate) aws: aws::AwsSection,
    pub(crate) attribution: attribution::AttributionSection,
    pub(crate) directory: directory::DirectorySection,
    pub(crate) usage: usage::UsageSection,
    pub(crate) pricing: pricing::PricingSection,
    pub(crate) enforcement: enforcement::EnforcementSection,
    pub(crate) quotas: Vec<QuotaEntry>,
    pub(crate) server: server::ServerSection,
    pub(crate) intake: intake::IntakeSection,
    pub(crate) lambda: lambda::LambdaSection,
    pub(crate) metrics: metrics::MetricsSection,
    pub(crate) privacy: privacy::PrivacySection,
    pub(crate) retention: retention::RetentionSection,
    pub(crate) notify: notify::NotifySection,
}

/// How to log in to the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LoginWord {
    /// By the password in the URL, or in a secret.
    #[default]
    Password,
    /// By a token that AWS credentials sign.
    Iam,
}

impl FromStr for LoginWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "password" => Ok(Self::Password),
            "iam" => Ok(Self::Iam),
            other => Err(format!("`{other}` is not a way to log in: password or iam")),
        }
    }
}

fn zone<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Zone>, D::Error> {
    let name = String::deserialize(from)?;
    Zone::named(&name)
        .map(Some)
        .map_err(serde::de::Error::custom)
}
