//! `weir quota try SCOPE METRIC WINDOW LIMIT`

use indicatif::{ProgressBar, ProgressStyle};
use jiff::SignedDuration;
use serde::Serialize;
use weir_core::block::Until;
use weir_core::calendar::Zone;
use weir_core::quota::Quota;
use weir_engine::{Tried, TriedEvent, TriedWhat};

use super::super::Outcome;
use crate::app::App;
use crate::args::QuotaTryArgs;
use crate::exit::{CliError, ExitStatus};
use crate::printer::Printer;
use crate::table::{Table, or_dash};
use weir_config::Needs;
use weir_config::thresholds;
use weir_core::quota_text::{parse_limit, thousands};

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct View {
    since: Option<String>,
    invocations: u64,
    users: u64,
    blocked: Vec<String>,
    warned: Vec<String>,
    events: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    at: String,
    subject: String,
    what: &'static str,
    percent: Option<u32>,
    reason: Option<String>,
    until: Option<String>,
    calls_denied: Option<u64>,
}

pub(crate) async fn run(app: &App, args: QuotaTryArgs) -> Outcome {
    let QuotaTryArgs {
        scope,
        metric,
        window,
        limit,
        action,
        warn,
        last,
    } = args;
    let limit =
        parse_limit(metric, &limit).map_err(|error| CliError::Usage(format!("LIMIT: {error}")))?;
    let warn = thresholds(warn).map_err(|error| CliError::Usage(format!("--warn: {error}")))?;
    let quota = Quota {
        scope,
        metric,
        window,
        limit,
        action,
        warn,
        author: app.settings.actor.clone(),
        additions: Vec::new(),
    };
    let engine = app.engine(Needs::Reads).await?;
    let bar = if Printer::is_watched() {
        ProgressBar::new(0)
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} calls, {eta} left") {
        bar.set_style(style);
    }
    let shown = bar.clone();
    let progress = move |done: u64, all: u64| {
        shown.set_length(all);
        shown.set_position(done);
    };
    let last = SignedDuration::from_hours(24 * i64::from(last));
    let tried = engine.try_quota(&quota, last, &progress).await?;
    bar.finish_and_clear();
    if app.printer.is_json() {
        app.printer.json(&view(&tried))?;
        return Ok(ExitStatus::Ok);
    }
    let zone = &engine.rules().await?.zone;
    if !tried.events.is_empty() {
        app.printer.data(&table(&tried, zone).to_string())?;
    }
    app.printer.note(&summary(&tried, zone));
    Ok(ExitStatus::Ok)
}

fn summary(tried: &Tried, zone: &Zone) -> String {
    let calls: u64 = tried
        .events
        .iter()
        .map(|event| match &event.what {
            TriedWhat::Blocked { calls, .. } => *calls,
            TriedWhat::Warned(_) => 0,
        })
        .sum();
    let number = |of: u64| thousands(i64::try_from(of).unwrap_or(i64::MAX));
    format!(
        "since {}: {} calls of {} users; {} would have been blocked and {} warned; {} calls came while \
         a block would have lasted",
        tried.since.map_or("-".to_owned(), |at| zone.display(at)),
        number(tried.invocations),
        tried.users,
        tried.blocked().len(),
        tried.warned().len(),
        number(calls),
    )
}

fn view(tried: &Tried) -> View {
    let names = |of: std::collections::BTreeSet<&str>| of.into_iter().map(str::to_owned).collect();
    View {
        since: tried.since.map(|at| at.to_string()),
        invocations: tried.invocations,
        users: tried.users,
        blocked: names(tried.blocked()),
        warned: names(tried.warned()),
        events: tried.events.iter().map(row).collect(),
    }
}

fn row(event: &TriedEvent) -> Row {
    let row = Row {
        at: event.at.to_string(),
        subject: event.subject.clone(),
        what: "warned",
        percent: None,
        reason: None,
        until: None,
        calls_denied: None,
    };
    match &event.what {
        TriedWhat::Warned(percent) => Row {
            percent: Some(*percent),
            ..row
        },
        TriedWhat::Blocked {
            reason,
            until,
            calls,
        } => Row {
            what: "blocked",
            reason: Some(reason.clone()),
            until: until.instant().map(|at| at.to_string()),
            calls_denied: Some(*calls),
            ..row
        },
    }
}

fn table(tried: &Tried, zone: &Zone) -> Table {
    let mut table = Table::new(&["when", "whom", "what", "until", ">calls"]);
    for event in &tried.events {
        let (what, until, calls) = match &event.what {
            TriedWhat::Warned(percent) => (format!("warned at {percent} %"), None, None),
            TriedWhat::Blocked {
                reason,
                until,
                calls,
            } => {
                let until = match until {
                    Until::At(end) => zone.display(*end),
                    Until::Indefinite => "an administrator".to_owned(),
                };
                (
                    format!("blocked: {reason}"),
                    Some(until),
                    Some(calls.to_string()),
                )
            }
        };
        table.row([
            zone.display(event.at).as_str(),
            &event.subject,
            &what,
            or_dash(until.as_deref()),
            or_dash(calls.as_deref()),
        ]);
    }
    table
}
