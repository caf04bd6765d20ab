//! `weir user list`

use weir_config::Needs;
use weir_core::attribution::team_name;
use weir_server::forms::ListedUser;

use super::super::Outcome;
use crate::app::App;
use crate::args::UserListArgs;
use crate::exit::ExitStatus;
use crate::table::{Table, or_dash};

pub(crate) async fn run(app: &App, args: &UserListArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let users = backend.users(args.team.as_deref().map(team_name)).await?;
    app.printer.rows(
        &users,
        "no users yet: they appear with their first call",
        table,
    )?;
    for user in &users {
        if let Some(before) = &user.unconfirmed {
            app.printer.note(&format!(
                "`{0}` is another identity under the name of `{before}`: if it is still the same, \
                 weir user confirm '{0}'",
                user.user_id
            ));
        }
    }
    Ok(ExitStatus::Ok)
}

fn table(users: &[ListedUser]) -> Table {
    let mut table = Table::new(&["user", "team", "person", "class", "blocked"]);
    for user in users {
        let blocked = if user.state.starts_with("BLOCKED") {
            user.blocked_reason.as_deref().unwrap_or("yes")
        } else {
            "-"
        };
        let person = or_dash(user.person.as_deref());
        table.row([&user.user_id, &user.team, person, &user.class, blocked]);
    }
    table
}
