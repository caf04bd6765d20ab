//! `weir user import FILE`

use serde::Serialize;
use weir_core::attribution::team_name;
use weir_core::ids::UserId;
use weir_core::rulebook::Person;
use weir_engine::{Engine, Reattribute};
use weir_store::RuleChange;

use super::super::{Outcome, confirm};
use crate::app::App;
use crate::args::UserImportArgs;
use crate::exit::{CliError, ExitStatus};
use crate::people_file::{self, Row};
use crate::table::{Table, or_dash};
use weir_config::Needs;

const COLUMNS: [&str; 6] = ["user", "person", "team", "email", "language", "class"];

/// One value that is not what Weir knows.
#[derive(Debug, Serialize)]
struct Change {
    user: String,
    field: &'static str,
    before: Option<String>,
    after: String,
}

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
    let engine = app.engine(Needs::Decides).await?;
    let known = engine.rules().await?;
    let mut changes = Vec::new();
    people.retain(|(user, said)| {
        let unsaid = Person::default();
        let before = known.people.get(user).unwrap_or(&unsaid);
        let differences = differences(user, before, said);
        let keeps = !differences.is_empty() || (args.since.is_some() && *said != unsaid);
        changes.extend(differences);
        keeps
    });
    app.printer.rows(&changes, "Weir knows all of it", table)?;
    if people.is_empty() {
        return Ok(ExitStatus::Ok);
    }
    let set: Vec<_> = people
        .iter()
        .map(|(user, said)| RuleChange::SetPerson(user.clone(), said.clone()))
        .collect();
    let foreseen = engine.preview(&set).await?;
    past(app, &engine, &people, args).await?;
    if args.dry_run {
        confirm::announce(app, &foreseen);
        app.printer.note("nothing was changed");
        return Ok(ExitStatus::Ok);
    }
    confirm::preview(app, &foreseen)?;
    if args.since.is_some() {
        confirm::yes(app, "Change the past?", true)?;
    }
    let by = app.author(&args.by);
    let count = people.len();
    for (user, said) in people {
        match args.since {
            Some(since) if engine.store().user(&user).await?.is_some() => {
                engine
                    .reattribute(&Reattribute { user, said, since }, &by)
                    .await?;
            }
            _ => engine.set_person(&user, said, &by).await?,
        }
    }
    app.printer.note(&format!("{count} users are set"));
    Ok(ExitStatus::Ok)
}

/// Says what would move with `--since`.
async fn past(
    app: &App,
    engine: &Engine,
    people: &[(UserId, Person)],
    args: &UserImportArgs,
) -> Result<(), CliError> {
    let Some(since) = args.since else {
        return Ok(());
    };
    for (user, said) in people {
        if engine.store().user(user).await?.is_none() {
            continue;
        }
        let (user, said) = (user.clone(), said.clone());
        let wanted = Reattribute { user, said, since };
        let foreseen = engine.foresee_reattribution(&wanted).await?;
        super::since::announce(app, &wanted, &foreseen);
    }
    Ok(())
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

fn differences(user: &UserId, before: &Person, said: &Person) -> Vec<Change> {
    let Person {
        team,
        person,
        email,
        language,
        class,
    } = said;
    let team_text = |team: &Option<weir_core::ids::TeamId>| team.as_ref().map(ToString::to_string);
    let class_text = |class: Option<weir_core::rulebook::UserClass>| {
        class.map(|class| class.as_str().to_owned())
    };
    let rows = [
        ("team", team_text(&before.team), team_text(team)),
        ("person", before.person.clone(), person.clone()),
        ("email", before.email.clone(), email.clone()),
        ("language", before.language.clone(), language.clone()),
        ("class", class_text(before.class), class_text(*class)),
    ];
    let changes = rows.into_iter().filter_map(|(field, before, after)| {
        let after = after.filter(|after| before.as_ref() != Some(after))?;
        Some(Change {
            user: user.to_string(),
            field,
            before,
            after,
        })
    });
    changes.collect()
}

fn table(changes: &[Change]) -> Table {
    let mut table = Table::new(&["user", "what", "before", "after"]);
    for change in changes {
        table.row([
            change.user.as_str(),
            change.field,
            or_dash(change.before.as_deref()),
            &change.after,
        ]);
    }
    table
}
