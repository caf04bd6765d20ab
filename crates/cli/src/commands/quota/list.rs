//! `weir quota list`

use weir_config::Needs;
use weir_core::calendar::Zone;
use weir_server::forms::QuotaSet;

use super::super::Outcome;
use crate::app::App;
use crate::commands::report::status::local;
use crate::exit::{CliError, ExitStatus};
use crate::table::Table;
use crate::views::{QuotaSetView, amount};

pub(crate) async fn run(app: &App) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    print(app, &backend.quotas().await?, &backend.zone().await?)?;
    Ok(ExitStatus::Ok)
}

/// Quotas as they are set.
pub(super) fn print(app: &App, quotas: &[QuotaSet], zone: &Zone) -> Result<(), CliError> {
    app.printer
        .viewed(quotas, QuotaSetView::from, "no quota is set", |quotas| {
            let mut table = Table::new(&[
                "scope", "metric", "window", ">limit", "action", "warn at", "set by", "raised",
            ]);
            for quota in quotas {
                let metric = &quota.metric;
                let limit = quota.limit.as_deref();
                let limit = limit.map_or("unlimited".to_owned(), |limit| amount(metric, limit));
                let warn = quota.warn.iter().map(|percent| format!("{percent} %"));
                let warn: Vec<_> = warn.collect();
                let raised = quota.additions.iter();
                let raised = raised.map(|add| {
                    let until = local(&add.until, zone);
                    format!("+{} until {until}", amount(metric, &add.amount))
                });
                let raised: Vec<_> = raised.collect();
                table.row([
                    &quota.scope,
                    metric,
                    &quota.window,
                    &limit,
                    &quota.action,
                    &warn.join(", "),
                    &quota.author,
                    &raised.join("; "),
                ]);
            }
            table
        })
}
