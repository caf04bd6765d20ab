//! `weir quota`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use weir_core::calendar::WindowKind;
use weir_core::quota::{Action, Metric, Scope};

use super::Author;

const SCOPES: &str = "Whom it is about: user:NAME, defaults (everybody), team-defaults:NAME (each \
                      member), team:NAME (the total), tool:NAME, model:ID, organisation";

const LIMIT: &str = "A count (350, 5_000, 25k, 2M), an amount for cost ('$500'), or unlimited";

#[derive(Debug, Subcommand)]
pub(crate) enum QuotaCommand {
    /// Set a quota: weir quota set user:ana requests day 350
    Set(QuotaSetArgs),
    /// Remove a quota, so that a less specific one holds
    Unset(QuotaUnsetArgs),
    /// List the quotas that are set
    List,
    /// Show the quotas that hold for a user or another scope
    Show(QuotaShowArgs),
    /// Raise a user's quota for a time: weir quota raise ana +100 --until 18:00 --reason release
    Raise(QuotaRaiseArgs),
    /// Propose limits from what was used
    Suggest(QuotaSuggestArgs),
    /// Say what a quota would have done: weir quota try team-defaults:sap requests day 200
    Try(QuotaTryArgs),
    /// Read quotas from our own export, or from the two files of the replaced system
    Import(QuotaImportArgs),
    /// Print all quotas in a form that `import` reads
    Export(QuotaExportArgs),
}

#[derive(Debug, Args)]
pub(crate) struct QuotaSetArgs {
    #[arg(value_name = "SCOPE", help = SCOPES)]
    pub(crate) scope: Scope,
    /// requests, tokens (input, cache writes, output), `tokens_all` (cache reads too) or cost
    #[arg(value_name = "METRIC")]
    pub(crate) metric: Metric,
    /// hour, day or month, in the business time zone
    #[arg(value_name = "WINDOW")]
    pub(crate) window: WindowKind,
    // Less than nothing is refused by what reads limits, which says why.
    #[arg(value_name = "LIMIT", help = LIMIT, allow_hyphen_values = true)]
    pub(crate) limit: String,
    /// What happens at the limit
    #[arg(long, value_name = "block|notify", default_value = "block")]
    pub(crate) action: Action,
    /// Percentages at which to warn
    #[arg(
        long,
        value_name = "P,P,…",
        value_delimiter = ',',
        default_value = "80,95"
    )]
    pub(crate) warn: Vec<u32>,
    #[command(flatten)]
    pub(crate) by: Author,
}

#[derive(Debug, Args)]
pub(crate) struct QuotaSuggestArgs {
    /// How far back, in days
    #[arg(long, value_name = "DURATION", default_value = "30d", value_parser = super::people::days)]
    pub(crate) last: u32,
}

#[derive(Debug, Args)]
pub(crate) struct QuotaTryArgs {
    #[arg(value_name = "SCOPE", help = SCOPES)]
    pub(crate) scope: Scope,
    /// requests, tokens (input, cache writes, output), `tokens_all` (cache reads too) or cost
    #[arg(value_name = "METRIC")]
    pub(crate) metric: Metric,
    /// hour, day or month, in the business time zone
    #[arg(value_name = "WINDOW")]
    pub(crate) window: WindowKind,
    #[arg(value_name = "LIMIT", help = LIMIT)]
    pub(crate) limit: String,
    /// What would happen at the limit
    #[arg(long, value_name = "block|notify", default_value = "block")]
    pub(crate) action: Action,
    /// Percentages at which it would warn
    #[arg(
        long,
        value_name = "P,P,…",
        value_delimiter = ',',
        default_value = "80,95"
    )]
    pub(crate) warn: Vec<u32>,
    /// How far back, in days
    #[arg(long, value_name = "DURATION", default_value = "30d", value_parser = super::people::days)]
    pub(crate) last: u32,
}

#[derive(Debug, Args)]
pub(crate) struct QuotaUnsetArgs {
    #[arg(value_name = "SCOPE", help = SCOPES)]
    pub(crate) scope: Scope,
    /// requests, tokens, `tokens_all` or cost
    #[arg(value_name = "METRIC")]
    pub(crate) metric: Metric,
    /// hour, day or month
    #[arg(value_name = "WINDOW")]
    pub(crate) window: WindowKind,
    #[command(flatten)]
    pub(crate) by: Author,
}

#[derive(Debug, Args)]
pub(crate) struct QuotaShowArgs {
    /// A user, or a scope as in `quota set`
    #[arg(value_name = "USER|SCOPE")]
    pub(crate) scope: String,
}

#[derive(Debug, Args)]
pub(crate) struct QuotaRaiseArgs {
    /// Which user
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    /// How much more: +100, or an amount for cost: '+$20'
    #[arg(value_name = "+AMOUNT", allow_hyphen_values = true)]
    pub(crate) amount: String,
    /// When it ends: 18:00, '2026-11-20 18:00' (business time zone) or RFC 3339
    #[arg(long, value_name = "TIME", required_unless_present = "for_")]
    pub(crate) until: Option<String>,
    /// How long it lasts: 12h, 7d
    #[arg(long = "for", value_name = "DURATION", conflicts_with = "until")]
    pub(crate) for_: Option<String>,
    /// Why
    #[arg(long)]
    pub(crate) reason: String,
    /// Which metric [default: requests, or cost for an amount]
    #[arg(long)]
    pub(crate) metric: Option<Metric>,
    /// Which window
    #[arg(long, default_value = "day")]
    pub(crate) window: WindowKind,
    #[command(flatten)]
    pub(crate) by: Author,
}

#[derive(Debug, Args)]
pub(crate) struct QuotaImportArgs {
    /// The files; quotas of later ones win
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Only say what would be set
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) by: Author,
}

#[derive(Debug, Args)]
pub(crate) struct QuotaExportArgs {
    /// The form
    #[arg(long, value_enum, default_value = "toml")]
    pub(crate) format: ExportFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    Toml,
    Json,
}
