//! `weir config check`

use super::super::Outcome;
use crate::app::App;
use crate::exit::ExitStatus;

/// Reading the configuration was the check: whatever is wrong has been said by now.
pub(crate) fn run(app: &App) -> Outcome {
    for warning in &app.settings.notify.warnings {
        app.printer.warn(warning);
    }
    if app.printer.is_json() {
        app.printer.json(&app.settings.items)?;
    } else {
        app.printer.note("the configuration is good");
    }
    Ok(ExitStatus::Ok)
}
