//! `weir quota try SCOPE METRIC WINDOW LIMIT`

use indicatif::{ProgressBar, ProgressStyle};
use weir_config::{Needs, thresholds};
use weir_core::calendar::Zone;
use weir_core::quota::Quota;
use weir_core::quota_text::{parse_limit, thousands};
use weir_server::forms::Trial;

use super::super::Outcome;
use crate::app::App;
use crate::args::QuotaTryArgs;
use crate::exit::{CliError, ExitStatus};
use crate::printer::Printer;
use crate::table::{Table, or_dash};

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
    let backend = app.backend(Needs::Reads).await?;
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
    let tried = backend.try_quota(&quota, last, &progress).await?;
    bar.finish_and_clear();
    if app.printer.is_json() {
        app.printer.json(&tried)?;
        return Ok(ExitStatus::Ok);
    }
    let zone = &backend.zone().await?;
    if !tried.events.is_empty() {
        app.printer.data(&table(&tried, zone).to_string())?;
    }
    app.printer.note(&summary(&tried, zone));
    Ok(ExitStatus::Ok)
}

fn summary(tried: &Trial, zone: &Zone) -> String {
    let calls = tried.events.iter().filter_map(|event| event.calls_denied);
    let number = |of: u64| thousands(i64::try_from(of).unwrap_or(i64::MAX));
    format!(
        "since {}: {} calls of {} users; {} would have been blocked and {} warned; {} calls came while \
         a block would have lasted",
        tried
            .since
            .as_deref()
            .map_or("-".to_owned(), |at| shown(at, zone)),
        number(tried.invocations),
        tried.users,
        tried.blocked.len(),
        tried.warned.len(),
        number(calls.sum()),
    )
}

/// An instant for people.
fn shown(at: &str, zone: &Zone) -> String {
    at.parse()
        .map_or_else(|_| at.to_owned(), |at| zone.display(at))
}

fn table(tried: &Trial, zone: &Zone) -> Table {
    let mut table = Table::new(&["when", "whom", "what", "until", ">calls"]);
    for event in &tried.events {
        let (what, until) = match (event.percent, &event.reason) {
            (Some(percent), _) => (format!("warned at {percent} %"), None),
            (None, reason) => {
                let reason = reason.as_deref().unwrap_or_default();
                let until = event.until.as_deref();
                let until = until.map_or("an administrator".to_owned(), |at| shown(at, zone));
                (format!("blocked: {reason}"), Some(until))
            }
        };
        let calls = event.calls_denied.map(|calls| calls.to_string());
        table.row([
            shown(&event.at, zone).as_str(),
            &event.subject,
            &what,
            or_dash(until.as_deref()),
            or_dash(calls.as_deref()),
        ]);
    }
    table
}
