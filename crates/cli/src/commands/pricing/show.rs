//! `weir pricing show MODEL`

use weir_config::Needs;
use weir_core::calendar::Zone;
use weir_core::model::{ModelForm, ModelRef};
use weir_core::quota_text::thousands;
use weir_server::forms::PriceOfCall;

use super::super::Outcome;
use crate::app::App;
use crate::args::PricingShowArgs;
use crate::commands::report::status::local;
use crate::exit::{CliError, ExitStatus};
use crate::table::{Table, or_dash};
use crate::views::PriceView;

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
    let backend = app.backend(Needs::Reads).await?;
    let view = backend.price(&named, &model, &region).await?;
    if app.printer.is_json() {
        app.printer.json(&PriceView::from(&view))?;
    } else if !view.bands.is_empty() {
        print(app, &view, &backend.zone().await?)?;
    }
    if !view.bands.is_empty() {
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

fn print(app: &App, view: &PriceOfCall, zone: &Zone) -> Result<(), CliError> {
    let since = view.effective_from.as_deref().map(|at| local(at, zone));
    for (name, text) in [
        ("Model", view.model.as_str()),
        ("Class", &view.class),
        ("Region", &view.region),
        ("Source", or_dash(Some(&view.sources.join("+")))),
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
    let number = |tokens: u64| thousands(i64::try_from(tokens).unwrap_or(i64::MAX));
    for (at, band) in view.bands.iter().enumerate() {
        let whole = match (at, view.bands.get(1)) {
            (0, None) => "any".to_owned(),
            (0, Some(dearer)) => {
                format!(
                    "up to {}",
                    number(dearer.from_input_tokens.saturating_sub(1))
                )
            }
            _ => format!("from {}", number(band.from_input_tokens)),
        };
        table.row([
            whole.as_str(),
            or_dash(band.input.as_deref()),
            or_dash(band.output.as_deref()),
            or_dash(band.cache_read.as_deref()),
            or_dash(band.cache_write_5m.as_deref()),
            or_dash(band.cache_write_1h.as_deref()),
        ]);
    }
    app.printer.data(&format!("\n{table}"))?;
    app.printer.note("dollars per million tokens");
    Ok(())
}
