//! `weir pricing reprice MODEL`

use weir_config::Needs;
use weir_core::ids::Region;
use weir_core::money::Usd;
use weir_engine::Reprice;
use weir_server::forms::{CostedAnew, CostsOfCalls};

use super::super::{Outcome, confirm};
use super::set::canonical;
use crate::app::App;
use crate::args::PricingRepriceArgs;
use crate::exit::ExitStatus;
use crate::table::some;

pub(crate) async fn run(app: &App, args: &PricingRepriceArgs) -> Outcome {
    let wanted = Reprice {
        model: canonical(&args.model)?,
        region: args.region.as_deref().map(Region::new),
        from: args.from,
        to: args.to,
    };
    let (backend, by) = app.deciding(Needs::Decides, &args.by).await?;
    let foreseen = backend.foresee_repricing(&wanted).await?;
    announce(app, &foreseen);
    if args.dry_run || foreseen.changed == 0 {
        return print(app, &foreseen);
    }
    confirm::yes(app, "Cost them anew?", true)?;
    let done = backend.reprice(&wanted, &by).await?;
    print(app, &done)
}

fn announce(app: &App, foreseen: &CostedAnew) {
    app.printer.note(&format!(
        "`{}` has {} in that time; {} of them would cost {} instead of {}",
        foreseen.model,
        some(foreseen.invocations, "invocation", "invocations"),
        foreseen.changed,
        text(&foreseen.after),
        text(&foreseen.before),
    ));
}

fn text(costs: &CostsOfCalls) -> String {
    let sum: Result<Usd, _> = costs.cost_usd.parse();
    let sum = sum.map_or_else(|_| costs.cost_usd.clone(), |sum| sum.to_string());
    match costs.unpriced {
        0 => sum,
        unpriced => format!("{sum} ({unpriced} without a price)"),
    }
}

fn print(app: &App, costed: &CostedAnew) -> Outcome {
    if app.printer.is_json() {
        app.printer.json(costed)?;
    } else if costed.done {
        app.printer.note(&format!(
            "{} costed anew",
            some(costed.changed, "invocation was", "invocations were")
        ));
    } else {
        app.printer.note("nothing was changed");
    }
    Ok(ExitStatus::Ok)
}
