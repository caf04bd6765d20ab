//! `weir enforce held`

use std::collections::BTreeSet;

use serde::Serialize;
use weir_config::Needs;
use weir_core::attribution::team_name;
use weir_core::ids::{TeamId, UserId};
use weir_engine::{HeldDone, HeldOf};
use weir_server::forms::Status;

use super::super::Outcome;
use crate::app::App;
use crate::args::HeldArgs;
use crate::backend::BlocksAsked;
use crate::commands::{confirm, report::blocks};
use crate::exit::{CliError, ExitStatus};

pub(crate) async fn list(app: &App) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let held = BlocksAsked {
        held: true,
        ..BlocksAsked::default()
    };
    let rows = backend.blocks(&held).await?;
    let zone = &backend.zone().await?;
    app.printer
        .rows(&rows, "the breaker holds nothing", |rows| {
            blocks::table(rows, zone)
        })?;
    Ok(ExitStatus::Ok)
}

/// What was decided, as JSON.
#[derive(Debug, Serialize)]
struct Done<'a> {
    /// Users whose own blocks were decided on, as they stand now.
    users: Vec<Status>,
    /// Teams whose blocks were decided on.
    teams: Vec<&'a str>,
    /// Who lost access, members of teams among them.
    blocked: Vec<&'a str>,
    /// Who regained it.
    released: Vec<&'a str>,
}

pub(crate) async fn decide(app: &App, args: &HeldArgs, apply: bool) -> Outcome {
    let engine = app.engine(Needs::Decides).await?;
    let held = engine.held_of().await?;
    let whose = named(args, held)?;
    if whose.is_empty() {
        app.printer.note("the breaker holds nothing");
        return Ok(ExitStatus::Ok);
    }
    let foreseen = engine.preview_held(&whose, apply).await?;
    confirm::preview(app, &foreseen)?;
    let usual = if apply {
        "held blocks applied"
    } else {
        "held blocks discarded"
    };
    let reason = args.reason.as_deref().unwrap_or(usual);
    let by = app.author(&args.by);
    let done = engine.decide_held(&whose, apply, reason, &by).await?;
    show(app, &done, apply)?;
    Ok(ExitStatus::Ok)
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

fn show(app: &App, done: &HeldDone, apply: bool) -> Result<(), CliError> {
    let HeldDone {
        users,
        teams,
        effect,
    } = done;
    if app.printer.is_json() {
        return app.printer.json(&Done {
            users: users
                .iter()
                .map(|done| Status::of(done.status.clone()))
                .collect(),
            teams: teams.iter().map(TeamId::as_str).collect(),
            blocked: effect.blocked.iter().map(UserId::as_str).collect(),
            released: effect.released.iter().map(UserId::as_str).collect(),
        });
    }
    for done in users {
        let status = &done.status;
        app.printer
            .line(&format!("{} {}", status.user_id, status.state))?;
    }
    let what = if apply {
        "applied"
    } else {
        "discarded until the end of the day"
    };
    for team in teams {
        app.printer.line(&format!("team:{team} {what}"))?;
    }
    for (names, what) in [(&effect.blocked, "blocked"), (&effect.released, "released")] {
        if !names.is_empty() {
            let names: Vec<_> = names.iter().map(UserId::as_str).collect();
            app.printer.note(&format!("{what}: {}", names.join(", ")));
        }
    }
    Ok(())
}
