//! `weir doctor`

use jiff::{SignedDuration, Timestamp};
use weir_config::{Needs, connect};
use weir_engine::Level;
use weir_server::forms::Check;

use super::Outcome;
use crate::app::App;
use crate::backend::Backend;
use crate::exit::ExitStatus;
use crate::table::Table;

/// Characters of a line of what was found: with the other columns, few more than a hundred.
const WIDTH: u16 = 84;

/// A certificate that ends sooner should have been renewed: authorities' clients begin a month before.
const SOON: SignedDuration = SignedDuration::from_hours(21 * 24);

const RENEW: &str = "renew it and put it into the same files: `weir serve` takes it within seconds";

pub(crate) async fn run(app: &App) -> Outcome {
    let backend = app.backend(Needs::Aws).await?;
    let mut checks = Vec::new();
    // The server's settings are not ours.
    if matches!(backend, Backend::Database(_)) {
        checks.push(configuration(app));
        checks.extend(certificate(app, backend.now()));
        checks.extend(single_sign_on(app, backend.now()).await);
        checks.extend(other_accounts(app).await);
    }
    checks.extend(backend.doctor().await?);
    let is = |check: &Check, level: Level| check.level == level.as_str();
    let failed = checks.iter().any(|check| is(check, Level::Fail));
    app.printer.rows(&checks, "", |checks| {
        let mut table = Table::new(&["check", "level", "found, and what to do"]);
        table.wrap(2, WIDTH);
        for check in checks {
            let level = if is(check, Level::Ok) {
                check.level.clone()
            } else {
                check.level.to_uppercase()
            };
            table.row([&check.name, &level, &check.found]);
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
        name: "configuration".to_owned(),
        level: Level::Ok.as_str().to_owned(),
        found: format!("{own} set otherwise than by default; `weir config show` lists all"),
        remedy: None,
    }
}

/// Whether single sign-on could work, where it is configured.
async fn single_sign_on(app: &App, now: Timestamp) -> Option<Check> {
    match super::sso::provider(app) {
        Ok(sso) => Some(Check::of(sso?.check(now).await)),
        Err(error) => Some(Check {
            name: "single sign-on".to_owned(),
            level: Level::Fail.as_str().to_owned(),
            // The error says what to do.
            found: error.to_string(),
            remedy: None,
        }),
    }
}

/// Whether the roles in other accounts can be assumed: by them is read and denied what is there. Without
/// credentials others say so.
async fn other_accounts(app: &App) -> Option<Check> {
    let settings = &app.settings;
    let home = settings.rules.attribution.home_account.as_ref();
    let others = settings.aws.accounts.keys().filter(|id| home != Some(*id));
    let others: Vec<_> = others.collect();
    if others.is_empty() {
        return None;
    }
    let aws = connect(settings).await.ok()?;
    let mut unreached = Vec::new();
    for id in &others {
        if let Err(error) = Box::pin(aws.reaches(id)).await {
            unreached.push(error.to_string());
        }
    }
    let (level, found) = if unreached.is_empty() {
        (
            Level::Ok,
            format!("{} are reached by their roles", others.len()),
        )
    } else {
        // Each says what to do.
        (Level::Fail, unreached.join("; "))
    };
    Some(Check {
        name: "other accounts".to_owned(),
        level: level.as_str().to_owned(),
        found,
        remedy: None,
    })
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
        name: "certificate".to_owned(),
        level: level.as_str().to_owned(),
        found,
        remedy: remedy.map(str::to_owned),
    })
}
