//! `weir enforce mode`

use serde::Serialize;
use weir_config::Needs;
use weir_core::rulebook::Mode;
use weir_engine::{Engine, Leaving, ModePreview, ModeView};
use weir_server::forms::{ModeChanged, Target};

use super::super::Outcome;
use crate::app::App;
use crate::args::EnforceModeArgs;
use crate::backend::{Backend, ModeEdit};
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
    in_force: &'a str,
    keeps: bool,
    /// Now denied in AWS.
    denied: &'a [String],
    /// Blocked, and no longer denied in AWS.
    released: &'a [String],
    /// Targets at which AWS is not yet as it is to be.
    left: &'a [Target],
}

pub(crate) async fn run(app: &App, args: &EnforceModeArgs) -> Outcome {
    match args.mode {
        Some(mode) => change(app, args, mode).await,
        None => show(app).await,
    }
}

/// Says which mode is in force, and loudly if the configuration asks for another.
pub(crate) async fn note(app: &App, engine: &Engine) -> Result<(), CliError> {
    tell_mode(app, engine.mode().await?);
    Ok(())
}

/// The same of a mode that was asked for.
pub(crate) fn tell_mode(app: &App, view: ModeView) {
    say(app, view.in_force.mode, view.in_force.keeps);
    warn(app, view);
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
    let backend = app.backend(Needs::Reads).await?;
    let view = backend.mode().await?;
    if app.printer.is_json() {
        app.printer.json(&Shown {
            in_force: view.in_force.mode.as_str(),
            keeps: view.in_force.keeps,
            configured: view.configured.map(Mode::as_str),
        })?;
    } else {
        app.printer.line(view.in_force.mode.as_str())?;
    }
    tell_mode(app, view);
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
    let (backend, by) = app.deciding(Needs::Aws, &args.by).await?;
    let usual = format!("mode {mode}");
    let edit = ModeEdit {
        mode,
        leaving,
        reason: args.reason.as_deref().unwrap_or(&usual),
    };
    let foreseen = backend.foresee_mode(&edit).await?;
    announce(app, &foreseen);
    let concerned = !foreseen.denied.is_empty() || !foreseen.released.is_empty();
    if concerned {
        confirm::yes(app, &format!("Put mode {mode} in force?"), true)?;
    }
    let done = backend.change_mode(&edit, &by).await?;
    tell(app, &done)?;
    tell_mode(app, backend.mode().await?);
    Ok(if done.left.is_empty() {
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

fn tell(app: &App, done: &ModeChanged) -> Result<(), CliError> {
    let ModeChanged {
        in_force,
        keeps,
        dry_run: _,
        denied,
        released,
        left,
    } = done;
    if app.printer.is_json() {
        app.printer.json(&Changed {
            in_force,
            keeps: *keeps,
            denied,
            released,
            left,
        })?;
    } else {
        app.printer.line(in_force)?;
    }
    for row in left {
        let why = row.last_error.as_deref().unwrap_or("not done yet");
        app.printer
            .warn(&format!("{} is {}: {why}", row.target, row.state));
    }
    if *keeps {
        app.printer.note(
            "`weir enforce mode dry-run --release` removes later what was kept now; `weir unblock` \
             removes one user's",
        );
    }
    Ok(())
}
