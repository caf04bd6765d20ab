//! Asking before people lose access (rules Q9).

use std::collections::BTreeSet;
use std::fmt::Display;

use weir_engine::Preview;

use crate::app::App;
use crate::exit::CliError;

/// How many names are listed before the rest is a number.
const NAMES: usize = 20;

/// Says who would be blocked and released, and asks; without a terminal, blocking needs `--yes`.
pub(crate) fn preview(app: &App, preview: &Preview) -> Result<(), CliError> {
    announce(app, preview);
    let blocks = !preview.blocks_nobody();
    if !blocks && preview.releases_nobody() {
        return Ok(());
    }
    yes(app, "Go on?", blocks)
}

/// Says who would be blocked and released.
pub(crate) fn announce(app: &App, preview: &Preview) {
    let Preview {
        blocked,
        released,
        held,
        teams,
        blocked_in_part,
        released_in_part,
        held_in_part,
    } = preview;
    let held_why = "would be held by the breaker, not blocked (enforcement.max_new_blocks)";
    for (names, what) in [
        (list(blocked), "would be blocked"),
        (list(teams), "would be blocked as a team, with every member"),
        (list(blocked_in_part), "would be blocked"),
        (list(held), held_why),
        (list(held_in_part), held_why),
        (list(released), "would be released"),
        (list(released_in_part), "would be released"),
    ] {
        if let Some(names) = names {
            app.printer.note(&format!("{what}: {names}"));
        }
    }
}

/// Asks; `needed` says whether nobody to ask means no.
pub(crate) fn yes(app: &App, question: &str, needed: bool) -> Result<(), CliError> {
    if app.yes {
        return Ok(());
    }
    match app.printer.ask(question)? {
        Some(true) => Ok(()),
        None if !needed => Ok(()),
        Some(false) => Err(CliError::Unconfirmed("nothing was changed".to_owned())),
        None => Err(CliError::Unconfirmed(
            "nothing was changed: there is nobody to ask; give --yes to go on".to_owned(),
        )),
    }
}

pub(crate) fn list<T: Display>(names: &BTreeSet<T>) -> Option<String> {
    let shown: Vec<_> = names.iter().take(NAMES).map(ToString::to_string).collect();
    match names.len().saturating_sub(NAMES) {
        _ if names.is_empty() => None,
        0 => Some(shown.join(", ")),
        more => Some(format!("{} and {more} more", shown.join(", "))),
    }
}
