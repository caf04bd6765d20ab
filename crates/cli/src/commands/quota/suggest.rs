//! `weir quota suggest`

use serde::Serialize;
use weir_core::quota::Limit;
use weir_core::suggest::Spread;
use weir_engine::Suggestion;

use super::super::Outcome;
use crate::app::App;
use crate::args::QuotaSuggestArgs;
use crate::exit::ExitStatus;
use crate::table::Table;
use weir_config::Needs;
use weir_core::quota_text::{show_amount, write_limit};

#[derive(Debug, Serialize)]
struct Row {
    team: Option<String>,
    metric: String,
    user_days: usize,
    users: usize,
    day_p50: String,
    day_p95: String,
    day_p99: String,
    day_max: String,
    whole_p95: String,
    proposed_day: String,
    proposed_month: String,
    days_reached: usize,
}

pub(crate) async fn run(app: &App, args: &QuotaSuggestArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let found = backend.suggest(args.last).await?;
    if app.printer.is_json() {
        let rows: Vec<_> = found.iter().map(row).collect();
        app.printer.json(&rows)?;
        return Ok(ExitStatus::Ok);
    }
    if found.is_empty() {
        app.printer.note(
            "nobody used anything on the days before today, so there is nothing to go by; \
                 `weir ingest aws --last 30d` reads the past",
        );
        return Ok(ExitStatus::Ok);
    }
    app.printer.data(&table(&found).to_string())?;
    app.printer.note(&format!(
        "per active user and day of the last {} days; a proposal is half as much again as 95 of 100 need, \
         rounded up",
        args.last
    ));
    for one in &found {
        let scope = scope(one);
        let day = write_limit(one.metric, Limit::Of(one.daily));
        app.printer.line(&format!(
            "weir quota try {scope} {} day '{day}'",
            one.metric
        ))?;
    }
    Ok(ExitStatus::Ok)
}

fn scope(one: &Suggestion) -> String {
    match &one.team {
        Some(team) => format!("team-defaults:{team}"),
        None => "defaults".to_owned(),
    }
}

fn row(one: &Suggestion) -> Row {
    let Suggestion {
        team,
        metric,
        day,
        whole,
        daily,
        monthly,
        reached,
    } = one;
    let amount = |of: i64| write_limit(*metric, Limit::Of(of));
    let Spread {
        count,
        p50,
        p90: _,
        p95,
        p99,
        max,
    } = day;
    Row {
        team: team.as_ref().map(ToString::to_string),
        metric: metric.to_string(),
        user_days: *count,
        users: whole.count,
        day_p50: amount(*p50),
        day_p95: amount(*p95),
        day_p99: amount(*p99),
        day_max: amount(*max),
        whole_p95: amount(whole.p95),
        proposed_day: amount(*daily),
        proposed_month: amount(*monthly),
        days_reached: *reached,
    }
}

fn table(all: &[Suggestion]) -> Table {
    let mut table = Table::new(&[
        "for",
        "metric",
        ">users",
        ">p50",
        ">p95",
        ">p99",
        ">max",
        ">a day",
        ">a month",
        ">days reached",
    ]);
    for one in all {
        let shown = |amount: i64| show_amount(one.metric, amount);
        table.row([
            scope(one),
            one.metric.to_string(),
            one.whole.count.to_string(),
            shown(one.day.p50),
            shown(one.day.p95),
            shown(one.day.p99),
            shown(one.day.max),
            shown(one.daily),
            shown(one.monthly),
            format!("{} of {}", one.reached, one.day.count),
        ]);
    }
    table
}
