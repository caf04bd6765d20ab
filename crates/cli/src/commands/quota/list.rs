//! `weir quota list`

use weir_config::quota_text::show_amount;
use weir_core::quota::Quota;

use super::super::Outcome;
use crate::app::App;
use crate::exit::ExitStatus;
use crate::table::Table;
use crate::views::QuotaItem;

pub(crate) async fn run(app: &App) -> Outcome {
    let store = app.store().await?;
    let quotas = sorted(store.rules().await?.quotas);
    print(app, &quotas)?;
    Ok(ExitStatus::Ok)
}

/// By scope, window and metric: the order of lists and exports.
pub(super) fn sorted(mut quotas: Vec<Quota>) -> Vec<Quota> {
    quotas.sort_by(|a, b| (&a.scope, a.window, a.metric).cmp(&(&b.scope, b.window, b.metric)));
    quotas
}

/// Quotas as they are set.
pub(super) fn print(app: &App, quotas: &[Quota]) -> Result<(), crate::exit::CliError> {
    if app.printer.is_json() {
        let items: Vec<_> = quotas.iter().map(QuotaItem::listed).collect();
        return app.printer.json(&items);
    }
    if quotas.is_empty() {
        app.printer.note("no quota is set");
        return Ok(());
    }
    let mut table = Table::new(&[
        "scope", "metric", "window", ">limit", "action", "warn at", "set by", "raised",
    ]);
    for quota in quotas {
        let limit = match quota.limit {
            weir_core::quota::Limit::Of(limit) => show_amount(quota.metric, limit),
            weir_core::quota::Limit::Unlimited => "unlimited".to_owned(),
        };
        let warn: Vec<_> = quota
            .warn
            .iter()
            .map(|percent| format!("{percent} %"))
            .collect();
        let raised: Vec<_> = quota
            .additions
            .iter()
            .map(|add| {
                format!(
                    "+{} until {}",
                    show_amount(quota.metric, add.amount),
                    add.until
                )
            })
            .collect();
        table.row([
            &quota.scope.to_string(),
            quota.metric.as_str(),
            quota.window.as_str(),
            &limit,
            quota.action.as_str(),
            &warn.join(", "),
            &quota.author,
            &raised.join("; "),
        ]);
    }
    app.printer.data(&table.to_string())
}
