//! `weir enforce release-all`

use serde::Serialize;
use weir_config::require;
use weir_core::rulebook::Mode;

use super::super::Outcome;
use crate::app::App;
use crate::commands::confirm;
use crate::exit::{CliError, ExitStatus};
use crate::table::some;

/// One target that held something of ours.
#[derive(Debug, Serialize)]
struct Found {
    target: String,
    released: bool,
    error: Option<String>,
}

pub(crate) async fn run(app: &App) -> Outcome {
    let aws = require(&app.settings).await?;
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
    let done = weir_engine::release_all(&*aws.access)
        .await
        .map_err(|error| CliError::Failed(error.to_string()))?;
    let rows: Vec<_> = done
        .into_iter()
        .map(|one| Found {
            target: one.target.to_string(),
            released: one.released,
            error: one.error.map(|error| error.to_string()),
        })
        .collect();
    let failed = rows.iter().any(|row| !row.released);
    if app.printer.is_json() {
        app.printer.json(&rows)?;
    } else {
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
    }
    Ok(if failed {
        ExitStatus::Failed
    } else {
        ExitStatus::Ok
    })
}
