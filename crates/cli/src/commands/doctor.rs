//! `weir doctor`

use jiff::{SignedDuration, Timestamp};
use weir_config::Needs;
use weir_engine::{Check, Level};

use super::Outcome;
use crate::app::App;
use crate::exit::ExitStatus;
use crate::table::Table;

/// Characters of a line of what was found: with the other columns, few more than a hundred.
const WIDTH: u16 = 84;

/// A certificate that ends sooner should have been renewed: authorities' clients begin a month before.
const SOON: SignedDuration = SignedDuration::from_hours(21 * 24);

const RENEW: &str = "renew it and put it into the same files: `weir serve` takes it within seconds";

pub(crate) async fn run(app: &App) -> Outcome {
    let engine = app.engine(Needs::Aws).await?;
    let mut checks = vec![configuration(app)];
    checks.extend(certificate(app, engine.now()));
    checks.extend(single_sign_on(app, engine.now()).await);
    checks.extend(engine.doctor().await);
    let failed = checks.iter().any(|check| check.level == Level::Fail);
    app.printer.rows(&checks, "", |checks| {
        let mut table = Table::new(&["check", "level", "found, and what to do"]);
        table.wrap(2, WIDTH);
        for check in checks {
            let level = match check.level {
                Level::Ok => "ok",
                Level::Warn => "WARN",
                Level::Fail => "FAIL",
            };
            table.row([check.name, level, &check.found]);
            if let Some(remedy) = &check.remedy {
                table.row(["", "", &format!("→ {remedy}")]);
            }
        }
        table
    })?;
    Ok(if failed {
        ExitStatus::Failed
    } else {
        ExitStatus::Ok
    })
}

/// The configuration was read, or this would not run.
fn configuration(app: &App) -> Check {
    let own = app
        .settings
        .items
        .iter()
        .filter(|item| item.source != "default")
        .count();
    Check {
        name: "configuration",
        level: Level::Ok,
        found: format!("{own} settings are not the default; `weir config show` lists all"),
        remedy: None,
    }
}

/// Whether single sign-on could work, where it is configured.
async fn single_sign_on(app: &App, now: Timestamp) -> Option<Check> {
    match super::sso::provider(app) {
        Ok(sso) => Some(sso?.check(now).await),
        Err(error) => Some(Check {
            name: "single sign-on",
            level: Level::Fail,
            // The error says what to do.
            found: error.to_string(),
            remedy: None,
        }),
    }
}

/// Whether the certificate is good and for how long, where Weir itself speaks TLS.
fn certificate(app: &App, now: Timestamp) -> Option<Check> {
    let (level, found, remedy) = match super::serve::tls_files(app)?.end() {
        // The error says what to do.
        Err(error) => (Level::Fail, error.to_string(), None),
        Ok(end) if end <= now => (Level::Fail, format!("ended at {end}"), Some(RENEW)),
        Ok(end) if end.duration_since(now) < SOON => {
            (Level::Warn, format!("ends at {end}"), Some(RENEW))
        }
        Ok(end) => (Level::Ok, format!("good until {end}"), None),
    };
    Some(Check {
        name: "certificate",
        level,
        found,
        remedy: remedy.map(str::to_owned),
    })
}
