//! `weir retention run`

use weir_config::Needs;
use weir_engine::Actor;

use super::super::Outcome;
use crate::app::App;
use crate::exit::ExitStatus;

pub(crate) async fn run(app: &App) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let by = Actor {
        name: app.settings.actor.clone(),
        claimed: None,
    };
    let removed = backend.run_retention(&by).await?;
    if app.printer.is_json() {
        app.printer.json(&removed)?;
    } else {
        for (what, count) in &removed {
            app.printer.line(&format!("{count} {what} removed"))?;
        }
    }
    Ok(ExitStatus::Ok)
}
