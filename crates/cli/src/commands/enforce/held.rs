//! `weir enforce held`

use super::super::Outcome;
use crate::app::{App, Needs};
use crate::args::HeldArgs;
use crate::commands::{confirm, report::blocks};
use crate::exit::ExitStatus;
use crate::views::BlockView;

pub(crate) async fn list(app: &App) -> Outcome {
    let engine = app.engine(Needs::Reads).await?;
    let rows: Vec<_> = engine
        .held()
        .await?
        .into_iter()
        .map(BlockView::from)
        .collect();
    let zone = &engine.rules().await?.zone;
    app.printer
        .rows(&rows, "the breaker holds nothing", |rows| {
            blocks::table(rows, zone)
        })?;
    Ok(ExitStatus::Ok)
}

pub(crate) async fn decide(app: &App, args: &HeldArgs, apply: bool) -> Outcome {
    let engine = app.engine(Needs::Decides).await?;
    let held = engine.held().await?;
    if held.is_empty() {
        app.printer.note("the breaker holds nothing");
        return Ok(ExitStatus::Ok);
    }
    if apply {
        confirm::yes(app, &format!("Apply {} held blocks?", held.len()), true)?;
    }
    let usual = if apply {
        "held blocks applied"
    } else {
        "held blocks discarded"
    };
    let reason = args.reason.as_deref().unwrap_or(usual);
    let (done, teams) = engine
        .decide_held(apply, reason, &app.settings.author(&args.by))
        .await?;
    let statuses: Vec<_> = done.iter().map(|done| &done.status).collect();
    if app.printer.is_json() {
        app.printer.json(&statuses)?;
    } else {
        for status in statuses {
            app.printer
                .line(&format!("{} {}", status.user_id, status.state))?;
        }
    }
    for row in teams {
        let team = row
            .block
            .denies
            .user()
            .map_or_else(|| row.block.reason.clone(), ToString::to_string);
        app.printer
            .warn(&format!("a held block of a team is left alone: {team}"));
    }
    Ok(ExitStatus::Ok)
}
