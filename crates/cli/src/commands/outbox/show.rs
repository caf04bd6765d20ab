//! `weir outbox show ID`

use weir_config::Needs;

use super::super::Outcome;
use super::super::report::status::local;
use crate::app::App;
use crate::args::OutboxShowArgs;
use crate::exit::ExitStatus;
use crate::table::Table;

pub(crate) async fn run(app: &App, args: &OutboxShowArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let row = backend.message(&args.id).await?;
    if app.printer.is_json() {
        app.printer.json(&row)?;
        return Ok(ExitStatus::Ok);
    }
    let zone = backend.zone().await?;
    let text = serde_json::to_string_pretty(&row.message).unwrap_or_default();
    app.printer.line(&text)?;
    let reason = row.reason.as_deref().unwrap_or_default();
    app.printer.note(&format!(
        "{}, written {} {reason}",
        row.state,
        local(&row.created_at, &zone)
    ));
    let mut table = Table::new(&["channel", "to", "as", "state", ">tried", "why"]);
    for letter in &row.letters {
        table.row([
            letter.channel.as_str(),
            letter.recipient.as_deref().unwrap_or("everybody there"),
            &letter.audience,
            &letter.state,
            &letter.attempts.to_string(),
            letter.error.as_deref().unwrap_or_default(),
        ]);
    }
    app.printer.line(&table.to_string())?;
    Ok(ExitStatus::Ok)
}
