//! `weir pricing reprice MODEL`

use serde::Serialize;
use weir_config::Needs;
use weir_core::ids::Region;
use weir_engine::{Costs, Reprice, Repriced};

use super::super::{Outcome, confirm};
use super::set::canonical;
use crate::app::App;
use crate::args::PricingRepriceArgs;
use crate::exit::ExitStatus;
use crate::table::some;

/// What `--json` prints.
#[derive(Serialize)]
struct View<'a> {
    model: &'a str,
    region: Option<&'a str>,
    from: String,
    to: Option<String>,
    /// Whether anything was changed.
    done: bool,
    #[serde(flatten)]
    repriced: &'a Repriced,
}

pub(crate) async fn run(app: &App, args: &PricingRepriceArgs) -> Outcome {
    let wanted = Reprice {
        model: canonical(&args.model)?,
        region: args.region.as_deref().map(Region::new),
        from: args.from,
        to: args.to,
    };
    let engine = app.engine(Needs::Decides).await?;
    let foreseen = engine.foresee_repricing(&wanted).await?;
    announce(app, &wanted, &foreseen);
    if args.dry_run || foreseen.changed == 0 {
        return print(app, &wanted, &foreseen, false);
    }
    confirm::yes(app, "Cost them anew?", true)?;
    let done = engine.reprice_past(&wanted, &app.author(&args.by)).await?;
    print(app, &wanted, &done, true)
}

fn announce(app: &App, wanted: &Reprice, foreseen: &Repriced) {
    app.printer.note(&format!(
        "`{}` has {} in that time; {} of them would cost {} instead of {}",
        wanted.model,
        some(foreseen.invocations, "invocation", "invocations"),
        foreseen.changed,
        text(&foreseen.after),
        text(&foreseen.before),
    ));
}

fn text(costs: &Costs) -> String {
    match costs.unpriced {
        0 => costs.cost.to_string(),
        unpriced => format!("{} ({unpriced} without a price)", costs.cost),
    }
}

fn print(app: &App, wanted: &Reprice, repriced: &Repriced, done: bool) -> Outcome {
    if app.printer.is_json() {
        app.printer.json(&View {
            model: wanted.model.as_str(),
            region: wanted.region.as_ref().map(Region::as_str),
            from: wanted.from.to_string(),
            to: wanted.to.map(|to| to.to_string()),
            done,
            repriced,
        })?;
    } else if done {
        app.printer.note(&format!(
            "{} costed anew",
            some(repriced.changed, "invocation was", "invocations were")
        ));
    } else {
        app.printer.note("nothing was changed");
    }
    Ok(ExitStatus::Ok)
}
