//! `weir retention run`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::exit::ExitStatus;

pub(crate) async fn run(app: &App) -> Outcome {
    let engine = app.engine(Needs::Reads).await?;
    let removed = engine.apply_retention().await?;
    if app.printer.is_json() {
        app.printer.json(&removed)?;
    } else {
        for (what, count) in &removed {
            app.printer.line(&format!("{count} {what} removed"))?;
        }
    }
    Ok(ExitStatus::Ok)
}
