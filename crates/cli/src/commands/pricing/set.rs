//! `weir pricing set MODEL`

use weir_config::Needs;
use weir_core::ids::ModelId;
use weir_core::model::ModelRef;
use weir_core::money::Price;
use weir_core::pricing::{RegionMatch, TokenClass};

use super::super::Outcome;
use crate::app::App;
use crate::args::PricingSetArgs;
use crate::backend::NewPrice;
use crate::exit::{CliError, ExitStatus};

pub(crate) async fn run(app: &App, args: &PricingSetArgs) -> Outcome {
    let model = canonical(&args.model)?;
    let prices: Vec<(TokenClass, Price)> = [
        (TokenClass::Input, args.input),
        (TokenClass::Output, args.output),
        (TokenClass::CacheRead, args.cache_read),
        (TokenClass::CacheWrite5m, args.cache_write_5m),
        (TokenClass::CacheWrite1h, args.cache_write_1h),
    ]
    .into_iter()
    .filter_map(|(class, price)| Some((class, price?)))
    .collect();
    if prices.is_empty() {
        return Err(CliError::Usage(
            "no price is given: give --input and --output, and what the model has of --cache-read, \
             --cache-write-5m and --cache-write-1h"
                .to_owned(),
        ));
    }
    let region: RegionMatch = match &args.region {
        Some(text) => text
            .parse()
            .map_err(|error| CliError::Usage(format!("--region: {error}")))?,
        None => RegionMatch::Any,
    };
    let (backend, by) = app.deciding(Needs::Decides, &args.by).await?;
    let zone = backend.zone().await?;
    let day = args.from.unwrap_or_else(|| zone.day(backend.now()));
    let effective_from = zone.first_instant(day.at(0, 0, 0, 0));
    let new = NewPrice {
        model: model.clone(),
        class: args.class,
        region,
        prices,
        day,
    };
    let costed = backend.set_prices(&new, &by).await?;
    app.printer.note(&format!(
        "`{model}` has a price from {} on; {costed} invocations that had none are costed now",
        zone.display(effective_from)
    ));
    Ok(ExitStatus::Ok)
}

/// A price belongs to a canonical id: a profile would say a class that a flag says already.
pub(crate) fn canonical(text: &str) -> Result<ModelId, CliError> {
    match ModelRef::parse(text).model {
        Some(model) if model.as_str() == text.trim() => Ok(model),
        Some(model) => Err(CliError::Usage(format!(
            "MODEL: prices are set for the canonical id: write `{model}`, with --class and --region \
             where the price is not the same everywhere"
        ))),
        None => Err(CliError::Usage(format!(
            "MODEL: `{text}` is not a model id such as anthropic.claude-opus-5-5"
        ))),
    }
}
