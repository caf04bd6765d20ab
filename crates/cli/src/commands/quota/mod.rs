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
use weir_engine::{Engine, Preview};
use weir_store::RuleChange;

use crate::app::App;
use crate::args::Author;
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

/// Says who would be blocked and released, asks, changes, and says what happened.
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
    let effect = engine
        .change_quotas(changes, reason, &app.author(by))
        .await?;
    if app.printer.is_json() {
        return app.printer.json(&Changed {
            changed: count,
            effect,
        });
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
