//! `weir enforce release-all`

use serde::Serialize;
use weir_config::require;
use weir_core::access::TargetKey;
use weir_core::rulebook::Mode;
use weir_engine::ports::Ours;
use weir_engine::{EngineError, Released};

use super::super::Outcome;
use crate::app::App;
use crate::args::ReleaseAllArgs;
use crate::commands::confirm;
use crate::exit::{CliError, ExitStatus};
use crate::table::some;

/// One target that holds, or held, something of ours.
#[derive(Debug, Serialize)]
struct Found {
    target: String,
    released: bool,
    error: Option<String>,
}

pub(crate) async fn run(app: &App, args: &ReleaseAllArgs) -> Outcome {
    let aws = require(&app.settings).await?;
    let Ours { targets, unread } = aws.access.find_ours().await.map_err(EngineError::from)?;
    let ending = match unread.as_slice() {
        [] => ExitStatus::Ok,
        _ => ExitStatus::Failed,
    };
    for error in &unread {
        app.printer
            .warn(&format!("not looked at, and left as it is: {error}"));
    }
    if args.dry_run || targets.is_empty() {
        tell_found(app, &targets, unread.is_empty())?;
        return Ok(ending);
    }
    for target in &targets {
        app.printer.note(&format!("would release {target}"));
    }
    if app.settings.rules.enforcement.mode == Some(Mode::Iam) {
        app.printer.warn(
            "a running `weir serve` in mode iam would write the denials again: stop it first",
        );
    }
    confirm::yes(
        app,
        match unread.as_slice() {
            [] => "Remove every Deny of Weir from all configured accounts?",
            _ => "Remove every Deny of Weir that was found?",
        },
        true,
    )?;
    let done = weir_engine::release(&*aws.access, targets).await;
    let failed = done.iter().any(|one| !one.released);
    tell(app, done)?;
    Ok(if failed { ExitStatus::Failed } else { ending })
}

/// What would be removed; `everywhere`: all accounts could be looked at.
fn tell_found(app: &App, found: &[TargetKey], everywhere: bool) -> Result<(), CliError> {
    let rows = found.iter().map(|target| Found {
        target: target.to_string(),
        released: false,
        error: None,
    });
    let rows: Vec<_> = rows.collect();
    if app.printer.is_json() {
        return app.printer.json(&rows);
    }
    for row in &rows {
        app.printer
            .line(&format!("{}: would be released", row.target))?;
    }
    app.printer.note(match rows.as_slice() {
        [] if everywhere => "nothing of ours is left: Weir denies nobody in AWS",
        [] => "nothing of ours is left where it was looked",
        _ => "nothing was changed",
    });
    Ok(())
}

fn tell(app: &App, done: Vec<Released>) -> Result<(), CliError> {
    let row = |one: Released| Found {
        target: one.target.to_string(),
        released: one.released,
        error: one.error.map(|error| error.to_string()),
    };
    let rows: Vec<_> = done.into_iter().map(row).collect();
    if app.printer.is_json() {
        return app.printer.json(&rows);
    }
    for row in &rows {
        let how = match (&row.error, row.released) {
            (Some(error), _) => error.as_str(),
            (None, true) => "released",
            (None, false) => "removed, but still seen when read back; run this again",
        };
        app.printer.line(&format!("{}: {how}", row.target))?;
    }
    app.printer.note(&some(
        rows.len() as u64,
        "target held something of ours",
        "targets held something of ours",
    ));
    Ok(())
}
