//! `weir user set USER … --since DATE`

use serde::Serialize;
use weir_engine::{Engine, Foreseen, Reattribute, Reattributed, TeamMove};

use super::super::{Outcome, confirm};
use crate::app::App;
use crate::args::Author;
use crate::exit::{CliError, ExitStatus};
use crate::table::some;

/// What `--json` prints.
#[derive(Serialize)]
struct View<'a> {
    user_id: &'a str,
    since: String,
    /// Invocations of the user since that day.
    invocations: u64,
    /// Those that change their team, as foreseen.
    moves: &'a [TeamMove],
    /// `null` with `--dry-run`.
    changed: Option<u64>,
    #[serde(flatten)]
    access: &'a weir_engine::Preview,
}

pub(crate) async fn run(
    app: &App,
    engine: &Engine,
    wanted: &Reattribute,
    dry_run: bool,
    by: &Author,
) -> Outcome {
    let said = &wanted.said;
    if said.team.is_none() && said.person.is_none() && said.email.is_none() {
        return Err(CliError::Usage(
            "--since: say what past calls get: --team, --person or --email".to_owned(),
        ));
    }
    let foreseen = engine.foresee_reattribution(wanted).await?;
    announce(app, wanted, &foreseen);
    if dry_run {
        return print(app, wanted, &foreseen, None);
    }
    confirm::yes(app, "Change the past?", true)?;
    let done = engine.reattribute(wanted, &app.author(by)).await?;
    print(app, wanted, &foreseen, Some(&done))
}

pub(crate) fn announce(app: &App, wanted: &Reattribute, foreseen: &Foreseen) {
    let Reattribute { user, since, .. } = wanted;
    let note = |text: &str| app.printer.note(text);
    note(&format!(
        "`{user}` has {} since {since}",
        some(foreseen.invocations, "invocation", "invocations")
    ));
    for TeamMove {
        from,
        to,
        invocations,
        cost,
        unpriced,
    } in &foreseen.moves
    {
        let open = match unpriced {
            0 => String::new(),
            unpriced => format!(" and {unpriced} without a price"),
        };
        note(&format!(
            "{invocations} of them, {cost}{open}, move from team {from} to {to}"
        ));
    }
    confirm::announce(app, &foreseen.access);
}

fn print(
    app: &App,
    wanted: &Reattribute,
    foreseen: &Foreseen,
    done: Option<&Reattributed>,
) -> Outcome {
    if app.printer.is_json() {
        app.printer.json(&View {
            user_id: wanted.user.as_str(),
            since: wanted.since.to_string(),
            invocations: foreseen.invocations,
            moves: &foreseen.moves,
            changed: done.map(|done| done.changed),
            access: done.map_or(&foreseen.access, |done| &done.access),
        })?;
    } else if let Some(done) = done {
        app.printer.note(&format!(
            "`{}` is set; {} attributed anew",
            wanted.user,
            some(
                done.changed,
                "invocation of the past is",
                "invocations of the past are"
            )
        ));
    } else {
        app.printer.note("nothing was changed");
    }
    Ok(ExitStatus::Ok)
}
