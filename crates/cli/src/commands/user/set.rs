//! `weir user set USER`

use weir_config::Needs;
use weir_core::attribution::team_name;
use weir_core::ids::UserId;
use weir_core::rulebook::Person;
use weir_engine::Reattribute;

use super::super::Outcome;
use crate::app::App;
use crate::args::UserSetArgs;
use crate::backend::Backend;
use crate::exit::{CliError, ExitStatus};

pub(crate) async fn run(app: &App, args: UserSetArgs) -> Outcome {
    if let Some(email) = &args.email
        && !email.contains('@')
    {
        return Err(CliError::Usage(format!(
            "--email: `{email}` is not an e-mail address"
        )));
    }
    let user = UserId::new(args.user.trim());
    if user.as_str().is_empty() {
        return Err(CliError::Usage("USER: the name is empty".to_owned()));
    }
    let said = Person {
        team: args.team.as_deref().map(team_name),
        person: args.person,
        email: args.email,
        language: args.language,
        class: args.class,
    };
    let (backend, by) = app.deciding(Needs::Decides, &args.by).await?;
    if let Some(since) = args.since {
        let wanted = Reattribute { user, said, since };
        return super::since::run(app, &backend, &wanted, args.dry_run, &by).await;
    }
    if matches!(backend, Backend::Database(_)) && !backend.is_known(&user).await? {
        app.printer
            .note(&format!("`{user}` has not been seen yet and is created"));
    }
    let row = backend.set_person(&user, said, &by).await?;
    if app.printer.is_json() {
        app.printer.json(&row)?;
    } else {
        app.printer.note(&format!(
            "`{user}` is set; calls of the past keep their team"
        ));
    }
    Ok(ExitStatus::Ok)
}
