//! `weir enforce check`

use std::convert::Infallible;
use std::time::Duration;

use tokio::sync::Notify;
use weir_config::Needs;
use weir_core::ids::UserId;
use weir_server::forms::TargetTried;

use super::super::Outcome;
use crate::app::App;
use crate::args::CheckArgs;
use crate::backend::Backend;
use crate::commands::confirm;
use crate::exit::{CliError, ExitStatus};
use crate::table::Table;

pub(crate) async fn run(app: &App, args: &CheckArgs) -> Outcome {
    let (backend, by) = app.deciding(Needs::Aws, &args.by).await?;
    let user = UserId::new(&args.user);
    for target in backend.foresee_check(&user).await? {
        app.printer.note(&format!(
            "for a moment, {target} may not use Bedrock: calls that begin meanwhile fail"
        ));
    }
    confirm::yes(app, &format!("Try it on {user}?"), true)?;
    let stop = Notify::new();
    let hold = Duration::from_secs(args.hold);
    let lines = match &backend {
        Backend::Database(_) => tokio::select! {
            done = backend.check(&user, (hold, &stop), &by) => done?,
            never = stopped(&stop, app) => match never {},
        },
        // Whoever stops here does not stop the server: a tick there removes what was written.
        Backend::Server(_) => backend.check(&user, (hold, &stop), &by).await?,
    };
    app.printer.rows(&lines, "nothing was tried", |lines| {
        let mut table = Table::new(&["target", "how", "denied", "allowed again"]);
        for line in lines {
            table.row([
                &*line.target,
                line.mechanism.as_deref().unwrap_or("-"),
                &after(line.verified, line.verified_ms),
                &after(line.removed, line.removed_ms),
            ]);
        }
        table
    })?;
    if let Some(line) = lines.iter().find(|line| !line.is_ok()) {
        return Err(failure(line));
    }
    app.printer.note(
        "the Deny was written and read back, removed and read back; IAM takes seconds to minutes to act \
         on it everywhere",
    );
    Ok(ExitStatus::Ok)
}

/// Whoever stops it stops the waiting: what was written is removed all the same.
async fn stopped(stop: &Notify, app: &App) -> Infallible {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminated) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    loop {
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => if interrupted.is_err() {
                return std::future::pending().await;
            },
            _ = terminated.recv() => {}
        }
        app.printer.note("the Deny is removed first");
        stop.notify_one();
    }
}

fn after(read_back: bool, millis: u64) -> String {
    if read_back {
        format!("after {millis} ms")
    } else {
        "not read back".to_owned()
    }
}

fn failure(line: &TargetTried) -> CliError {
    let target = &line.target;
    let why = line
        .error
        .as_deref()
        .unwrap_or("AWS did not show what was written in time");
    let left = if line.removed {
        "nothing is left behind"
    } else {
        "the Deny may still be there: run the same again, or `weir enforce release-all`"
    };
    CliError::Failed(format!("{target}: {why}; {left}"))
}
