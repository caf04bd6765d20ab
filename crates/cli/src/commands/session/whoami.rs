//! `weir whoami`

use serde::Serialize;
use weir_config::{Needs, redacted};

use super::super::Outcome;
use super::minute;
use crate::app::App;
use crate::backend::{Backend, Server};
use crate::exit::{CliError, ExitStatus};
use crate::remote::Place;
use crate::table::{Page, or_dash};

/// What `--json` prints.
#[derive(Serialize)]
struct View<'a> {
    /// In whose name the record has what is done.
    name: &'a str,
    /// viewer, operator, admin, team or developer; null with a database, where nothing is refused.
    role: Option<&'a str>,
    /// The team of the role team.
    team: Option<&'a str>,
    /// The server that commands work through.
    server: Option<String>,
    /// The id of the token that is presented there.
    token: Option<&'a str>,
    /// When it ends, as it was when it was made.
    expires_at: Option<String>,
    /// The database they work with, without its password.
    database: Option<String>,
}

pub(crate) async fn run(app: &App) -> Outcome {
    if let Place::Database = app.place() {
        return print(
            app,
            &View {
                name: &app.settings.actor,
                role: None,
                team: None,
                server: None,
                token: None,
                expires_at: None,
                database: Some(redacted(&app.settings.database.url)),
            },
        );
    }
    let Backend::Server(server) = app.backend(Needs::Reads).await? else {
        return Err(CliError::Failed("this is no server".to_owned()));
    };
    let Server { client, me, .. } = *server;
    let address = client.address();
    let login = app.logins.at(address)?;
    let login = login.filter(|login| login.token_id == me.token);
    print(
        app,
        &View {
            name: &me.name,
            role: Some(&me.role),
            team: me.team.as_deref(),
            server: Some(address.to_string()),
            token: me.token.as_deref(),
            expires_at: login.and_then(|login| login.expires_at),
            database: None,
        },
    )
}

fn print(app: &App, view: &View<'_>) -> Outcome {
    if app.printer.is_json() {
        app.printer.json(view)?;
        return Ok(ExitStatus::Ok);
    }
    let mut page = Page::default();
    page.field("Name", view.name);
    if let Some(role) = view.role {
        let team = view.team.map(|team| format!(" of {team}"));
        page.field("Role", &format!("{role}{}", team.unwrap_or_default()));
        page.field("Server", or_dash(view.server.as_deref()));
        page.field("Token", or_dash(view.token));
        let until = view.expires_at.as_deref().map(minute);
        page.field("Until", or_dash(until.as_deref()));
    }
    if let Some(database) = &view.database {
        page.field("Database", database);
    }
    app.printer.data(page.text())?;
    Ok(ExitStatus::Ok)
}
