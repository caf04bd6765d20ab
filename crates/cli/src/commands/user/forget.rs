//! `weir user forget USER`

use weir_config::Needs;
use weir_core::ids::UserId;
use weir_engine::EngineError;
use weir_server::forms::{Forgetting, ForgottenNow};

use super::super::{Outcome, confirm};
use crate::app::App;
use crate::args::UserForgetArgs;
use crate::exit::{CliError, ExitStatus};
use crate::table::Table;

pub(crate) async fn run(app: &App, args: &UserForgetArgs) -> Outcome {
    let UserForgetArgs {
        user,
        reason,
        dry_run,
        by,
    } = args;
    let user = UserId::new(user.trim());
    let (backend, by) = app.deciding(Needs::Decides, by).await?;
    let plan = backend.foresee_forgetting(&user).await?;
    if !app.printer.is_json() {
        show(app, &plan)?;
    }
    if *dry_run {
        if app.printer.is_json() {
            app.printer.json(&plan)?;
        }
        app.printer.note("nothing was changed");
        return Ok(ExitStatus::Ok);
    }
    if let Some(obstacle) = &plan.obstacle {
        return Err(EngineError::Refused(obstacle.clone()).into());
    }
    confirm::yes(app, "Forget this user? Nobody can take it back.", true)?;
    let plan = backend.forget(plan, reason, &by).await?;
    if app.printer.is_json() {
        app.printer.json(&plan)?;
        return Ok(ExitStatus::Ok);
    }
    if let Some(done) = &plan.done {
        let ForgottenNow {
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
    }
    Ok(ExitStatus::Ok)
}

fn show(app: &App, plan: &Forgetting) -> Result<(), CliError> {
    let Forgetting {
        user_id: _,
        begun,
        names,
        shared,
        rows,
        obstacle,
        done: _,
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
        table.row([row.table.as_str(), &row.rows.to_string(), &row.fate]);
    }
    app.printer.data(&table.to_string())
}
