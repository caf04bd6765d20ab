//! `weir enforce release-all`

use serde::Serialize;
use weir_config::require;
use weir_core::access::TargetKey;
use weir_core::rulebook::Mode;
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
    let found = aws.access.find_ours().await.map_err(EngineError::from)?;
    if args.dry_run || found.is_empty() {
        return tell_found(app, &found);
    }
    for target in &found {
        app.printer.note(&format!("would release {target}"));
    }
    if app.settings.rules.enforcement.mode == Some(Mode::Iam) {
        app.printer.warn(
            "a running `weir serve` in mode iam would write the denials again: stop it first",
        );
    }
    confirm::yes(
        app,
        "Remove every Deny of Weir from all configured accounts?",
        true,
    )?;
    let done = weir_engine::release(&*aws.access, found).await;
    let failed = done.iter().any(|one| !one.released);
    tell(app, done)?;
    Ok(if failed {
        ExitStatus::Failed
    } else {
        ExitStatus::Ok
    })
}

/// What would be removed.
fn tell_found(app: &App, found: &[TargetKey]) -> Outcome {
    let rows = found.iter().map(|target| Found {
        target: target.to_string(),
        released: false,
        error: None,
    });
    let rows: Vec<_> = rows.collect();
    if app.printer.is_json() {
        app.printer.json(&rows)?;
        return Ok(ExitStatus::Ok);
    }
    for row in &rows {
        app.printer
            .line(&format!("{}: would be released", row.target))?;
    }
    app.printer.note(match rows.as_slice() {
        [] => "nothing of ours is left in any configured account",
        _ => "nothing was changed",
    });
    Ok(ExitStatus::Ok)
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
