//! `weir quota`.

pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod list;
pub(crate) mod raise;
mod replaced;
pub(crate) mod set;
pub(crate) mod show;
pub(crate) mod suggest;
pub(crate) mod trial;
pub(crate) mod unset;

use std::collections::BTreeSet;
use std::fmt::Display;

use serde::Serialize;
use weir_engine::{Actor, Preview};

use crate::app::App;
use crate::backend::{Backend, QuotaEdit};
use crate::commands::confirm;
use crate::exit::CliError;

/// What a change of quotas did.
#[derive(Debug, Serialize)]
struct Changed {
    /// Quotas that were set or removed.
    changed: usize,
    #[serde(flatten)]
    effect: Preview,
}

/// Says who would be blocked and released by a change of one quota, asks, changes, and says what happened.
async fn edit(app: &App, backend: &Backend, edit: &QuotaEdit, by: &Actor) -> Result<(), CliError> {
    let foreseen = backend.foresee(edit).await?;
    confirm::preview(app, &foreseen.effect)?;
    let effect = backend.change_quota(edit, foreseen, by).await?;
    tell(app, 1, effect)
}

fn tell(app: &App, changed: usize, effect: Preview) -> Result<(), CliError> {
    if app.printer.is_json() {
        return app.printer.json(&Changed { changed, effect });
    }
    for (names, what) in [
        (join(&effect.blocked), "blocked"),
        (join(&effect.blocked_in_part), "blocked"),
        (join(&effect.released), "released"),
        (join(&effect.released_in_part), "released"),
    ] {
        if !names.is_empty() {
            app.printer.note(&format!("{what}: {names}"));
        }
    }
    Ok(())
}

fn join<T: Display>(names: &BTreeSet<T>) -> String {
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    names.join(", ")
}
