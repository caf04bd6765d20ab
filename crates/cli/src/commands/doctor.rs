//! `weir doctor`

use weir_config::Needs;
use weir_engine::Level;
use weir_server::forms::Check;

use super::Outcome;
use crate::app::App;
use crate::backend::Backend;
use crate::exit::ExitStatus;
use crate::table::Table;

/// Characters of a line of what was found: with the other columns, few more than a hundred.
const WIDTH: u16 = 84;

pub(crate) async fn run(app: &App) -> Outcome {
    let backend = app.backend(Needs::Aws).await?;
    let mut checks = Vec::new();
    // The server's settings are not ours.
    if matches!(backend, Backend::Database(_)) {
        checks.push(configuration(app));
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
        found: format!("{own} settings are not the default; `weir config show` lists all"),
        remedy: None,
    }
}
