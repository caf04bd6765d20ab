//! `weir db status`

use serde::Serialize;
use weir_config::redacted;

use super::super::Outcome;
use crate::app::App;
use crate::exit::ExitStatus;

#[derive(Debug, Serialize)]
struct Status {
    database: String,
    engine: String,
    zone: String,
    invocations: u64,
    outbox_due: u64,
    mail_waiting: u64,
    mail_failed: u64,
    applied: Vec<String>,
    pending: Vec<String>,
    unknown: Vec<String>,
    changed: Vec<String>,
}

pub(crate) async fn run(app: &App) -> Outcome {
    let store = app.open().await?;
    let migrations = store.migrations().await?;
    let database = redacted(&app.settings.database.url);
    if let Some(why) = migrations.refusal() {
        app.printer.warn(&why);
    }
    if !migrations.pending.is_empty() {
        app.printer
            .warn("migrations are pending: run `weir db migrate`");
    }
    let usable = migrations.pending.is_empty() && migrations.changed.is_empty();
    let (health, zone) = if usable {
        (Some(store.health().await?), store.rules().await?.zone)
    } else {
        (None, String::new())
    };
    let status = Status {
        database,
        engine: health
            .as_ref()
            .map(|health| health.engine.clone())
            .unwrap_or_default(),
        zone,
        invocations: health.as_ref().map_or(0, |health| health.invocations),
        outbox_due: health.as_ref().map_or(0, |health| health.outbox_due),
        mail_waiting: health.as_ref().map_or(0, |health| health.mail_waiting),
        mail_failed: health.as_ref().map_or(0, |health| health.mail_failed),
        applied: migrations.applied,
        pending: migrations.pending,
        unknown: migrations.unknown,
        changed: migrations.changed,
    };
    let ok = status.pending.is_empty() && status.changed.is_empty();
    if app.printer.is_json() {
        app.printer.json(&status)?;
    } else {
        print(app, &status)?;
    }
    Ok(if ok {
        ExitStatus::Ok
    } else {
        ExitStatus::Failed
    })
}

fn print(app: &App, status: &Status) -> Result<(), crate::exit::CliError> {
    for (name, text) in [
        ("Database", status.database.as_str()),
        ("Engine", &status.engine),
        ("Zone", &status.zone),
        ("Invocations", &status.invocations.to_string()),
        ("Outbox due", &status.outbox_due.to_string()),
        (
            "Mail",
            &format!(
                "{} waiting, {} given up",
                status.mail_waiting, status.mail_failed
            ),
        ),
        ("Applied", &status.applied.join(", ")),
        (
            "Pending",
            if status.pending.is_empty() {
                "none"
            } else {
                ""
            },
        ),
    ] {
        app.printer.line(&format!("{name:<12} {text}"))?;
    }
    for name in &status.pending {
        app.printer.line(&format!("             {name}"))?;
    }
    if !status.unknown.is_empty() {
        let names = status.unknown.join(", ");
        app.printer
            .warn(&format!("a newer release migrated this database: {names}"));
    }
    Ok(())
}
