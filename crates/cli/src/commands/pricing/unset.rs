//! `weir pricing unset MODEL`

use weir_config::Needs;
use weir_core::pricing::PriceEnd;
use weir_server::forms::price_end;

use super::super::Outcome;
use super::list::set_table;
use super::set::canonical;
use crate::app::App;
use crate::args::PricingUnsetArgs;
use crate::exit::{CliError, ExitStatus};

pub(crate) async fn run(app: &App, args: &PricingUnsetArgs) -> Outcome {
    let model = canonical(&args.model)?;
    let region = args.region.as_deref().map(str::parse).transpose();
    let region = region.map_err(|error: String| CliError::Usage(format!("--region: {error}")))?;
    let (backend, by) = app.deciding(Needs::Decides, &args.by).await?;
    let zone = backend.zone().await?;
    let from = price_end(args.from, &zone, backend.now());
    let end = PriceEnd {
        model,
        class: args.class,
        region,
        from: from.map_err(|why| CliError::Usage(format!("--from: {why}")))?,
    };
    let reason = args.reason.as_deref().unwrap_or("removed");
    let done = backend.unset_prices(&end, reason, &by).await?;
    let Some(done) = done else {
        return Err(CliError::NotFound(format!(
            "nobody set a price of `{}` that holds then or later; `weir pricing list --set` shows them",
            end.model
        )));
    };
    if app.printer.is_json() {
        app.printer.json(&done)?;
    } else {
        app.printer
            .data(&set_table(&done.ended, &zone).to_string())?;
    }
    app.printer.note(&format!(
        "`{}` is without these prices from {} on; what was costed by them stays",
        end.model,
        zone.display(end.from)
    ));
    Ok(ExitStatus::Ok)
}
