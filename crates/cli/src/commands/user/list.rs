//! `weir user list`

use weir_config::Needs;
use weir_core::attribution::team_name;

use super::super::Outcome;
use crate::app::App;
use crate::args::UserListArgs;
use crate::exit::ExitStatus;
use crate::table::{Table, or_dash};
use weir_server::User;

const PAGE: u32 = 500;

pub(crate) async fn run(app: &App, args: &UserListArgs) -> Outcome {
    let engine = app.engine(Needs::Reads).await?;
    let (store, newcomers) = (engine.store(), engine.newcomers().await?);
    let team = args.team.as_deref().map(team_name);
    let mut users: Vec<User> = Vec::new();
    let mut after = None;
    loop {
        let page = store.users(team.as_ref(), after.as_ref(), PAGE).await?;
        let full = page.len() >= PAGE as usize;
        after = page.last().map(|row| row.user.clone());
        users.extend(page.into_iter().map(|row| User::of(row, &newcomers)));
        if !full {
            break;
        }
    }
    app.printer.rows(
        &users,
        "no users yet: they appear with their first call",
        table,
    )?;
    for newcomer in newcomers {
        app.printer.note(&format!(
            "`{}` is another identity under the name of `{}`: if it is still the same, \
             weir user confirm '{}'",
            newcomer.user, newcomer.becomes, newcomer.user
        ));
    }
    Ok(ExitStatus::Ok)
}

fn table(users: &[User]) -> Table {
    let mut table = Table::new(&["user", "team", "person", "class", "blocked"]);
    for user in users {
        let blocked = if user.is_blocked {
            user.blocked_reason.as_deref().unwrap_or("yes")
        } else {
            "-"
        };
        let person = or_dash(user.person.as_deref());
        table.row([&user.user_id, &user.team, person, user.class, blocked]);
    }
    table
}
