//! `weir logout`

use super::super::Outcome;
use crate::app::App;
use crate::args::LogoutArgs;
use crate::exit::{CliError, ExitStatus};
use crate::remote::{Address, Ask, Client, Credential, Login};

pub(crate) async fn run(app: &App, args: &LogoutArgs) -> Outcome {
    let named = match &args.url {
        Some(url) => Some(url.clone()),
        None => app.logins.current()?,
    };
    let Some(named) = named else {
        app.printer.note("you are not logged in");
        return Ok(ExitStatus::Ok);
    };
    let address = Address::parse(&named)?;
    let Some(login) = app.logins.at(&address)? else {
        app.printer
            .note(&format!("you are not logged in to {address}"));
        return Ok(ExitStatus::Ok);
    };
    let revoked = revoke(&address, &login).await;
    // Whatever the server says, nobody is to find it here.
    app.logins.remove(&address)?;
    match revoked {
        Ok(()) => {
            app.printer
                .note(&format!("you are logged out of {address}"));
            Ok(ExitStatus::Ok)
        }
        Err(error) => {
            let id = login.token_id.as_deref().unwrap_or("that was given");
            Err(CliError::Failed(format!(
                "the token is forgotten here, and still good at {address}: {error}; revoke it there by \
                 `weir token revoke {id}`"
            )))
        }
    }
}

/// One that is no longer good is what was wanted.
async fn revoke(address: &Address, login: &Login) -> Result<(), CliError> {
    let client = Client::new(address.clone(), Credential::Token(login.token.clone()))?;
    let Some(id) = &login.token_id else {
        return Ok(());
    };
    match client.done(Ask::delete(&["tokens", id])).await {
        Err(CliError::NotAllowed(_) | CliError::NotFound(_)) => Ok(()),
        other => other,
    }
}
