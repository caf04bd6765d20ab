//! What a server said no with, as an error of the command line.

use reqwest::StatusCode;
use weir_server::forms::Problem;

use super::Address;
use crate::exit::CliError;

/// What a server answers whose addresses do not hold the one that was asked for.
const NO_ADDRESS: &str = "there is nothing at this address";

/// Who answered, and what is known of it.
pub(super) struct Who<'a> {
    pub(super) address: &'a Address,
    /// The version of the server, once it said so.
    pub(super) version: Option<&'a str>,
    /// Whether we said who we are.
    pub(super) is_known: bool,
}

impl Who<'_> {
    /// The server may not be of our version: then that is said with what it does not understand.
    fn versions(&self) -> String {
        let ours = env!("CARGO_PKG_VERSION");
        match self.version {
            Some(theirs) if theirs != ours => {
                format!(
                    "; the server is Weir {theirs}, this command Weir {ours}: use the same version"
                )
            }
            _ => String::new(),
        }
    }

    /// An answer that is not what was asked for.
    pub(super) fn not_understood(&self, why: &str) -> CliError {
        let address = self.address;
        match self.version {
            Some(_) => CliError::Failed(format!(
                "what {address} answers is not understood ({why}){}",
                self.versions()
            )),
            None => CliError::Failed(format!(
                "{address} does not answer like a Weir server ({why}): is the address right?"
            )),
        }
    }

    /// An answer that says no.
    pub(super) fn refusal(&self, status: StatusCode, body: &[u8]) -> CliError {
        let address = self.address;
        let Ok(problem) = serde_json::from_slice::<Problem>(body) else {
            return self.not_understood(&format!("HTTP {status}"));
        };
        let Problem { detail, id, .. } = problem;
        match status.as_u16() {
            401 if self.is_known => CliError::NotAllowed(format!(
                "{address} does not let you in: {detail}; `weir login {address}` makes another token \
                 (WEIR_TOKEN, if it is set, goes before that)"
            )),
            401 => CliError::NotAllowed(format!("{address} does not let you in: {detail}")),
            403 => CliError::NotAllowed(format!(
                "{address}: {detail}; ask an admin there (`weir whoami` says who you are)"
            )),
            404 if detail != NO_ADDRESS => CliError::NotFound(detail),
            404 | 405 => self.not_understood("it does not know what was asked for"),
            400 | 413 | 415 => CliError::Usage(format!("{detail}{}", self.versions())),
            412 => CliError::Failed(
                "nothing was changed: somebody else changed it meanwhile; look again".to_owned(),
            ),
            500.. => {
                let id = id.map(|id| format!(" (its log has it under {id})"));
                CliError::Failed(format!("{address}: {detail}{}", id.unwrap_or_default()))
            }
            _ => CliError::Failed(detail),
        }
    }

    /// No answer came.
    pub(super) fn unreachable(&self, error: reqwest::Error) -> CliError {
        let address = self.address;
        let error = error.without_url();
        let chain = chain(&error);
        if error.is_timeout() {
            return CliError::Failed(format!("{address} does not answer in time: {chain}"));
        }
        if chain.contains("certificate") {
            return CliError::Failed(format!(
                "the certificate of {address} is not trusted: {chain}; if an authority of your own \
                 made it, add that to this machine's, or name its PEM file in SSL_CERT_FILE"
            ));
        }
        CliError::Failed(format!(
            "{address} cannot be reached: {chain}; is the address right, and does `weir serve` run there?"
        ))
    }
}

/// An error and its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = inner.source();
    }
    text
}
