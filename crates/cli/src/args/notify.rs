//! `weir notify`.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};
use weir_core::message::Kind;
use weir_engine::notify::Language;

#[derive(Debug, Subcommand)]
pub(crate) enum NotifyCommand {
    /// Show a message as people would get it, with made-up facts
    Preview(NotifyPreviewArgs),
    /// Send a test message through a channel
    Test(NotifyTestArgs),
}

#[derive(Debug, Args)]
pub(crate) struct NotifyTestArgs {
    /// The channel: smtp, ses, sns, webhook.NAME or chat.NAME, as configured
    #[arg(value_name = "CHANNEL")]
    pub(crate) channel: String,
    /// The address a mail goes to [default: the administrators of `notify.admins`]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) to: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct NotifyPreviewArgs {
    /// The type of message
    #[arg(value_name = "TYPE", value_parser = kind())]
    pub(crate) kind: Kind,
    /// In which language: es or en [default: `notify.language` of the configuration, else es]
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) lang: Option<Language>,
    /// As what
    #[arg(long, default_value = "text")]
    pub(crate) format: PreviewFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PreviewFormat {
    Text,
    Html,
}

fn kind() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.map(Kind::as_str)).try_map(|word| word.parse::<Kind>())
}
