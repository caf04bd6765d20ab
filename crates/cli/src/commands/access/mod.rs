//! `weir block`, `unblock`, `protect` and `unprotect`.

pub(crate) mod block;
pub(crate) mod protect;
pub(crate) mod unblock;
pub(crate) mod unprotect;

use jiff::Timestamp;
use weir_core::admin::{Command, Verb};
use weir_core::block::Until;
use weir_core::calendar::Zone;
use weir_core::ids::UserId;
use weir_core::instant;
use weir_engine::Actor;
use weir_server::forms::Now;

use crate::app::App;
use crate::backend::Backend;
use crate::commands::report::status;
use crate::exit::{CliError, ExitStatus};
use crate::views::StatusView;

fn command(user: &str, by: Actor, reason: &str, verb: Verb) -> Command {
    Command {
        user: UserId::new(user),
        actor: by.name,
        claimed_by: by.claimed,
        reason: reason.trim().to_owned(),
        verb,
    }
}

/// Says what was done, and shows how the user stands now.
async fn show(app: &App, backend: &Backend, done: &Now) -> Result<ExitStatus, CliError> {
    let printer = app.printer;
    for line in &done.after_protection {
        printer.note(&format!(
            "when the protection ends, this may block again: {line}"
        ));
    }
    if printer.is_json() {
        printer.json(&StatusView::from(&done.status))?;
    } else {
        let zone = backend.zone().await?;
        printer.data(status::page(&done.status, &zone).text())?;
    }
    Ok(ExitStatus::Ok)
}

/// The end that `--for`, `--until` or `--indefinite` names.
fn until(
    for_: Option<&str>,
    until: Option<&str>,
    indefinite: bool,
    now: Timestamp,
    zone: &Zone,
) -> Result<Option<Until>, CliError> {
    if indefinite {
        return Ok(Some(Until::Indefinite));
    }
    if let Some(text) = for_ {
        let duration = weir_core::duration::parse(text)
            .map_err(|error| CliError::Usage(format!("--for: {error}")))?;
        let end = now
            .checked_add(duration)
            .map_err(|_| CliError::Usage(format!("--for {text} is too long")))?;
        return Ok(Some(Until::At(end)));
    }
    let end = until.map(|text| instant::end(text, zone, now)).transpose();
    let end = end.map_err(|error| CliError::Usage(format!("--until: {error}")))?;
    Ok(end.map(Until::At))
}
