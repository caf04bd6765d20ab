//! `weir quota set SCOPE METRIC WINDOW LIMIT`

use weir_config::{Needs, thresholds};
use weir_core::quota::{Action, Quota, Scope};
use weir_core::quota_text::{parse_limit, write_limit};

use super::super::Outcome;
use crate::app::App;
use crate::args::QuotaSetArgs;
use crate::backend::{Backend, QuotaEdit};
use crate::exit::{CliError, ExitStatus};

pub(crate) async fn run(app: &App, args: QuotaSetArgs) -> Outcome {
    let QuotaSetArgs {
        scope,
        metric,
        window,
        limit,
        action,
        warn,
        by,
    } = args;
    let limit =
        parse_limit(metric, &limit).map_err(|error| CliError::Usage(format!("LIMIT: {error}")))?;
    let warn = thresholds(warn).map_err(|error| CliError::Usage(format!("--warn: {error}")))?;
    let (backend, by) = app.deciding(Needs::Decides, &by).await?;
    notes(app, &backend, &scope, action).await?;
    let author = by.claimed.clone().unwrap_or_else(|| by.name.clone());
    let quota = Quota {
        scope: scope.clone(),
        metric,
        window,
        limit,
        action,
        warn,
        author,
        additions: Vec::new(),
    };
    super::edit(app, &backend, &QuotaEdit::Set(quota), &by).await?;
    let limit = write_limit(metric, limit);
    app.printer.note(&format!(
        "{scope}: {metric} per {window} is {limit}, then {action}"
    ));
    Ok(ExitStatus::Ok)
}

/// What somebody who sets this may not expect.
async fn notes(
    app: &App,
    backend: &Backend,
    scope: &Scope,
    action: Action,
) -> Result<(), CliError> {
    match scope {
        Scope::User(user) if !backend.is_known(user).await? => {
            app.printer.note(&format!(
                "`{user}` has not been seen yet; the quota waits for the first call"
            ));
        }
        Scope::Organisation if action == Action::Block => {
            app.printer
                .note("a quota of the organisation only notifies");
        }
        _ => {}
    }
    Ok(())
}
