//! `weir status USER`

use jiff::Timestamp;
use weir_config::Needs;
use weir_core::calendar::Zone;
use weir_server::forms::{Quota, Status};

use super::super::{Outcome, enforce};
use crate::app::App;
use crate::args::StatusArgs;
use crate::exit::ExitStatus;
use crate::table::{Page, Table};
use crate::views::{StatusView, amount};

pub(crate) async fn run(app: &App, args: &StatusArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let report = backend.status(&args.user).await?;
    enforce::mode::warn_of(app, &backend).await?;
    if app.printer.is_json() {
        app.printer.json(&StatusView::from(&report))?;
    } else {
        app.printer
            .data(page(&report, &backend.zone().await?).text())?;
    }
    Ok(ExitStatus::Ok)
}

/// The report as a page for people; also what access commands show at the end.
pub(crate) fn page(report: &Status, zone: &Zone) -> Page {
    let mut page = Page::default();
    page.field("User", &report.user_id);
    if let Some(person) = &report.person {
        page.field("Person", person);
    }
    page.field("Team", &report.team);
    let until = match (&report.blocked_until, report.state.starts_with("BLOCKED")) {
        (Some(until), _) => format!(" until {}", local(until, zone)),
        (None, true) => " until an administrator lifts it".to_owned(),
        (None, false) => String::new(),
    };
    page.field("State", &format!("{}{until}", report.state));
    page.field("Enforcement", &enforcement(report));
    for reason in &report.reasons {
        page.field("Reason", reason);
    }
    if let Some(protection) = &report.protection {
        let until = protection.until.as_deref().map_or_else(
            || "until an administrator ends it".to_owned(),
            |until| format!("until {}", local(until, zone)),
        );
        let cap = protection
            .up_to_percent
            .map(|cap| format!(", up to {cap} %"))
            .unwrap_or_default();
        page.field(
            "Protected",
            &format!("{until} by {}{cap}: {}", protection.by, protection.reason),
        );
    }
    page.table(&quotas(&report.quotas, zone));
    page
}

fn enforcement(report: &Status) -> String {
    match report.enforcement.as_str() {
        "dry_run" => {
            "dry_run (nothing is denied in AWS: mode dry-run, or out of enforcement.scope)"
                .to_owned()
        }
        word => word.to_owned(),
    }
}

fn quotas(quotas: &[Quota], zone: &Zone) -> Table {
    let mut table = Table::new(&[
        "quota",
        "metric",
        "window",
        ">used",
        ">limit",
        ">%",
        "action",
        "resets at",
    ]);
    for quota in quotas {
        table.row([
            quota.scope.as_str(),
            &quota.metric,
            &quota.window,
            &amount(&quota.metric, &quota.used),
            &quota.limit.as_ref().map_or_else(
                || "unlimited".to_owned(),
                |limit| amount(&quota.metric, limit),
            ),
            &quota
                .percent
                .map_or_else(|| "-".to_owned(), |percent| percent.to_string()),
            &quota.action,
            &local(&quota.resets_at, zone),
        ]);
    }
    table
}

/// An instant of a report in the business zone.
pub(crate) fn local(rfc3339: &str, zone: &Zone) -> String {
    rfc3339
        .parse::<Timestamp>()
        .map_or_else(|_| rfc3339.to_owned(), |at| zone.display(at))
}
