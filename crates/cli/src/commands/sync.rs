//! `weir sync`

use serde::Serialize;
use weir_engine::provision::{Difference, Synced};
use weir_engine::{DirectorySync, PersonDifference};

use super::hands::{self, Hands};
use super::{Outcome, confirm};
use crate::app::App;
use crate::args::{PlanArgs, SyncArgs, SyncFrom};
use crate::exit::{CliError, ExitStatus};
use crate::table::{Table, or_dash, some};

/// So many notes are printed; an old account may hold hundreds of keys of which nobody knows the tool.
const NOTES: usize = 20;

#[derive(Debug, Serialize)]
struct Row<'a> {
    user: &'a str,
    field: &'a str,
    weir: Option<&'a str>,
    iam: Option<&'a str>,
}

/// What `--json` prints, unless differences are applied.
#[derive(Debug, Serialize)]
struct View<'a> {
    iam_users: usize,
    left_alone: usize,
    differences: Vec<Row<'a>>,
    notes: &'a [String],
}

pub(crate) async fn run(app: &App, args: SyncArgs) -> Outcome {
    match args.from {
        SyncFrom::Iam => from_iam(app, args).await,
        SyncFrom::IdentityCenter => from_identity_center(app, args).await,
    }
}

/// What `--json` prints of people of the directory.
#[derive(Debug, Serialize)]
struct PeopleView<'a> {
    people: usize,
    with_team: usize,
    differences: Vec<PersonRow<'a>>,
    applied: bool,
}

#[derive(Debug, Serialize)]
struct PersonRow<'a> {
    id: &'a str,
    user_name: &'a str,
    field: &'a str,
    weir: Option<&'a str>,
    directory: Option<&'a str>,
}

async fn from_identity_center(app: &App, args: SyncArgs) -> Outcome {
    let hands = Hands::of(app).await?;
    let engine = hands.engine();
    let sync = engine.compare_with_directory(&*hands.aws.people()).await?;
    let does = args.apply && !sync.is_done();
    if !app.printer.is_json() {
        show_people(app, &sync)?;
    }
    if does {
        let question = "Note in Weir what the directory says?";
        confirm::yes(app, question, true)?;
        engine.note_directory(&sync, &app.author(&args.by)).await?;
    }
    if app.printer.is_json() {
        let DirectorySync {
            people, with_team, ..
        } = sync;
        app.printer.json(&PeopleView {
            people,
            with_team,
            differences: person_rows(&sync),
            applied: does,
        })?;
    } else if does {
        app.printer.note("done: it holds for calls from now on");
    } else if !sync.is_done() {
        app.printer.note("nothing was changed: --apply tells Weir");
    }
    Ok(ExitStatus::Ok)
}

fn person_rows(sync: &DirectorySync) -> Vec<PersonRow<'_>> {
    let rows = sync.differences.iter().map(|one: &PersonDifference| {
        let PersonDifference {
            id,
            user_name,
            field,
            weir,
            directory,
        } = one;
        PersonRow {
            id,
            user_name,
            field,
            weir: weir.as_deref(),
            directory: directory.as_deref(),
        }
    });
    rows.collect()
}

fn show_people(app: &App, sync: &DirectorySync) -> Result<(), CliError> {
    let nothing = "Weir knows what the directory says";
    app.printer.rows(&person_rows(sync), nothing, |rows| {
        let mut table = Table::new(&["person", "what", "weir", "directory"]);
        for row in rows {
            let (weir, directory) = (or_dash(row.weir), or_dash(row.directory));
            table.row([row.user_name, row.field, weir, directory]);
        }
        table
    })?;
    let (noted, gone) = sync.counts();
    app.printer.note(&format!(
        "{} in the directory, {} of them in a group that names a team; {noted} to note, {gone} to forget",
        some(sync.people as u64, "person", "people"),
        sync.with_team
    ));
    Ok(())
}

async fn from_iam(app: &App, args: SyncArgs) -> Outcome {
    let hands = Hands::of(app).await?;
    let operator = hands.provisioner(app, &args.by).await?;
    let synced = operator.compare_with_iam().await?;
    if !args.apply || !app.printer.is_json() {
        show(app, &synced)?;
    }
    if !args.apply {
        if !synced.plan.is_done() {
            app.printer.note("nothing was changed: --apply tells Weir");
        }
        return Ok(ExitStatus::Ok);
    }
    let plan = PlanArgs {
        dry_run: false,
        by: args.by,
    };
    let question = Some("Tell Weir what IAM says?");
    hands::carry_out(app, &operator, &synced.plan, &plan, question, None).await
}

fn show(app: &App, synced: &Synced) -> Result<(), CliError> {
    let rows = synced.differences.iter().map(|one: &Difference| Row {
        user: one.user.as_str(),
        field: one.field,
        weir: one.weir.as_deref(),
        iam: one.iam.as_deref(),
    });
    let rows: Vec<_> = rows.collect();
    if app.printer.is_json() {
        return app.printer.json(&View {
            iam_users: synced.users,
            left_alone: synced.others,
            differences: rows,
            notes: &synced.plan.notes,
        });
    }
    let nothing = "Weir knows what IAM says";
    app.printer.rows(&rows, nothing, |rows| {
        let mut table = Table::new(&["user", "what", "weir", "iam"]);
        for row in rows {
            table.row([row.user, row.field, or_dash(row.weir), or_dash(row.iam)]);
        }
        table
    })?;
    app.printer.note(&format!(
        "{} compared; {} without tags and groups of a person left alone",
        some(synced.users as u64, "IAM user", "IAM users"),
        synced.others
    ));
    let notes = &synced.plan.notes;
    for note in notes.iter().take(NOTES) {
        app.printer.note(note);
    }
    if let Some(more) = notes.len().checked_sub(NOTES).filter(|more| *more > 0) {
        app.printer
            .note(&format!("and {more} more of these: --json has all"));
    }
    if !notes.is_empty() {
        app.printer.note(
            "a key whose tool is known comes from `weir user create-key USER TOOL`; `weir user revoke-key USER KEY` takes \
             the old one away",
        );
    }
    Ok(())
}
