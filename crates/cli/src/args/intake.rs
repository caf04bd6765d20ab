//! `weir ingest`.

use std::path::PathBuf;

use clap::Args;

/// Read records from AWS, count them, decide, and make the decisions real.
///
/// Takes CloudTrail events (EventBridge envelopes, bare records, CloudTrail files, SQS batches),
/// CloudWatch Logs subscription payloads and model-invocation logs, as JSON, JSON lines or gzip;
/// what a file holds is found out from its content. Every invocation counts once, however often
/// and in whatever order its records come.
#[derive(Debug, Args)]
pub(crate) struct IngestArgs {
    /// Files to read; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Read everything first, and count nothing if anything is unreadable
    #[arg(long)]
    pub(crate) strict: bool,
    /// Do not ask AWS for tags, groups and inference profiles of callers
    #[arg(long)]
    pub(crate) no_lookups: bool,
}
