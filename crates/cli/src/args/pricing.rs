//! `weir pricing`.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use weir_core::model::Class;
use weir_core::money::Price;

use super::Author;

#[derive(Debug, Subcommand)]
pub(crate) enum PricingCommand {
    /// List the models that have a price
    List(PricingListArgs),
    /// Show the prices of a model, and where they come from
    Show(PricingShowArgs),
    /// Set the prices of a model from a date on, in dollars per million tokens
    ///
    /// What is not given keeps the price it has. Invocations on file keep theirs; those that had none are costed.
    Set(PricingSetArgs),
    /// Take prices back that were set, from a date on
    Unset(PricingUnsetArgs),
    /// Cost past invocations of a model anew, by the prices that are known now
    Reprice(PricingRepriceArgs),
}

#[derive(Debug, Args)]
pub(crate) struct PricingListArgs {
    /// Only models whose id contains this
    #[arg(value_name = "TEXT")]
    pub(crate) contains: Option<String>,
    /// What administrators set, past and future too
    #[arg(long)]
    pub(crate) set: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PricingShowArgs {
    /// The model in any form AWS accepts: id, profile id or ARN
    #[arg(value_name = "MODEL")]
    pub(crate) model: String,
    /// The Region that is called [default: the Region in an ARN, else us-east-1]
    #[arg(long)]
    pub(crate) region: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct PricingSetArgs {
    /// The canonical model id
    #[arg(value_name = "MODEL")]
    pub(crate) model: String,
    /// Uncached input
    #[arg(long, value_name = "USD", allow_negative_numbers = true)]
    pub(crate) input: Option<Price>,
    /// Output
    #[arg(long, value_name = "USD", allow_negative_numbers = true)]
    pub(crate) output: Option<Price>,
    /// Input read from the cache
    #[arg(long, value_name = "USD", allow_negative_numbers = true)]
    pub(crate) cache_read: Option<Price>,
    /// Input written to the five-minute cache
    #[arg(long, value_name = "USD", allow_negative_numbers = true)]
    pub(crate) cache_write_5m: Option<Price>,
    /// Input written to the one-hour cache
    #[arg(long, value_name = "USD", allow_negative_numbers = true)]
    pub(crate) cache_write_1h: Option<Price>,
    /// Calls through a `global.` profile, or all others [default: both]
    #[arg(long, value_name = "global|regional")]
    pub(crate) class: Option<Class>,
    /// Only calls to this Region, e.g. eu-west-1 or eu-* [default: every Region]
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// The first local day it holds [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<Date>,
    #[command(flatten)]
    pub(crate) by: Author,
}

/// Take prices back that were set, from a date on: what holds then ends, and what was to begin later never
/// does. What is bundled holds again. Invocations on file keep the price they have.
#[derive(Debug, Args)]
pub(crate) struct PricingUnsetArgs {
    /// The canonical model id
    #[arg(value_name = "MODEL")]
    pub(crate) model: String,
    /// Calls through a `global.` profile, or all others [default: both]
    #[arg(long, value_name = "global|regional")]
    pub(crate) class: Option<Class>,
    /// Only prices that were set for exactly this, e.g. eu-west-1 or eu-* [default: any]
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// The first local day without them, today or later [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<Date>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) by: Author,
}

/// Cost past invocations of a model anew, by the prices that are known now for the time of each call: for a
/// price that was wrong when it was used. Says how many change and by how much, and asks. Totals follow; quotas
/// of hours, days and months that are over block nobody.
#[derive(Debug, Args)]
pub(crate) struct PricingRepriceArgs {
    /// The canonical model id
    #[arg(value_name = "MODEL")]
    pub(crate) model: String,
    /// Only calls to this Region, e.g. eu-west-1 [default: every Region]
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// The first local day
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Date,
    /// The last local day [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<Date>,
    /// Only say what would change
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) by: Author,
}
