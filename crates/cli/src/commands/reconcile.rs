//! `weir reconcile`

use weir_config::Needs;
use weir_server::forms::Reconciled;

use super::{Outcome, enforce};
use crate::app::App;
use crate::args::ReconcileArgs;
use crate::exit::{CliError, ExitStatus};
use crate::table::some;

pub(crate) async fn run(app: &App, args: &ReconcileArgs) -> Outcome {
    let backend = app.backend(Needs::Aws).await?;
    let report = backend.reconcile(args.all, args.dry_run).await?;
    if !args.dry_run && !backend.reaches_aws() {
        app.printer
            .note("nothing was written to AWS: --as-of is given without --effects");
    }
    enforce::mode::tell_mode(app, backend.mode().await?);
    let ok = report.errors.is_empty() && report.dispatch.failed == 0;
    if app.printer.is_json() {
        app.printer.json(&report)?;
    } else {
        print(app, &report)?;
    }
    Ok(if ok {
        ExitStatus::Ok
    } else {
        ExitStatus::Failed
    })
}

fn print(app: &App, report: &Reconciled) -> Result<(), CliError> {
    let printer = app.printer;
    printer.line(&format!(
        "{} compared, {} differed",
        some(report.checked, "target", "targets"),
        report.drift.len()
    ))?;
    for drift in &report.drift {
        let repaired = if drift.repaired {
            "repaired"
        } else {
            "not repaired"
        };
        let found = match drift.found.as_str() {
            "deny-missing" => "what should be denied was not",
            "deny-left" => "something was denied that nobody should be",
            _ => "it is as the ledger wants it",
        };
        printer.line(&format!("{}: {found}, {repaired}", drift.target))?;
    }
    for drift in &report.policies {
        let policy = &drift.policy;
        let repaired = if drift.repaired {
            "repaired"
        } else {
            "not repaired"
        };
        printer.line(&format!("{policy}: its text was not ours, {repaired}"))?;
    }
    for error in &report.errors {
        printer.warn(error);
    }
    Ok(())
}
