//! `weir sync`

use serde::Serialize;
use weir_engine::provision::{Difference, Synced};

use super::Outcome;
use super::hands::{self, Hands};
use crate::app::App;
use crate::args::{PlanArgs, SyncArgs, SyncFrom};
use crate::exit::ExitStatus;
use crate::table::{Table, or_dash};

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
    let SyncFrom::Iam = args.from;
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

fn show(app: &App, synced: &Synced) -> Result<(), crate::exit::CliError> {
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
        "{} IAM users were compared; {} without tags and groups of a person were left alone",
        synced.users, synced.others
    ));
    for note in &synced.plan.notes {
        app.printer.note(note);
    }
    Ok(())
}
