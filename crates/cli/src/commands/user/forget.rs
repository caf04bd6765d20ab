//! `weir user forget USER`

use serde::Serialize;
use weir_config::Needs;
use weir_core::ids::UserId;
use weir_engine::{EngineError, ForgetPlan, Forgotten};

use super::super::{Outcome, confirm};
use crate::app::App;
use crate::args::UserForgetArgs;
use crate::exit::{CliError, ExitStatus};
use crate::table::Table;

/// What `--json` prints.
#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    plan: &'a ForgetPlan,
    /// `null` with `--dry-run`.
    done: Option<&'a Forgotten>,
}

pub(crate) async fn run(app: &App, args: &UserForgetArgs) -> Outcome {
    let UserForgetArgs {
        user,
        reason,
        dry_run,
        by,
    } = args;
    let user = UserId::new(user.trim());
    let engine = app.engine(Needs::Decides).await?;
    let plan = engine.plan_forgetting(&user).await?;
    if !app.printer.is_json() {
        show(app, &plan)?;
    }
    if *dry_run {
        if app.printer.is_json() {
            app.printer.json(&View {
                plan: &plan,
                done: None,
            })?;
        }
        app.printer.note("nothing was changed");
        return Ok(ExitStatus::Ok);
    }
    if let Some(obstacle) = &plan.obstacle {
        return Err(EngineError::Refused(obstacle.clone()).into());
    }
    confirm::yes(app, "Forget this user? Nobody can take it back.", true)?;
    let done = engine.forget(&user, reason, &app.author(by)).await?;
    if app.printer.is_json() {
        return app
            .printer
            .json(&View {
                plan: &plan,
                done: Some(&done),
            })
            .map(|()| ExitStatus::Ok);
    }
    let Forgotten {
        pseudonym,
        invocations,
        rows,
        texts,
        entries,
    } = done;
    app.printer.note(&format!(
        "`{user}` is `{pseudonym}` now: {invocations} invocations, {rows} rows, {texts} texts and {entries} \
         entries of the record changed; backups made before still hold the name"
    ));
    Ok(ExitStatus::Ok)
}

fn show(app: &App, plan: &ForgetPlan) -> Result<(), CliError> {
    let ForgetPlan {
        user_id: _,
        begun,
        names,
        shared,
        rows,
        obstacle,
    } = plan;
    let note = |text: &str| app.printer.note(text);
    if *begun {
        note("it has begun before: the rest follows");
    }
    note(&format!("looked for in texts: {}", names.join(", ")));
    if !shared.is_empty() {
        note(&format!(
            "left in texts, because another user goes by it too: {}",
            shared.join(", ")
        ));
    }
    if let Some(obstacle) = obstacle {
        note(&format!("not now: {obstacle}"));
    }
    let mut table = Table::new(&["table", ">rows", "what becomes of them"]);
    for row in rows {
        table.row([row.table.as_str(), &row.rows.to_string(), row.fate]);
    }
    app.printer.data(&table.to_string())
}
