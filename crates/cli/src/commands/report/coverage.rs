//! `weir coverage`

use weir_config::Needs;
use weir_core::quota_text::thousands;
use weir_server::forms::Coverage;

use super::super::Outcome;
use crate::app::App;
use crate::args::CoverageArgs;
use crate::exit::ExitStatus;
use crate::table::Table;

pub(crate) async fn run(app: &App, args: &CoverageArgs) -> Outcome {
    let needs = if args.read { Needs::Aws } else { Needs::Reads };
    let backend = app.backend(needs).await?;
    if args.read {
        for problem in backend.read_coverage(args.from, args.to).await? {
            app.printer.warn(&problem);
        }
    }
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
