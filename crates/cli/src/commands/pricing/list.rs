//! `weir pricing list`

use weir_config::Needs;
use weir_core::model::Class;
use weir_core::pricing::{PriceBook, Tier};

use super::super::Outcome;
use crate::app::App;
use crate::args::PricingListArgs;
use crate::exit::ExitStatus;
use crate::table::{Table, or_dash};
use crate::views::{ModelView, price_source};

pub(crate) async fn run(app: &App, args: &PricingListArgs) -> Outcome {
    let engine = app.engine(Needs::Reads).await?;
    let rules = engine.rules().await?;
    let wanted = args.contains.as_deref().unwrap_or_default().to_lowercase();
    let rows = rows(&rules.prices, &wanted, engine.now());
    app.printer
        .rows(&rows, "no model of that name has a price", |rows| {
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
                let prices = &row.prices_usd_per_mtok;
                table.row([
                    row.model.as_str(),
                    row.class,
                    &row.regions.join(" "),
                    or_dash(prices.input.as_deref()),
                    or_dash(prices.output.as_deref()),
                    or_dash(prices.cache_read.as_deref()),
                    or_dash(prices.cache_write_5m.as_deref()),
                    or_dash(prices.cache_write_1h.as_deref()),
                    if row.bands > 1 { "by length" } else { "-" },
                    or_dash(row.source.as_deref()),
                ]);
            }
            table
        })?;
    if !app.printer.is_json() && !rows.is_empty() {
        app.printer.note("dollars per million tokens");
    }
    Ok(ExitStatus::Ok)
}

fn rows(book: &PriceBook, wanted: &str, now: jiff::Timestamp) -> Vec<ModelView> {
    let mut rows = Vec::new();
    let matching = book
        .models()
        .into_iter()
        .filter(|model| model.as_str().contains(wanted));
    for model in matching {
        for class in Class::ALL {
            for sheet in book.sheets(model, class, None, Tier::Standard, now) {
                let base = sheet.bands.first();
                rows.push(ModelView {
                    model: model.to_string(),
                    name: book.display_name(model).to_owned(),
                    class: class.as_str(),
                    regions: sheet.regions.iter().map(ToString::to_string).collect(),
                    prices_usd_per_mtok: base.map(Into::into).unwrap_or_default(),
                    bands: sheet.bands.len(),
                    source: base.and_then(price_source),
                });
            }
        }
    }
    rows
}
