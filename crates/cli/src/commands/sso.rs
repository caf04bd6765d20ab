//! Single sign-on, as the configuration wants it.

use std::path::Path;

use weir_config::OidcSettings;
use weir_core::secret::Secret;
use weir_server::{SSO_SIGNED, Sso, SsoSettings};

use crate::app::App;
use crate::exit::CliError;

/// The provider of the configuration, if there is one. It is not asked anything.
pub(super) fn provider(app: &App) -> Result<Option<Sso>, CliError> {
    let Some(oidc) = &app.settings.server.oidc else {
        return Ok(None);
    };
    let secret = match (&oidc.client_secret, &oidc.client_secret_file) {
        (Some(secret), _) => secret.clone(),
        (None, Some(path)) => read(path)?,
        (None, None) => return Err(no_secret("there is none")),
    };
    made(oidc, secret).map(Some)
}

/// Whether the settings can work, wherever they are looked at: the file with the secret is the server's to read.
pub(super) fn check(app: &App) -> Result<(), CliError> {
    let Some(oidc) = &app.settings.server.oidc else {
        return Ok(());
    };
    if oidc.client_secret.is_none() && oidc.client_secret_file.is_none() {
        return Err(no_secret("there is none"));
    }
    made(oidc, Secret::new("")).map(|_| ())
}

fn made(oidc: &OidcSettings, client_secret: Secret) -> Result<Sso, CliError> {
    let OidcSettings {
        label,
        issuer,
        client_id,
        client_secret: _,
        client_secret_file: _,
        redirect_url,
        scopes,
        algorithms,
        groups_claim,
        user_claim,
        admission,
    } = oidc.clone();
    let all = || SSO_SIGNED.map(str::to_owned).to_vec();
    let sso = Sso::new(SsoSettings {
        label,
        issuer,
        client_id,
        client_secret,
        redirect_url,
        scopes,
        algorithms: algorithms.unwrap_or_else(all),
        groups_claim,
        user_claim,
        admission,
    });
    sso.map_err(|error| CliError::Usage(error.to_string()))
}

fn read(path: &Path) -> Result<Secret, CliError> {
    let text = std::fs::read_to_string(path).map_err(CliError::io(format!(
        "server.oidc.client_secret_file: cannot read {}",
        path.display()
    )))?;
    match text.trim() {
        "" => Err(no_secret(&format!("{} is empty", path.display()))),
        secret => Ok(Secret::new(secret)),
    }
}

fn no_secret(found: &str) -> CliError {
    CliError::Usage(format!(
        "server.oidc: Weir proves itself to the provider by a secret, and {found}: put the one that the provider \
         gave into a file and name it in client_secret_file, or into the variable WEIR_OIDC_CLIENT_SECRET"
    ))
}
