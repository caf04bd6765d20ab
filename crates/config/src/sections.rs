//! The configuration file: sections, each validated where it is read, so that every error names
//! the line it is about.

mod attribution;
mod aws;
mod enforcement;
mod file;
mod intake;
mod notify;
mod pricing;
mod quotas;
mod retention;
mod server;
mod usage;
mod value;

use serde::Deserialize;
use weir_core::calendar::Zone;

pub(crate) use file::ConfigFile;
pub use file::FileError;
pub(crate) use notify::{SecurityWord, SmtpSection};
pub(crate) use pricing::Unknown;
pub(crate) use quotas::AUTHOR as QUOTA_AUTHOR;
pub use quotas::{QuotaEntry, thresholds};

/// Everything a configuration file may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The business time zone of a new database.
    #[serde(deserialize_with = "zone")]
    pub(crate) zone: Option<Zone>,
    /// The database URL.
    pub(crate) database: Option<String>,
    pub(crate) aws: aws::AwsSection,
    pub(crate) attribution: attribution::AttributionSection,
    pub(crate) usage: usage::UsageSection,
    pub(crate) pricing: pricing::PricingSection,
    pub(crate) enforcement: enforcement::EnforcementSection,
    pub(crate) quotas: Vec<QuotaEntry>,
    pub(crate) server: server::ServerSection,
    pub(crate) intake: intake::IntakeSection,
    pub(crate) retention: retention::RetentionSection,
    pub(crate) notify: notify::NotifySection,
}

fn zone<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Zone>, D::Error> {
    let name = String::deserialize(from)?;
    Zone::named(&name)
        .map(Some)
        .map_err(serde::de::Error::custom)
}
