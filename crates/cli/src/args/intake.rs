//! `weir ingest`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use weir_config::Reader;
use weir_engine::Days;
use weir_engine::ports::LogGroup;

/// Read records from AWS, count them, decide, and make the decisions real.
///
/// Takes CloudTrail events (EventBridge envelopes, bare records, CloudTrail files, SQS batches),
/// CloudWatch Logs subscription payloads and model-invocation logs, as JSON, JSON lines or gzip;
/// what a file holds is found out from its content. Every invocation counts once, however often
/// and in whatever order its records come.
///
/// `weir ingest s3://BUCKET/PREFIX` reads the objects below a prefix, `weir ingest logs` a log
/// group, `weir ingest cloudtrail` the event history. These go on where they were when they were
/// stopped half-way.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct IngestArgs {
    #[command(subcommand)]
    pub(crate) from: Option<IngestFrom>,
    /// Files to read; `-` is standard input. Or one `s3://BUCKET/PREFIX`
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Read everything first, and count nothing if anything is unreadable
    #[arg(long, conflicts_with_all = ["from_day", "to_day", "anew"])]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) range: RangeArgs,
    /// Read with the role in this account, one of `enforcement.accounts`; not for files
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<Reader>,
    #[command(flatten)]
    pub(crate) lookups: LookupArgs,
}

/// Where else to read from.
#[derive(Debug, Subcommand)]
pub(crate) enum IngestFrom {
    /// Read a CloudWatch log group back that holds model-invocation logs or CloudTrail events
    Logs(IngestLogsArgs),
    /// Read the last hours back from wherever the account has them, the quickest way by Region
    ///
    /// Looks which Regions call Bedrock, and what they have: invocation logs in S3 or a log group, a
    /// trail, else the event history. Says first how long it takes, and at the end what arrived of what
    /// CloudWatch counted, by account. An account that cannot be read is named with what to do, the others
    /// are read, and it ends with 1.
    Aws(IngestAwsArgs),
    /// Read CloudTrail's event history back, which goes 90 days without any trail
    ///
    /// CloudTrail answers two requests a second with fifty events each, so this takes a while; it
    /// says first how long.
    Cloudtrail(IngestHistoryArgs),
}

#[derive(Debug, Args)]
pub(crate) struct IngestLogsArgs {
    /// Its name, or its ARN if it is in another Region
    #[arg(value_name = "LOG_GROUP")]
    pub(crate) group: LogGroup,
    #[command(flatten)]
    pub(crate) range: RangeArgs,
    /// Read with the role in this account, one of `enforcement.accounts`, or with Weir's own credentials:
    /// `home` [default: the account in the ARN, if Weir has a role there, else `home`]
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<Reader>,
    #[command(flatten)]
    pub(crate) lookups: LookupArgs,
}

#[derive(Debug, Args)]
pub(crate) struct IngestHistoryArgs {
    /// Which Regions [default: the one of the AWS environment]
    #[arg(long = "region", value_name = "REGION", num_args = 1..)]
    pub(crate) regions: Vec<String>,
    #[command(flatten)]
    pub(crate) range: RangeArgs,
    /// The history of this account, one of `enforcement.accounts` [default: that of the credentials]
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<Reader>,
    #[command(flatten)]
    pub(crate) lookups: LookupArgs,
}

#[derive(Debug, Args)]
pub(crate) struct IngestAwsArgs {
    /// How far back, to the beginning of that local day: 24h, 7d
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = weir_core::duration::parse)]
    pub(crate) last: jiff::SignedDuration,
    /// Which Regions [default: all that the account may use]
    #[arg(long = "region", value_name = "REGION", num_args = 1..)]
    pub(crate) regions: Vec<String>,
    /// Which accounts [default: that of the credentials, and all of `enforcement.accounts`]
    #[arg(long = "account", value_name = "ACCOUNT", num_args = 1..)]
    pub(crate) accounts: Vec<String>,
    /// Only say what would be read, and how long that takes
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Begin anew instead of going on where an earlier run was stopped
    #[arg(long)]
    pub(crate) anew: bool,
    #[command(flatten)]
    pub(crate) lookups: LookupArgs,
}

/// Which days a backfill reads.
#[derive(Debug, Args)]
pub(crate) struct RangeArgs {
    /// First local day, as 2026-11-20; not for files
    #[arg(long = "from", id = "from_day", value_name = "DATE")]
    pub(crate) from: Option<Date>,
    /// Last local day; not for files
    #[arg(long = "to", id = "to_day", value_name = "DATE")]
    pub(crate) to: Option<Date>,
    /// Begin anew instead of going on where an earlier run was stopped; not for files
    #[arg(long)]
    pub(crate) anew: bool,
}

impl RangeArgs {
    /// The days.
    pub(crate) fn days(&self) -> Days {
        Days {
            from: self.from,
            to: self.to,
        }
    }

    /// Something of it was given.
    pub(crate) fn is_given(&self) -> bool {
        self.from.is_some() || self.to.is_some() || self.anew
    }
}

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct LookupArgs {
    /// Do not ask AWS for tags, groups and inference profiles of callers
    #[arg(long)]
    pub(crate) no_lookups: bool,
}
