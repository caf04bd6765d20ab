//! `weir db migrate`

use serde::Serialize;

use super::super::Outcome;
use crate::app::App;
use crate::exit::ExitStatus;

#[derive(Debug, Serialize)]
struct Migrated {
    applied: Vec<String>,
}

pub(crate) async fn run(app: &App) -> Outcome {
    let applied = app.migrate().await?;
    if app.printer.is_json() {
        app.printer.json(&Migrated { applied })?;
    } else if applied.is_empty() {
        app.printer.note("the schema is up to date");
    } else {
        for name in applied {
            app.printer.line(&format!("applied {name}"))?;
        }
    }
    Ok(ExitStatus::Ok)
}
