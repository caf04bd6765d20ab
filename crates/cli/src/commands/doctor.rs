//! `weir doctor`

use weir_config::Needs;
use weir_engine::{Check, Level};

use super::Outcome;
use crate::app::App;
use crate::exit::ExitStatus;
use crate::table::Table;

/// Characters of a line of what was found: with the other columns, few more than a hundred.
const WIDTH: u16 = 84;

pub(crate) async fn run(app: &App) -> Outcome {
    let engine = app.engine(Needs::Aws).await?;
    let mut checks = vec![configuration(app)];
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
