//! `weir config show`

use super::super::Outcome;
use crate::app::App;
use crate::exit::ExitStatus;
use crate::table::Table;

pub(crate) fn run(app: &App) -> Outcome {
    app.printer
        .rows(&app.settings.items, "there are no settings", |items| {
            let mut table = Table::new(&["setting", "value", "from"]);
            for item in items {
                table.row([&item.key, &item.value, &item.source]);
            }
            table
        })?;
    Ok(ExitStatus::Ok)
}
