//! `weir login URL`

use std::io::BufRead;

use weir_core::operator::Role;
use weir_core::secret::Secret;
use weir_server::forms::{Credentials, MadeToken, Me, NewToken, Tokens};

use super::super::Outcome;
use super::minute;
use crate::app::App;
use crate::args::LoginArgs;
use crate::exit::{CliError, ExitStatus};
use crate::printer::Printer;
use crate::remote::{Address, Ask, Client, Credential, Login};

/// The longest label of a token.
const LABEL: usize = 100;

pub(crate) async fn run(app: &App, args: &LoginArgs) -> Outcome {
    let address = Address::parse(&args.url)?;
    let client = Client::new(address.clone(), Credential::Nobody)?;
    let login = if args.token_stdin {
        given(client).await?
    } else {
        made(app, client, args).await?
    };
    let path = app.logins.put(&address, &login)?;
    let until = login.expires_at.as_deref();
    let until = until
        .map(|at| format!(", until {}", minute(at)))
        .unwrap_or_default();
    app.printer.note(&format!(
        "you are `{}` at {address}{until}; the token is kept in {}",
        login.operator,
        path.display()
    ));
    Ok(ExitStatus::Ok)
}

/// A token that somebody else made.
async fn given(client: Client) -> Result<Login, CliError> {
    let token = Secret::new(line("the token")?);
    let client = client.presenting(Credential::Token(token.clone()));
    let me: Me = client.answer(Ask::get(&["me"])).await?;
    is_for(&me, client.address())?;
    let Tokens { tokens } = client.answer(Ask::get(&["tokens"])).await?;
    let mut own = tokens.into_iter();
    let own = own.find(|known| Some(&known.id) == me.token.as_ref());
    Ok(Login {
        operator: me.name,
        token_id: me.token,
        expires_at: own.map(|own| own.expires_at),
        token,
    })
}

/// A token of our own, made by a session that ends with it.
async fn made(app: &App, client: Client, args: &LoginArgs) -> Result<Login, CliError> {
    let name = match &args.user {
        Some(name) => name.clone(),
        None if Printer::is_interactive() => app.printer.ask_for("Operator")?,
        None => {
            return Err(CliError::Usage(
                "there is nobody to ask: give --user, and the password as a line on standard input"
                    .to_owned(),
            ));
        }
    };
    let password = password()?;
    let ask = Ask::post(&["login"]).body(&Credentials { name, password })?;
    let (me, cookie): (Me, _) = client.answer_and_cookie(ask).await?;
    let cookie = cookie.ok_or_else(|| {
        CliError::Failed(format!(
            "{} lets you in without a session",
            client.address()
        ))
    })?;
    let client = client
        .of_version(&me.version)
        .presenting(Credential::Session(cookie));
    let made = match is_for(&me, client.address()) {
        Ok(()) => token(app, &client, args).await,
        Err(refused) => Err(refused),
    };
    // The session is of no more use, whatever came of the token.
    let ended = client.done(Ask::post(&["logout"])).await;
    let MadeToken { secret, token } = made?;
    ended?;
    let secret = secret.ok_or_else(|| {
        CliError::Failed("the server made a token, and does not show it: try again".to_owned())
    })?;
    Ok(Login {
        operator: me.name,
        token_id: Some(token.id),
        expires_at: Some(token.expires_at),
        token: Secret::new(secret),
    })
}

/// Developers see their own use, and no command shows that: they have no tokens.
fn is_for(me: &Me, address: &Address) -> Result<(), CliError> {
    if me.role != Role::Developer.as_str() {
        return Ok(());
    }
    Err(CliError::NotAllowed(format!(
        "the role developer may not use the command line: `{}` sees their use, limits and blocks as My usage \
         at {address}",
        me.name
    )))
}

async fn token(app: &App, client: &Client, args: &LoginArgs) -> Result<MadeToken, CliError> {
    let label = match &args.name {
        Some(name) => name.clone(),
        None => format!("weir login of {}", app.settings.actor),
    };
    let ask = Ask::post(&["tokens"]).body(&NewToken {
        label: label.chars().take(LABEL).collect(),
        for_: args.for_.clone(),
        role: args.role.map(|role| role.to_string()),
        operator: None,
    })?;
    client.answer(ask).await
}

/// Asked for at a terminal, else a line of standard input. Never an argument, which others could read.
fn password() -> Result<String, CliError> {
    if Printer::is_interactive() {
        return rpassword::prompt_password("Password: ")
            .map_err(CliError::io("cannot read the password"));
    }
    line("the password")
}

fn line(what: &str) -> Result<String, CliError> {
    let mut line = String::new();
    let mut input = std::io::stdin().lock();
    let read = input.read_line(&mut line);
    read.map_err(CliError::io(format!("cannot read {what}")))?;
    match line.trim_end_matches(['\r', '\n']) {
        "" => Err(CliError::Usage(format!(
            "give {what} as a line on standard input"
        ))),
        line => Ok(line.to_owned()),
    }
}
