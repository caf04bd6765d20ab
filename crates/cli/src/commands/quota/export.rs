//! `weir quota export`

use weir_core::quota::Quota;

use super::super::Outcome;
use crate::app::App;
use crate::args::{ExportFormat, QuotaExportArgs};
use crate::exit::{CliError, ExitStatus};
use crate::views::{QuotaDocument, QuotaItem};

pub(crate) async fn run(app: &App, args: &QuotaExportArgs) -> Outcome {
    let store = app.store().await?;
    let quotas = sorted(store.rules().await?.quotas);
    let raised = quotas
        .iter()
        .filter(|quota| !quota.additions.is_empty())
        .count();
    if raised > 0 {
        app.printer
            .note(&format!("{raised} temporary raises are not exported"));
    }
    let document = QuotaDocument {
        quotas: quotas.iter().map(QuotaItem::exported).collect(),
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
fn sorted(mut quotas: Vec<Quota>) -> Vec<Quota> {
    quotas.sort_by(|a, b| (&a.scope, a.window, a.metric).cmp(&(&b.scope, b.window, b.metric)));
    quotas
}
