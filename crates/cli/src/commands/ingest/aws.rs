//! `weir ingest aws`

use serde::Serialize;
use weir_config::{Needs, connect};
use weir_core::coverage::Coverage;
use weir_core::ids::Region;
use weir_engine::{Choice, Chosen, Days, IngestReport, ReadRegion, regions_of};

use super::super::Outcome;
use super::backfill::{Way, page, span};
use super::{count, ending};
use crate::app::App;
use crate::args::IngestAwsArgs;
use crate::exit::{CliError, ExitStatus};
use crate::table::Table;

/// What was read, as JSON.
#[derive(Debug, Serialize)]
struct Done<'a> {
    sources: &'a [Chosen],
    read: &'a [ReadRegion],
    coverage: Vec<CoverageLine>,
}

#[derive(Debug, Serialize)]
struct CoverageLine {
    account: String,
    region: String,
    counted: u64,
    reported: u64,
}

pub(super) async fn run(app: &App, args: &IngestAwsArgs) -> Outcome {
    let way = Way::of(app, Days::default(), args.lookups).await?;
    // Choosing asks AWS whatever the mode.
    let looking = app.engine(Needs::Aws).await?;
    let regions = regions(app, args).await?;
    way.bar.set_message("looks what there is");
    let choice = looking
        .choose_sources(&*way.sources.objects, &regions, args.last)
        .await?;
    way.bar.suspend(|| announce(app, &choice, args.dry_run))?;
    if args.dry_run || choice.chosen.is_empty() {
        way.bar.finish_and_clear();
        return Ok(ExitStatus::Ok);
    }
    let read = way
        .engine
        .read_chosen(&way.sources, &choice, (&way.options, args.anew), &|step| {
            way.tell(&step);
        })
        .await;
    way.bar.finish_and_clear();
    let read = read?;
    let (coverage, problems) = looking.coverage_since(choice.from).await?;
    report(app, &choice, &read, &coverage)?;
    for problem in problems {
        app.printer
            .warn(&format!("AWS's own count cannot be read: {problem}"));
    }
    let mut all = IngestReport::default();
    for one in &read {
        all.add(one.report.counted.clone());
    }
    Ok(ending(app, &all))
}

/// Where it is looked: what was named, else what the account may use, else what is known.
async fn regions(app: &App, args: &IngestAwsArgs) -> Result<Vec<Region>, CliError> {
    let aws = connect(&app.settings)
        .await
        .map_err(|error| CliError::Failed(error.to_string()))?;
    let named: Vec<_> = args.regions.iter().map(Region::new).collect();
    let known = app.settings.metrics.regions.iter().map(Region::new);
    let known: Vec<_> = known.chain([aws.metering.home_region()]).collect();
    let survey = aws.survey(app.settings.rights());
    let regions = regions_of(&*survey, &named, &known).await;
    if let Some(problem) = regions.problem {
        let looked_at: Vec<_> = regions.all.iter().map(Region::as_str).collect();
        app.printer.warn(&format!(
            "which Regions there are is not known ({problem}): looks at {}; --region names others",
            looked_at.join(", ")
        ));
    }
    Ok(regions.all)
}

fn announce(app: &App, choice: &Choice, is_all: bool) -> Result<(), CliError> {
    let Choice { chosen, .. } = choice;
    for Chosen { region, notes, .. } in chosen {
        for note in notes {
            app.printer.note(&format!("{region}: {note}"));
        }
    }
    if is_all || chosen.is_empty() {
        return app.printer.rows(
            chosen,
            "CloudWatch knows of no call in these Regions and days: nothing to read",
            table,
        );
    }
    for one in chosen {
        app.printer.note(&format!(
            "{}: {} calls, from {}; takes about {}",
            one.region,
            one.calls.map_or_else(|| "unknown".to_owned(), count),
            one.from,
            one.seconds.map_or_else(|| "nobody knows".to_owned(), span),
        ));
    }
    Ok(())
}

fn table(chosen: &[Chosen]) -> Table {
    let mut table = Table::new(&["region", ">calls", "read from", "takes about"]);
    for one in chosen {
        table.row([
            one.region.as_str().to_owned(),
            one.calls.map_or_else(|| "-".to_owned(), count),
            one.from.to_string(),
            one.seconds.map_or_else(|| "-".to_owned(), span),
        ]);
    }
    table
}

fn report(
    app: &App,
    choice: &Choice,
    read: &[ReadRegion],
    coverage: &[Coverage],
) -> Result<(), CliError> {
    let lines: Vec<_> = coverage
        .iter()
        .filter(|place| choice.chosen.iter().any(|one| one.region == place.region))
        .collect();
    if app.printer.is_json() {
        let coverage = lines.iter().map(|place| CoverageLine {
            account: place.account.to_string(),
            region: place.region.to_string(),
            counted: place.counted,
            reported: place.reported,
        });
        return app.printer.json(&Done {
            sources: &choice.chosen,
            read,
            coverage: coverage.collect(),
        });
    }
    for one in read {
        let parts = format!("parts in {}", one.region);
        app.printer.data(page(&parts, &one.report).text())?;
    }
    for place in lines {
        app.printer.line(&format!(
            "coverage in {}: {} ({} of {} calls that CloudWatch counted)",
            place.region,
            place.percent(),
            count(place.counted),
            count(place.reported),
        ))?;
    }
    Ok(())
}
