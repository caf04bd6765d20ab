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

use serde::Serialize;
use weir_core::ids::UserId;
use weir_engine::{Actor, Engine, Preview};
use weir_store::RuleChange;

use crate::app::App;
use crate::args::Author;
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

/// The same of many, in the database.
async fn change(
    app: &App,
    engine: &Engine,
    changes: Vec<RuleChange>,
    reason: &str,
    by: &Author,
) -> Result<(), CliError> {
    let foreseen = engine.preview(&changes).await?;
    confirm::preview(app, &foreseen)?;
    let count = changes.len();
    let by = app.author(by);
    tell(
        app,
        count,
        engine.change_quotas(changes, reason, &by).await?,
    )
}

fn tell(app: &App, changed: usize, effect: Preview) -> Result<(), CliError> {
    if app.printer.is_json() {
        return app.printer.json(&Changed { changed, effect });
    }
    for (names, what) in [(&effect.blocked, "blocked"), (&effect.released, "released")] {
        if !names.is_empty() {
            app.printer.note(&format!("{what}: {}", join(names)));
        }
    }
    Ok(())
}

fn join(users: &BTreeSet<UserId>) -> String {
    users
        .iter()
        .map(UserId::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}
