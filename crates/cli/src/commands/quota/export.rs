//! `weir quota export`

use weir_config::Needs;
use weir_core::calendar::WindowKind;
use weir_core::quota::{BUILT_IN, Metric, Scope};
use weir_server::forms::QuotaSet;

use super::super::Outcome;
use crate::app::App;
use crate::args::{ExportFormat, QuotaExportArgs};
use crate::exit::{CliError, ExitStatus};
use crate::views::{QuotaDocument, QuotaItem};

pub(crate) async fn run(app: &App, args: &QuotaExportArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let mut quotas = Vec::new();
    for quota in backend.quotas().await? {
        let order = order(&quota)?;
        // What every team has until one is set is set for none.
        if quota.author != BUILT_IN || !matches!(order.0, Scope::Team(_)) {
            quotas.push((order, quota));
        }
    }
    quotas.sort_by(|(a, _), (b, _)| a.cmp(b));
    let raised = quotas
        .iter()
        .filter(|(_, quota)| !quota.additions.is_empty())
        .count();
    if raised > 0 {
        app.printer
            .note(&format!("{raised} temporary raises are not exported"));
    }
    let quotas = quotas.into_iter().map(|(_, quota)| {
        let name = quota.scope.clone();
        QuotaItem::exported(quota).ok_or_else(|| unreadable(&name))
    });
    let document = QuotaDocument {
        quotas: quotas.collect::<Result<_, _>>()?,
    };
    if app.printer.is_json() || args.format == ExportFormat::Json {
        app.printer.json(&document)?;
        return Ok(ExitStatus::Ok);
    }
    let text = toml::to_string(&document)
        .map_err(|error| CliError::Failed(format!("cannot write TOML: {error}")))?;
    app.printer.data(&text)?;
    Ok(ExitStatus::Ok)
}

/// By scope, window and metric.
fn order(quota: &QuotaSet) -> Result<(Scope, WindowKind, Metric), CliError> {
    let wrong = || unreadable(&quota.scope);
    let scope = quota.scope.parse().map_err(|_| wrong())?;
    let window = quota.window.parse().map_err(|_| wrong())?;
    let metric = quota.metric.parse().map_err(|_| wrong())?;
    Ok((scope, window, metric))
}

fn unreadable(scope: &str) -> CliError {
    CliError::Failed(format!(
        "a quota of {scope} cannot be read: is the server of a newer release than this?"
    ))
}
