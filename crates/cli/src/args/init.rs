//! `weir init`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use weir_core::calendar::Zone;

/// Write a configuration to begin with, and say what is still needed.
///
/// Asks what no flag says, if there is somebody at the terminal; else the first answer is taken. Changes
/// nothing in AWS, and makes no database.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Look at the account first: Regions with calls, invocation logs, trails, Identity Center, Denies
    /// of Weir that are there already
    #[arg(long)]
    pub(crate) aws: bool,
    /// The language of messages
    #[arg(long, value_parser = ["es", "en"])]
    pub(crate) language: Option<String>,
    /// The business time zone, in which days and months begin
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub(crate) zone: Option<Zone>,
    /// How strict it is once the mode is iam
    #[arg(long, value_enum)]
    pub(crate) limits: Option<Limits>,
    /// Which Regions to look at [default: all that the account may use]
    #[arg(long = "region", value_name = "REGION", num_args = 1.., requires = "aws")]
    pub(crate) regions: Vec<String>,
    /// The file to write; one that is there is left alone
    #[arg(long, value_name = "FILE", default_value = "weir.toml")]
    pub(crate) out: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Limits {
    /// Whoever reaches 350 requests a day or 5 000 a month is warned, nobody is blocked
    Watch,
    /// Whoever reaches them is blocked
    Block,
    /// And a model without a known price counts as the dearest of its maker
    Strict,
}

impl Limits {
    pub(crate) const ALL: [Self; 3] = [Self::Watch, Self::Block, Self::Strict];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Watch => "watch",
            Self::Block => "block",
            Self::Strict => "strict",
        }
    }
}

fn zone(text: &str) -> Result<Zone, String> {
    Zone::named(text).map_err(|error| error.to_string())
}
