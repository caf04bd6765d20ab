//! `weir quota unset SCOPE METRIC WINDOW`

use weir_config::Needs;
use weir_store::RuleChange;

use super::super::Outcome;
use crate::app::App;
use crate::args::QuotaUnsetArgs;
use crate::exit::{CliError, ExitStatus};

pub(crate) async fn run(app: &App, args: QuotaUnsetArgs) -> Outcome {
    let QuotaUnsetArgs {
        scope,
        metric,
        window,
        by,
    } = args;
    let engine = app.engine(Needs::Decides).await?;
    let stored = engine.store().rules().await?;
    let same = |quota: &&weir_core::quota::Quota| {
        (&quota.scope, quota.metric, quota.window) == (&scope, metric, window)
    };
    if !stored.quotas.iter().any(|quota| same(&quota)) {
        return Err(CliError::NotFound(format!(
            "there is no quota {scope} {metric} {window}; `weir quota list` shows those there are"
        )));
    }
    let change = RuleChange::UnsetQuota(scope.clone(), metric, window);
    super::change(app, &engine, vec![change], "unset", &by).await?;
    app.printer
        .note(&format!("{scope}: {metric} per {window} is no longer set"));
    Ok(ExitStatus::Ok)
}
