//! `weir user show USER`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::args::UserShowArgs;
use crate::commands::report::status::local;
use crate::exit::ExitStatus;
use crate::table::{Page, Table, or_dash};

pub(crate) async fn run(app: &App, args: &UserShowArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let user = backend.user(&args.user).await?;
    if app.printer.is_json() {
        app.printer.json(&user)?;
        return Ok(ExitStatus::Ok);
    }
    let zone = &backend.zone().await?;
    let mut page = Page::default();
    for (name, text) in [
        ("User", user.user_id.as_str()),
        ("Team", &user.team),
        ("Person", or_dash(user.person.as_deref())),
        ("E-mail", or_dash(user.email.as_deref())),
        ("Language", or_dash(user.language.as_deref())),
        ("Class", &user.class),
        ("First seen", &local(&user.created_at, zone)),
    ] {
        page.field(name, text);
    }
    if let Some(before) = &user.unconfirmed {
        let text = format!("another identity under the name of `{before}`, not confirmed");
        page.field("Identity", &text);
    }
    let mut table = Table::new(&["principal", "stable id", "first seen", "last seen"]);
    let seen = |at: Option<&str>| at.map(|at| local(at, zone));
    for principal in &user.principals {
        table.row([
            principal.principal.as_str(),
            or_dash(principal.stable_id.as_deref()),
            or_dash(seen(principal.first_seen.as_deref()).as_deref()),
            or_dash(seen(principal.last_seen.as_deref()).as_deref()),
        ]);
    }
    page.table(&table);
    app.printer.data(page.text())?;
    Ok(ExitStatus::Ok)
}
