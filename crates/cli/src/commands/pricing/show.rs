//! `weir pricing show MODEL`

use weir_config::Needs;
use weir_config::quota_text::thousands;
use weir_core::calendar::Zone;
use weir_core::ids::Region;
use weir_core::model::{ModelForm, ModelRef};
use weir_core::pricing::Tier;

use super::super::Outcome;
use crate::app::App;
use crate::args::PricingShowArgs;
use crate::commands::report::status::local;
use crate::exit::{CliError, ExitStatus};
use crate::table::{Table, or_dash};
use crate::views::{PriceView, PricesView};

/// The Region of prices that nobody asks for a Region of.
const DEFAULT_REGION: &str = "us-east-1";

pub(crate) async fn run(app: &App, args: &PricingShowArgs) -> Outcome {
    let named = ModelRef::parse(&args.model);
    let Some(model) = named.model.clone() else {
        return Err(CliError::NotFound(unknown(&args.model, &named)));
    };
    let region = args
        .region
        .clone()
        .or_else(|| region_of(&args.model))
        .unwrap_or_else(|| DEFAULT_REGION.to_owned());
    let engine = app.engine(Needs::Reads).await?;
    let rules = engine.rules().await?;
    let at = Region::new(&region);
    let sheets = rules
        .prices
        .sheets(&model, named.class, Some(&at), Tier::Standard, engine.now());
    let view = PriceView::of(model.as_str(), named.class, &region, sheets.first());
    if app.printer.is_json() {
        app.printer.json(&view)?;
    } else if view.source.is_some() {
        print(app, &view, &rules.zone)?;
    }
    if view.source.is_some() {
        return Ok(ExitStatus::Ok);
    }
    let (class, other) = (
        named.class,
        if args.region.is_some() {
            "another"
        } else {
            "a"
        },
    );
    Err(CliError::NotFound(format!(
        "`{model}` has no {class} price in {region}: try {other} --region, see `weir pricing list \
         {model}`, or set one with `weir pricing set`"
    )))
}

fn unknown(text: &str, named: &ModelRef) -> String {
    match named.form {
        ModelForm::Other => format!("`{text}` is not a model id, profile id or model ARN"),
        ref form => format!(
            "`{text}` is a {}: it does not say which model it calls",
            form.as_str()
        ),
    }
}

/// The Region in an ARN.
fn region_of(text: &str) -> Option<String> {
    let mut parts = text.trim().split(':');
    let arn = parts.next() == Some("arn");
    parts
        .nth(2)
        .filter(|region| arn && !region.is_empty())
        .map(str::to_owned)
}

fn print(app: &App, view: &PriceView, zone: &Zone) -> Result<(), CliError> {
    let since = view.effective_from.as_deref().map(|at| local(at, zone));
    for (name, text) in [
        ("Model", view.model.as_str()),
        ("Class", view.class),
        ("Region", &view.region),
        ("Source", or_dash(view.source.as_deref())),
        ("Since", since.as_deref().unwrap_or("always")),
    ] {
        app.printer.line(&format!("{name:<8} {text}"))?;
    }
    let mut table = Table::new(&[
        "whole input",
        ">input",
        ">output",
        ">cache read",
        ">write 5m",
        ">write 1h",
    ]);
    let mut row = |band: &str, prices: &PricesView| {
        table.row([
            band,
            or_dash(prices.input.as_deref()),
            or_dash(prices.output.as_deref()),
            or_dash(prices.cache_read.as_deref()),
            or_dash(prices.cache_write_5m.as_deref()),
            or_dash(prices.cache_write_1h.as_deref()),
        ]);
    };
    let number = |tokens: u64| thousands(i64::try_from(tokens).unwrap_or(i64::MAX));
    let first = view
        .bands
        .first()
        .map(|band| format!("up to {}", number(band.from_input_tokens - 1)));
    row(first.as_deref().unwrap_or("any"), &view.prices_usd_per_mtok);
    for band in &view.bands {
        row(
            &format!("from {}", number(band.from_input_tokens)),
            &band.prices_usd_per_mtok,
        );
    }
    app.printer.data(&format!("\n{table}"))?;
    app.printer.note("dollars per million tokens");
    Ok(())
}
