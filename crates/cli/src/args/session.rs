//! `weir login` and `logout`.

use clap::Args;
use weir_core::operator::Role;

/// Log in to a server, so that commands work through it and need no database.
///
/// Asks for the password, makes a token by it that ends by itself, and keeps the token in a file that you
/// alone may read: ~/.config/weir/logins.json. Commands then work through the server if no database is named.
#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    #[arg(
        value_name = "URL",
        help = "Where the server is, as https://weir.example.com"
    )]
    pub(crate) url: String,
    /// The operator [default: it is asked for]
    #[arg(long, value_name = "NAME", conflicts_with = "token_stdin")]
    pub(crate) user: Option<String>,
    /// What the token is called in `weir token list` [default: you and this machine]
    #[arg(long, value_name = "NAME", conflicts_with = "token_stdin")]
    pub(crate) name: Option<String>,
    /// For how long: 12h, 30d, a year at most
    #[arg(
        long = "for",
        value_name = "TIME",
        default_value = "30d",
        conflicts_with = "token_stdin"
    )]
    pub(crate) for_: String,
    /// The most it may do; never more than you [default: what you may]
    #[arg(long, conflicts_with = "token_stdin")]
    pub(crate) role: Option<Role>,
    /// Read a token from standard input, instead of making one
    #[arg(long)]
    pub(crate) token_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LogoutArgs {
    /// Which server [default: the one that was logged in to last]
    #[arg(value_name = "URL")]
    pub(crate) url: Option<String>,
}
