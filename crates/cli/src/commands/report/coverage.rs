//! `weir coverage`

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use weir_config::Needs;
use weir_config::quota_text::thousands;
use weir_core::calendar::{Window, WindowKind, Zone};
use weir_core::coverage::{SPAN, Silence};

use super::super::Outcome;
use crate::app::App;
use crate::args::CoverageArgs;
use crate::exit::{CliError, ExitStatus};
use crate::table::Table;

pub(crate) async fn run(app: &App, args: &CoverageArgs) -> Outcome {
    let needs = if args.read { Needs::Aws } else { Needs::Reads };
    let engine = app.engine(needs).await?;
    let zone = engine.rules().await?.zone.clone();
    let now = engine.now();
    let from = match args.from {
        Some(day) => window(day)?.start(&zone),
        None => now.saturating_sub(SPAN).unwrap_or(Timestamp::MIN),
    };
    let to = end(args.to, &zone, now)?;
    if from >= to {
        return Err(CliError::Usage(
            "--from is later than --to, or not yet begun".to_owned(),
        ));
    }
    if args.read {
        for problem in engine.read_coverage(from, to).await? {
            app.printer.warn(&problem);
        }
    }
    let view = engine.coverage().await?;
    if let Some(Silence { since, .. }) = view.silence {
        let since = since.map_or("ever".to_owned(), |at| format!("since {at}"));
        app.printer.warn(&format!(
            "no record of any kind came {since}; see weir doctor"
        ));
    }
    if !args.read {
        for problem in &view.problems {
            app.printer.warn(problem);
        }
    }
    let lines = engine.coverage_between(from, to).await?;
    let nothing = "nothing to compare: `weir serve` reads CloudWatch once an hour, and an hour counts \
                   once it has been over for 30 minutes; --read does it now";
    app.printer.rows(&lines, nothing, |lines| {
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
                line.verdict,
            ]);
        }
        table
    })?;
    Ok(ExitStatus::Ok)
}

/// The end of the last day, which may still go on.
fn end(day: Option<Date>, zone: &Zone, now: Timestamp) -> Result<Timestamp, CliError> {
    let soon = now
        .saturating_add(SignedDuration::from_secs(1))
        .unwrap_or(now);
    match day {
        Some(day) => Ok(window(day)?.end(zone).min(soon)),
        None => Ok(soon),
    }
}

fn window(day: Date) -> Result<Window, CliError> {
    Window::parse(WindowKind::Day, &day.to_string())
        .ok_or_else(|| CliError::Usage(format!("{day} is not a day")))
}
