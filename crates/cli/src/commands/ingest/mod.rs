//! `weir ingest`: files, or what AWS keeps.

mod aws;
mod backfill;
mod files;

use std::path::Path;

use weir_core::ids::UserId;
use weir_engine::{IngestReport, ObjectPlace};

use super::Outcome;
use crate::app::App;
use crate::args::{IngestArgs, IngestFrom};
use crate::exit::{CliError, ExitStatus};
use crate::table::{Page, some, thousands};

pub(crate) async fn run(app: &App, args: IngestArgs) -> Outcome {
    match &args.from {
        Some(IngestFrom::Logs(logs)) => return backfill::logs(app, logs).await,
        Some(IngestFrom::Aws(last)) => return Box::pin(aws::run(app, last)).await,
        Some(IngestFrom::Cloudtrail(history)) => return backfill::history(app, history).await,
        None => {}
    }
    let is_s3 = |path: &Path| path.as_os_str().as_encoded_bytes().starts_with(b"s3://");
    if args.files.iter().any(|path| is_s3(path)) {
        let [place] = args.files.as_slice() else {
            return Err(CliError::Usage(
                "one s3://BUCKET/PREFIX at a time, and no files beside it".to_owned(),
            ));
        };
        if args.strict {
            return Err(CliError::Usage(
                "--strict reads everything twice, which is for files only".to_owned(),
            ));
        }
        let place: ObjectPlace = place.to_string_lossy().parse().map_err(CliError::Usage)?;
        return backfill::objects(app, &place, &args).await;
    }
    if args.range.is_given() || args.account.is_some() {
        return Err(CliError::Usage(
            "--from, --to, --anew and --account are for s3://BUCKET/PREFIX, `logs` and `cloudtrail`: a file is \
             read whole"
                .to_owned(),
        ));
    }
    files::run(app, args).await
}

/// How an intake ends that counted something.
fn ending(app: &App, report: &IngestReport) -> ExitStatus {
    if report.dead_letters == 0 {
        return ExitStatus::Ok;
    }
    app.printer
        .warn("some records could not be read: see `weir dead-letters`");
    ExitStatus::DeadLetters
}

fn summary(page: &mut Page, report: &IngestReport) {
    page.line(&format!(
        "{}: {} new, {} completed, {}",
        some(
            report.records,
            "record of an invocation",
            "records of invocations"
        ),
        thousands(report.new),
        thousands(report.completed),
        some(report.duplicates, "duplicate", "duplicates"),
    ));
    for (number, one, several) in [
        (
            report.ignored,
            "record of something else is ignored",
            "records of something else are ignored",
        ),
        (report.failed_calls, "call failed", "calls failed"),
        (
            report.unpriced,
            "invocation has no price",
            "invocations have no price",
        ),
        (
            report.dead_letters,
            "record could not be read",
            "records could not be read",
        ),
    ] {
        if number > 0 {
            page.line(&some(number, one, several));
        }
    }
    for (users, what) in [(&report.warned, "warned"), (&report.blocked, "blocked")] {
        let names: Vec<_> = users.iter().map(UserId::as_str).collect();
        if !names.is_empty() {
            page.line(&format!("{what}: {}", names.join(", ")));
        }
    }
}
