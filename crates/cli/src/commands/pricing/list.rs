//! `weir pricing list`

use weir_config::Needs;
use weir_core::calendar::Zone;
use weir_server::forms::{BandPrices, SetPrices};

use super::super::Outcome;
use super::super::report::status::local;
use crate::app::App;
use crate::args::PricingListArgs;
use crate::exit::ExitStatus;
use crate::table::{Table, or_dash};
use crate::views::ModelView;

pub(crate) async fn run(app: &App, args: &PricingListArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let wanted = args.contains.as_deref().unwrap_or_default();
    let prices = backend.prices(wanted).await?;
    if args.set {
        let zone = backend.zone().await?;
        let none = "nobody set a price of a model of that name";
        app.printer
            .rows(&prices.set, none, |rows| set_table(rows, &zone))?;
        return Ok(ExitStatus::Ok);
    }
    let rows = prices.prices;
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

/// What administrators set.
pub(super) fn set_table(rows: &[SetPrices], zone: &Zone) -> Table {
    let mut table = Table::new(&[
        "model",
        "class",
        "region",
        "from",
        "until",
        ">input",
        ">output",
        ">cache read",
        ">write 5m",
        ">write 1h",
        "state",
    ]);
    for row in rows {
        let at = |at: &Option<String>| at.as_deref().map(|at| local(at, zone));
        let (from, until) = (at(&row.effective_from), at(&row.effective_until));
        table.row([
            row.model.as_str(),
            &row.class,
            &row.region,
            from.as_deref().unwrap_or("always"),
            or_dash(until.as_deref()),
            or_dash(row.band.input.as_deref()),
            or_dash(row.band.output.as_deref()),
            or_dash(row.band.cache_read.as_deref()),
            or_dash(row.band.cache_write_5m.as_deref()),
            or_dash(row.band.cache_write_1h.as_deref()),
            &row.state,
        ]);
    }
    table
}
