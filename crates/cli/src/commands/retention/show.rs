//! `weir retention show`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::exit::ExitStatus;
use crate::table::Table;

pub(crate) async fn run(app: &App) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let terms = backend.retention().await?;
    let zone = &backend.zone().await?;
    app.printer.rows(&terms, "nothing", |terms| {
        let mut table = Table::new(&["what", "kept", "leaves if older than"]);
        for term in terms {
            let older = term
                .older_than
                .as_deref()
                .and_then(|at| at.parse().ok())
                .map_or_else(|| "-".to_owned(), |at| zone.display(at));
            table.row([&term.what, &term.kept, &older]);
        }
        table
    })?;
    Ok(ExitStatus::Ok)
}
