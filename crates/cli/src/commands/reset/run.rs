//! `weir reset run`

use serde::Deserialize;
use weir_config::Needs;
use weir_core::money::Usd;
use weir_core::quota_text::thousands;
use weir_engine::{Actor, DaySummary, UsageLine};
use weir_server::forms::ResetDone;

use super::super::Outcome;
use crate::app::App;
use crate::args::ResetRunArgs;
use crate::commands::report::usage::dollars;
use crate::exit::{CliError, ExitStatus};
use crate::table::{Page, Table};

/// Users in the table; `--json` has all.
const TOP: usize = 10;

pub(crate) async fn run(app: &App, args: &ResetRunArgs) -> Outcome {
    let backend = app.backend(Needs::Decides).await?;
    let by = Actor {
        name: app.settings.actor.clone(),
        claimed: None,
    };
    let reports = backend.run_resets(args.date, args.dry_run, &by).await?;
    if app.printer.is_json() {
        app.printer.json(&reports)?;
    } else {
        print(app, &reports)?;
    }
    let failed = reports.iter().any(|report| !report.errors.is_empty());
    Ok(if failed {
        ExitStatus::Failed
    } else {
        ExitStatus::Ok
    })
}

fn print(app: &App, reports: &[ResetDone]) -> Result<(), CliError> {
    let printer = app.printer;
    if reports.is_empty() {
        printer.note("nothing is due: the resets of all days up to today are done");
    }
    for report in reports {
        let ResetDone {
            date,
            end,
            expired,
            evaluated,
            blocked,
            released,
            removed,
            errors,
            summary,
        } = report;
        match end.as_str() {
            "already-done" => printer.line(&format!("{date}: done before"))?,
            "runs-elsewhere" => printer.line(&format!("{date}: another process runs it"))?,
            end => {
                let would = match end {
                    "dry-run" => " (nothing is written)",
                    "incomplete" => " (with errors: it is run again later)",
                    _ => "",
                };
                printer.line(&format!(
                    "{date}{would}: {expired} users and teams whose time is over, {evaluated} \
                     blocked users evaluated"
                ))?;
            }
        }
        for (what, names) in [("blocked", blocked), ("released", released)] {
            if !names.is_empty() {
                printer.line(&format!("  {what}: {}", names.join(", ")))?;
            }
        }
        let gone = removed.iter().filter(|(_, count)| **count > 0);
        for (what, count) in gone {
            printer.line(&format!("  {count} {what} older than their term removed"))?;
        }
        for error in errors {
            printer.warn(error);
        }
        if !summary.is_null() {
            let summary = DaySummary::deserialize(summary).map_err(|error| {
                CliError::Failed(format!("the summary of the day is not understood: {error}"))
            })?;
            printer.data(&page(&summary))?;
        }
    }
    Ok(())
}

/// The summary, with the users who spent most.
fn page(summary: &DaySummary) -> String {
    let mut table = Table::new(&[
        summary.day.as_str(),
        ">requests",
        ">failed",
        ">tokens",
        ">cost",
        ">unpriced",
        ">unmetered",
    ]);
    let teams = summary.teams.iter().map(|line| ("team", line));
    let users = summary.users.iter().take(TOP).map(|line| ("user", line));
    for (what, line) in teams.chain(users) {
        row(&mut table, &format!("{what} {}", line.key), line);
    }
    row(&mut table, "total", &summary.total);
    let mut page = Page::default();
    page.table(&table);
    let more = summary.users.len().saturating_sub(TOP);
    if more > 0 {
        page.line(&format!("and {more} more users (--json has all)"));
    }
    for block in &summary.blocks {
        let held = if block.held { ", held" } else { "" };
        page.line(&format!(
            "blocked that day: {} ({}{held})",
            block.whom, block.reason
        ));
    }
    page.text().to_owned()
}

fn row(table: &mut Table, name: &str, line: &UsageLine) {
    let cost = line
        .cost_usd
        .parse::<Usd>()
        .map_or_else(|_| line.cost_usd.clone(), dollars);
    table.row([
        name,
        &thousands(line.requests),
        &thousands(line.failed),
        &thousands(line.tokens),
        &cost,
        &thousands(line.unpriced),
        &thousands(line.unmetered),
    ]);
}
