//! `weir user import FILE`

use weir_config::Needs;
use weir_core::attribution::team_name;
use weir_core::ids::UserId;
use weir_core::rulebook::Person;
use weir_server::forms::{People, PersonChange};

use super::super::{Outcome, confirm};
use crate::app::App;
use crate::args::UserImportArgs;
use crate::exit::{CliError, ExitStatus};
use crate::people_file::{self, Row};
use crate::table::{Table, or_dash};

const COLUMNS: [&str; 6] = ["user", "person", "team", "email", "language", "class"];

pub(crate) async fn run(app: &App, args: &UserImportArgs) -> Outcome {
    let rows = people_file::read(&args.file, &["user"], &COLUMNS)?;
    let mut people: Vec<(UserId, Person)> = Vec::new();
    for row in &rows {
        let (user, said) = of(row)?;
        if people.iter().any(|(known, _)| *known == user) {
            return Err(CliError::Usage(format!(
                "line {}: {user} comes twice",
                row.line
            )));
        }
        people.push((user, said));
    }
    let (backend, by) = app.deciding(Needs::Decides, &args.by).await?;
    let people = People {
        people,
        since: args.since,
    };
    let foreseen = backend.foresee_people(&people).await?;
    let changes = &foreseen.changes;
    app.printer.rows(changes, "Weir knows all of it", table)?;
    if foreseen.users == 0 {
        return Ok(ExitStatus::Ok);
    }
    for past in &foreseen.past {
        super::since::announce(app, past);
    }
    let access = foreseen.access.preview();
    if args.dry_run {
        confirm::announce(app, &access);
        app.printer.note("nothing was changed");
        return Ok(ExitStatus::Ok);
    }
    confirm::preview(app, &access)?;
    if args.since.is_some() {
        confirm::yes(app, "Change the past?", true)?;
    }
    backend.set_people(people, &by).await?;
    app.printer
        .note(&format!("{} users are set", foreseen.users));
    Ok(ExitStatus::Ok)
}

fn of(row: &Row) -> Result<(UserId, Person), CliError> {
    let wrong = |why: String| CliError::Usage(format!("line {}: {why}", row.line));
    let text = |column: &str| row.get(column).map(ToOwned::to_owned);
    if let Some(email) = row.get("email").filter(|email| !email.contains('@')) {
        return Err(wrong(format!("`{email}` is not an e-mail address")));
    }
    if let Some(other) = row
        .get("language")
        .filter(|one| !["es", "en"].contains(one))
    {
        return Err(wrong(format!("`{other}` is not a language: es or en")));
    }
    let said = Person {
        team: row.get("team").map(team_name),
        person: text("person"),
        email: text("email"),
        language: text("language"),
        class: row
            .get("class")
            .map(str::parse)
            .transpose()
            .map_err(wrong)?,
    };
    Ok((UserId::new(row.need("user")?), said))
}

fn table(changes: &[PersonChange]) -> Table {
    let mut table = Table::new(&["user", "what", "before", "after"]);
    for change in changes {
        table.row([
            change.user.as_str(),
            change.field.as_str(),
            or_dash(change.before.as_deref()),
            change.after.as_str(),
        ]);
    }
    table
}
