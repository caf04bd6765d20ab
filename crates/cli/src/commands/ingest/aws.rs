//! `weir ingest aws`

use serde::Serialize;
use weir_aws::Connection;
use weir_config::{Needs, require};
use weir_core::coverage::Coverage;
use weir_core::ids::{AccountId, Region};
use weir_engine::ports::AccountSources;
use weir_engine::{Choice, Chosen, Days, Engine, IngestReport, ReadRegion, regions_of};

use super::super::Outcome;
use super::backfill::{Way, page, remedy, span};
use super::ending;
use crate::app::App;
use crate::args::IngestAwsArgs;
use crate::exit::{CliError, ExitStatus};
use crate::table::{Table, some, thousands};

/// What was read, as JSON.
#[derive(Debug, Serialize)]
struct Done<'a> {
    sources: Vec<Chosen>,
    read: &'a [ReadRegion],
    coverage: Vec<CoverageLine>,
    unread: &'a [Unread],
}

#[derive(Debug, Serialize)]
struct CoverageLine {
    account: String,
    region: String,
    counted: u64,
    reported: u64,
}

/// An account that could not be read, or not to its end.
#[derive(Debug, Serialize)]
struct Unread {
    account: AccountId,
    why: String,
}

/// What there is to read in an account.
struct Found {
    place: AccountSources,
    choice: Choice,
}

pub(super) async fn run(app: &App, args: &IngestAwsArgs) -> Outcome {
    let way = Way::of(app, Days::default(), args.lookups).await?;
    // Choosing asks AWS whatever the mode.
    let looking = app.engine(Needs::Aws).await?;
    let aws = require(&app.settings).await?;
    way.bar.set_message("looks what there is");
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    for account in accounts(&aws, args).await? {
        match look(app, (&aws, &looking), &account, args).await {
            Ok(one) => found.push(one),
            Err(why) => unread.push(Unread { account, why }),
        }
    }
    way.bar.suspend(|| announce(app, &found, args.dry_run))?;
    if args.dry_run || found.iter().all(|one| one.choice.chosen.is_empty()) {
        way.bar.finish_and_clear();
        return tell_unread(app, &unread, ExitStatus::Ok);
    }
    let mut read = Vec::new();
    for Found { place, choice } in &found {
        let (how, tell) = ((&way.options, args.anew), |step| way.tell(&step));
        let done = way.engine.read_chosen(&place.sources, choice, how, &tell);
        match done.await {
            Ok(done) => read.extend(done),
            Err(error) => unread.push(Unread {
                account: place.account.clone(),
                why: format!("{error}{}", remedy(&error, &place.account)),
            }),
        }
    }
    way.bar.finish_and_clear();
    let from = found.iter().map(|one| one.choice.from).min();
    let (coverage, problems) = match from {
        Some(from) => looking.coverage_since(from).await?,
        None => Default::default(),
    };
    report(app, &found, &read, (&coverage, &unread))?;
    for problem in problems {
        app.printer
            .warn(&format!("AWS's own count cannot be read: {problem}"));
    }
    let mut all = IngestReport::default();
    for one in &read {
        all.add(one.report.counted.clone());
    }
    let status = ending(app, &all);
    tell_unread(app, &unread, status)
}

/// Those that were named, else all that are reached.
async fn accounts(aws: &Connection, args: &IngestAwsArgs) -> Result<Vec<AccountId>, CliError> {
    if !args.accounts.is_empty() {
        return Ok(args.accounts.iter().map(AccountId::new).collect());
    }
    let all = aws.accounts().await;
    all.map_err(|error| CliError::Failed(error.to_string()))
}

/// What there is to read in an account, or why nobody knows.
async fn look(
    app: &App,
    (aws, engine): (&Connection, &Engine),
    account: &AccountId,
    args: &IngestAwsArgs,
) -> Result<Found, String> {
    let place = aws.account(account, app.settings.rights_in(account)).await;
    let place = place.map_err(|error| error.to_string())?;
    let regions = regions(app, (aws, &place), args).await;
    let choice = engine.choose_sources(&place, &regions, args.last).await;
    let choice = choice.map_err(|error| format!("{error}{}", remedy(&error, account)))?;
    Ok(Found { place, choice })
}

/// Where it is looked: what was named, else what the account may use, else what is known.
async fn regions(
    app: &App,
    (aws, place): (&Connection, &AccountSources),
    args: &IngestAwsArgs,
) -> Vec<Region> {
    let named: Vec<_> = args.regions.iter().map(Region::new).collect();
    let known = app.settings.metrics.regions.iter().map(Region::new);
    let known: Vec<_> = known.chain([aws.metering.home_region()]).collect();
    let regions = regions_of(&*place.survey, &named, &known).await;
    if let Some(problem) = regions.problem {
        let looked_at: Vec<_> = regions.all.iter().map(Region::as_str).collect();
        app.printer.warn(&format!(
            "which Regions {} has is not known ({problem}): looks at {}; --region names others",
            place.account,
            looked_at.join(", ")
        ));
    }
    regions.all
}

/// The accounts that are left, and how it ends then.
fn tell_unread(app: &App, unread: &[Unread], status: ExitStatus) -> Outcome {
    for Unread { account, why } in unread {
        app.printer.warn(&format!("{account} is not read: {why}"));
    }
    if unread.is_empty() {
        return Ok(status);
    }
    let names: Vec<_> = unread.iter().map(|one| one.account.as_str()).collect();
    Err(CliError::Failed(format!(
        "not read, or not to the end: {}; what was read counts, and the same command goes on",
        names.join(", ")
    )))
}

fn announce(app: &App, found: &[Found], is_all: bool) -> Result<(), CliError> {
    let chosen = all_chosen(found);
    for one in &chosen {
        for note in &one.notes {
            app.printer
                .note(&format!("{} {}: {note}", one.account, one.region));
        }
    }
    if is_all || chosen.is_empty() {
        return app.printer.rows(
            &chosen,
            "CloudWatch knows of no call in these accounts, Regions and days: nothing to read",
            table,
        );
    }
    for one in chosen {
        app.printer.note(&format!(
            "{} {}: {}, from {}; {}",
            one.account,
            one.region,
            one.calls.map_or_else(
                || "nobody knows how many calls".to_owned(),
                |calls| some(calls, "call", "calls")
            ),
            one.from,
            one.seconds.map_or_else(
                || "how long it takes is not known".to_owned(),
                |seconds| format!("takes about {}", span(seconds))
            ),
        ));
    }
    Ok(())
}

fn all_chosen(found: &[Found]) -> Vec<Chosen> {
    let all = found.iter().flat_map(|one| &one.choice.chosen);
    all.cloned().collect()
}

fn table(chosen: &[Chosen]) -> Table {
    let mut table = Table::new(&["account", "region", ">calls", "read from", "takes about"]);
    for one in chosen {
        table.row([
            one.account.to_string(),
            one.region.as_str().to_owned(),
            one.calls.map_or_else(|| "-".to_owned(), thousands),
            one.from.to_string(),
            one.seconds.map_or_else(|| "-".to_owned(), span),
        ]);
    }
    table
}

fn report(
    app: &App,
    found: &[Found],
    read: &[ReadRegion],
    (coverage, unread): (&[Coverage], &[Unread]),
) -> Result<(), CliError> {
    let chosen = all_chosen(found);
    let is_of = |place: &&Coverage| {
        let same = |one: &Chosen| (&one.account, &one.region) == (&place.account, &place.region);
        chosen.iter().any(same)
    };
    let lines: Vec<_> = coverage.iter().filter(is_of).collect();
    if app.printer.is_json() {
        let coverage = lines.iter().map(|place| CoverageLine {
            account: place.account.to_string(),
            region: place.region.to_string(),
            counted: place.counted,
            reported: place.reported,
        });
        let coverage = coverage.collect();
        return app.printer.json(&Done {
            sources: chosen,
            read,
            coverage,
            unread,
        });
    }
    for one in read {
        let place = format!("in {} {}", one.account, one.region);
        let (part, parts) = (format!("part {place}"), format!("parts {place}"));
        app.printer
            .data(page((&part, &parts), &one.report).text())?;
    }
    for place in lines {
        app.printer.line(&format!(
            "coverage in {} {}: {} ({} of {} calls that CloudWatch counted)",
            place.account,
            place.region,
            place.percent(),
            thousands(place.counted),
            thousands(place.reported),
        ))?;
    }
    Ok(())
}
