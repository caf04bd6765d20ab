//! `weir enforce mode`

use serde::Serialize;
use weir_config::Needs;
use weir_core::ids::UserId;
use weir_core::rulebook::Mode;
use weir_engine::{EnforcementRow, Engine, Leaving, ModeDone, ModePreview, ModeView};

use super::super::Outcome;
use crate::app::App;
use crate::args::EnforceModeArgs;
use crate::backend::Backend;
use crate::commands::confirm;
use crate::exit::{CliError, ExitStatus};

/// The mode, as JSON.
#[derive(Debug, Serialize)]
struct Shown {
    /// `iam`, `dry-run` or `off`.
    in_force: &'static str,
    /// Denies of the time in `iam` stay until their users are unblocked.
    keeps: bool,
    /// What the configuration asks for; null if nothing.
    configured: Option<&'static str>,
}

/// A change of mode, as JSON.
#[derive(Debug, Serialize)]
struct Changed<'a> {
    in_force: &'static str,
    keeps: bool,
    /// Now denied in AWS.
    denied: Vec<&'a str>,
    /// Blocked, and no longer denied in AWS.
    released: Vec<&'a str>,
    /// Targets at which AWS is not yet as it is to be.
    left: &'a [EnforcementRow],
}

pub(crate) async fn run(app: &App, args: &EnforceModeArgs) -> Outcome {
    match args.mode {
        Some(mode) => change(app, args, mode).await,
        None => show(app).await,
    }
}

/// Says which mode is in force, and loudly if the configuration asks for another.
pub(crate) async fn note(app: &App, engine: &Engine) -> Result<(), CliError> {
    let view = engine.mode().await?;
    say(app, view.in_force.mode, view.in_force.keeps);
    warn(app, view);
    Ok(())
}

/// The same of a server, whose configuration is not ours.
pub(crate) async fn note_of(app: &App, backend: &Backend) -> Result<(), CliError> {
    match backend {
        Backend::Database(engine) => note(app, engine).await,
        Backend::Server(server) => {
            say(app, server.mode()?, false);
            Ok(())
        }
    }
}

fn say(app: &App, mode: Mode, keeps: bool) {
    let how = match mode {
        Mode::Iam => "denials are written to AWS",
        Mode::DryRun | Mode::Off if keeps => {
            "no denial is added in AWS; those of the time in iam stay until their users are unblocked"
        }
        Mode::DryRun => "denials are recorded, and nothing is denied in AWS",
        Mode::Off => "nothing is denied in AWS",
    };
    app.printer.note(&format!("mode {mode}: {how}"));
}

/// Warns if our configuration asks for another mode than is in force.
pub(crate) async fn warn_of(app: &App, backend: &Backend) -> Result<(), CliError> {
    if let Backend::Database(engine) = backend {
        warn(app, engine.mode().await?);
    }
    Ok(())
}

/// Warns if the configuration asks for another mode than is in force.
fn warn(app: &App, view: ModeView) {
    if let (Some(asked), Some(remedy)) = (view.asked_for(), view.remedy()) {
        let mode = view.in_force.mode;
        app.printer.warn(&format!(
            "the configuration says enforcement.mode = {asked}, and {mode} is in force: {remedy}"
        ));
    }
}

async fn show(app: &App) -> Outcome {
    let engine = app.engine(Needs::Reads).await?;
    let view = engine.mode().await?;
    if app.printer.is_json() {
        app.printer.json(&Shown {
            in_force: view.in_force.mode.as_str(),
            keeps: view.in_force.keeps,
            configured: view.configured.map(Mode::as_str),
        })?;
    } else {
        app.printer.line(view.in_force.mode.as_str())?;
    }
    note(app, &engine).await?;
    Ok(ExitStatus::Ok)
}

async fn change(app: &App, args: &EnforceModeArgs, mode: Mode) -> Outcome {
    let leaving = match (args.release, args.keep) {
        (true, _) => Some(Leaving::Release),
        (_, true) => Some(Leaving::Keep),
        _ => None,
    };
    if mode == Mode::Iam && leaving.is_some() {
        return Err(CliError::Usage(
            "--release and --keep are for leaving iam: `weir enforce mode dry-run --release`"
                .to_owned(),
        ));
    }
    let engine = app.engine(Needs::Aws).await?;
    let next = engine.next_mode(mode, leaving).await?;
    let foreseen = engine.preview_mode(next).await?;
    announce(app, &foreseen);
    let concerned = !foreseen.denied.is_empty() || !foreseen.released.is_empty();
    if concerned {
        confirm::yes(app, &format!("Put mode {mode} in force?"), true)?;
    }
    let usual = format!("mode {mode}");
    let reason = args.reason.as_deref().unwrap_or(&usual);
    let by = app.author(&args.by);
    let done = engine.change_mode(next, reason, &by).await?;
    tell(app, &engine, &done).await?;
    let ok = done.left.is_empty();
    Ok(if ok {
        ExitStatus::Ok
    } else {
        ExitStatus::Failed
    })
}

fn announce(app: &App, preview: &ModePreview) {
    let ModePreview { denied, released } = preview;
    for (names, what) in [
        (denied, "would be denied in AWS"),
        (released, "would no longer be denied in AWS"),
    ] {
        if let Some(names) = confirm::list(names) {
            app.printer.note(&format!("{what}: {names}"));
        }
    }
}

async fn tell(app: &App, engine: &Engine, done: &ModeDone) -> Result<(), CliError> {
    let ModeDone { effect, left } = done;
    let view = engine.mode().await?;
    if app.printer.is_json() {
        app.printer.json(&Changed {
            in_force: view.in_force.mode.as_str(),
            keeps: view.in_force.keeps,
            denied: effect.denied.iter().map(UserId::as_str).collect(),
            released: effect.released.iter().map(UserId::as_str).collect(),
            left,
        })?;
    } else {
        app.printer.line(view.in_force.mode.as_str())?;
    }
    for row in left {
        let why = row.last_error.as_deref().unwrap_or("not done yet");
        app.printer
            .warn(&format!("{} is {}: {why}", row.target, row.state));
    }
    if view.in_force.keeps {
        app.printer.note(
            "`weir enforce mode dry-run --release` removes later what was kept now; `weir unblock` \
             removes one user's",
        );
    }
    note(app, engine).await
}
