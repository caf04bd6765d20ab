//! `[metrics]`

use std::path::PathBuf;

use serde::Deserialize;

/// How figures are told, and where AWS is asked for its own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsSection {
    /// How figures get to CloudWatch; where nothing is said, a Lambda function writes lines of the
    /// embedded metric format, and a server nothing.
    pub cloudwatch: Option<CloudWatchWord>,
    /// The file that lines of the embedded metric format go to; standard output if there is none.
    pub emf_file: Option<PathBuf>,
    /// So many users, teams and models are named, those that cost most; the rest is one.
    pub most: Option<usize>,
    /// Regions of the home account whose calls AWS is asked about, besides those where calls were
    /// counted lately.
    pub regions: Vec<String>,
}

/// How figures get to CloudWatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloudWatchWord {
    /// Not at all.
    Off,
    /// By `PutMetricData`, once a minute.
    Put,
    /// As lines of the embedded metric format, once a minute.
    Emf,
}

impl CloudWatchWord {
    /// The word of the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Put => "put",
            Self::Emf => "emf",
        }
    }
}

impl MetricsSection {
    /// How a server puts figures into CloudWatch.
    pub fn of_server(&self) -> CloudWatchWord {
        self.cloudwatch.unwrap_or(CloudWatchWord::Off)
    }

    /// How a Lambda function does.
    pub fn of_lambda(&self) -> CloudWatchWord {
        self.cloudwatch.unwrap_or(CloudWatchWord::Emf)
    }

    /// How many are named.
    pub fn most(&self) -> usize {
        self.most.unwrap_or(20)
    }
}
