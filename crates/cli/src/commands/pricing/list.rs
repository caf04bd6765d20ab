//! `weir pricing list`

use weir_config::Needs;
use weir_server::forms::BandPrices;

use super::super::Outcome;
use crate::app::App;
use crate::args::PricingListArgs;
use crate::exit::ExitStatus;
use crate::table::{Table, or_dash};
use crate::views::ModelView;

pub(crate) async fn run(app: &App, args: &PricingListArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let wanted = args.contains.as_deref().unwrap_or_default();
    let rows = backend.prices(wanted).await?;
    app.printer.viewed(
        &rows,
        ModelView::from,
        "no model of that name has a price",
        |rows| {
            let mut table = Table::new(&[
                "model",
                "class",
                "regions",
                ">input",
                ">output",
                ">cache read",
                ">write 5m",
                ">write 1h",
                "bands",
                "source",
            ]);
            for row in rows {
                let base = row.bands.first();
                let price = |of: fn(&BandPrices) -> &Option<String>| {
                    or_dash(base.and_then(|base| of(base).as_deref()))
                };
                table.row([
                    row.model.as_str(),
                    &row.class,
                    &row.regions.join(" "),
                    price(|band| &band.input),
                    price(|band| &band.output),
                    price(|band| &band.cache_read),
                    price(|band| &band.cache_write_5m),
                    price(|band| &band.cache_write_1h),
                    if row.bands.len() > 1 {
                        "by length"
                    } else {
                        "-"
                    },
                    or_dash(Some(&row.sources.join("+"))),
                ]);
            }
            table
        },
    )?;
    if !app.printer.is_json() && !rows.is_empty() {
        app.printer.note("dollars per million tokens");
    }
    Ok(ExitStatus::Ok)
}
