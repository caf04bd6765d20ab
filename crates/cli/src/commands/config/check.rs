//! `weir config check`

use super::super::Outcome;
use crate::app::App;
use crate::exit::ExitStatus;

/// Reading the configuration was most of the check. Nobody is asked: `weir doctor` does that.
pub(crate) fn run(app: &App) -> Outcome {
    for warning in &app.settings.notify.warnings {
        app.printer.warn(warning);
    }
    super::super::sso::check(app)?;
    if app.printer.is_json() {
        app.printer.json(&app.settings.items)?;
    } else {
        app.printer.note("the configuration is good");
    }
    Ok(ExitStatus::Ok)
}
