//! `weir coverage`

use weir_config::Needs;
use weir_core::quota_text::thousands;
use weir_server::forms::{Coverage, stretch};

use super::super::Outcome;
use crate::app::App;
use crate::args::CoverageArgs;
use crate::exit::{CliError, ExitStatus};
use crate::table::Table;

pub(crate) async fn run(app: &App, args: &CoverageArgs) -> Outcome {
    if args.read {
        read(app, args).await?;
    }
    let backend = app.backend(Needs::Reads).await?;
    let Coverage {
        silence,
        problems,
        places,
    } = backend.coverage(args.from, args.to).await?;
    if let Some(silent) = silence {
        let since = silent.since;
        let since = since.map_or("ever".to_owned(), |at| format!("since {at}"));
        app.printer.warn(&format!(
            "no record of any kind came {since}; see weir doctor"
        ));
    }
    if !args.read {
        for problem in &problems {
            app.printer.warn(problem);
        }
    }
    let nothing = "nothing to compare: `weir serve` reads CloudWatch once an hour, and an hour counts \
                   once it has been over for 30 minutes; --read does it now";
    app.printer.rows(&places, nothing, |lines| {
        let mut table = Table::new(&[
            "account",
            "region",
            ">counted",
            ">reported",
            ">share",
            "verdict",
        ]);
        for line in lines {
            let count = |calls: u64| thousands(i64::try_from(calls).unwrap_or(i64::MAX));
            table.row([
                &line.account,
                &line.region,
                &count(line.counted),
                &count(line.reported),
                &line.share,
                &line.verdict,
            ]);
        }
        table
    })?;
    Ok(ExitStatus::Ok)
}

/// Reads both sides anew.
async fn read(app: &App, args: &CoverageArgs) -> Result<(), CliError> {
    let engine = app.engine(Needs::Aws).await?;
    let zone = engine.rules().await?.zone.clone();
    let between = stretch((args.from, args.to), &zone, engine.now());
    let (from, to) = between
        .ok_or_else(|| CliError::Usage("--from is later than --to, or not yet begun".to_owned()))?;
    for problem in engine.read_coverage(from, to).await? {
        app.printer.warn(&problem);
    }
    Ok(())
}
