//! `weir enforce held`

use std::collections::BTreeSet;

use serde::Serialize;
use weir_config::Needs;
use weir_core::attribution::team_name;
use weir_core::ids::{TeamId, UserId};
use weir_engine::HeldOf;
use weir_server::forms::{Block, HeldDecided};

use super::super::Outcome;
use crate::app::App;
use crate::args::HeldArgs;
use crate::backend::Held;
use crate::commands::{confirm, report::blocks};
use crate::exit::{CliError, ExitStatus};
use crate::views::{BlockView, StatusView};

pub(crate) async fn list(app: &App) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let rows = backend.held().await?;
    let zone = &backend.zone().await?;
    app.printer.viewed(
        &rows,
        BlockView::from,
        "the breaker holds nothing",
        |rows| blocks::table(rows, zone),
    )?;
    Ok(ExitStatus::Ok)
}

pub(crate) async fn decide(app: &App, args: &HeldArgs, apply: bool) -> Outcome {
    let (backend, by) = app.deciding(Needs::Decides, &args.by).await?;
    let held = backend.held().await?.iter().filter_map(of).collect();
    let whose = named(args, held)?;
    if whose.is_empty() {
        app.printer.note("the breaker holds nothing");
        return Ok(ExitStatus::Ok);
    }
    let usual = if apply {
        "held blocks applied"
    } else {
        "held blocks discarded"
    };
    let decision = Held {
        whose,
        apply,
        reason: args.reason.as_deref().unwrap_or(usual).to_owned(),
    };
    confirm::preview(app, &backend.foresee_held(&decision).await?)?;
    show(app, &backend.decide_held(&decision, &by).await?, apply)?;
    Ok(ExitStatus::Ok)
}

/// Whose a block is.
fn of(block: &Block) -> Option<HeldOf> {
    let user = block.user_id.as_deref().map(UserId::new).map(HeldOf::User);
    user.or_else(|| Some(HeldOf::Team(TeamId::new(block.team.as_deref()?))))
}

/// The held ones that were named; an error for a name that holds nothing.
fn named(args: &HeldArgs, held: BTreeSet<HeldOf>) -> Result<BTreeSet<HeldOf>, CliError> {
    if args.all {
        return Ok(held);
    }
    let mut named = BTreeSet::new();
    for text in &args.whose {
        let one = match text.split_once(':') {
            Some(("team", team)) => HeldOf::Team(team_name(team)),
            Some(("user", user)) => HeldOf::User(UserId::new(user)),
            _ => HeldOf::User(UserId::new(text)),
        };
        if !held.contains(&one) {
            return Err(CliError::NotFound(format!(
                "the breaker holds nothing of {one}; `weir enforce held list` shows what it holds"
            )));
        }
        named.insert(one);
    }
    Ok(named)
}

/// `--json` of a decision on what is held.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    /// How those stand now whose blocks it was.
    users: Vec<StatusView<'a>>,
    teams: &'a [String],
    blocked: &'a [String],
    released: &'a [String],
    blocked_in_part: &'a [String],
    released_in_part: &'a [String],
}

fn show(app: &App, done: &HeldDecided, apply: bool) -> Result<(), CliError> {
    if app.printer.is_json() {
        return app.printer.json(&Shown {
            users: done.users.iter().map(StatusView::from).collect(),
            teams: &done.teams,
            blocked: &done.blocked,
            released: &done.released,
            blocked_in_part: &done.blocked_in_part,
            released_in_part: &done.released_in_part,
        });
    }
    for user in &done.users {
        app.printer
            .line(&format!("{} {}", user.user_id, user.state))?;
    }
    let what = if apply {
        "applied"
    } else {
        "discarded until the end of the day"
    };
    for team in &done.teams {
        app.printer.line(&format!("team:{team} {what}"))?;
    }
    for (names, what) in [
        (&done.blocked, "blocked"),
        (&done.blocked_in_part, "blocked"),
        (&done.released, "released"),
        (&done.released_in_part, "released"),
    ] {
        if !names.is_empty() {
            app.printer.note(&format!("{what}: {}", names.join(", ")));
        }
    }
    Ok(())
}
