//! `weir enforce status`

use weir_config::Needs;
use weir_core::access::TargetState;

use super::{super::Outcome, mode};
use crate::app::App;
use crate::args::EnforceStatusArgs;
use crate::commands::report::status::local;
use crate::exit::ExitStatus;
use crate::table::{Table, or_dash};

/// States in which something is still to be done for nobody's denial: a removal.
fn is_open(state: &str) -> bool {
    use TargetState::{Applied, Failed, Requested, Verified};
    let mut open = [Applied, Failed, Requested, Verified].into_iter();
    open.any(|known| known.as_str() == state)
}

pub(crate) async fn run(app: &App, args: &EnforceStatusArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let mut rows = backend.targets(args.all).await?;
    // A target that once could not be denied, and denies nobody now, is history.
    rows.retain(|row| args.all || !row.denied.is_empty() || is_open(&row.state));
    let zone = &backend.zone().await?;
    mode::note_of(app, &backend).await?;
    app.printer
        .rows(&rows, "nobody is denied anything", |rows| {
            let mut table = Table::new(&[
                "target",
                "denied",
                "state",
                "asked",
                "verified",
                "first denied",
                ">tries",
                "last error",
            ]);
            for row in rows {
                let time = |at: &Option<String>| {
                    at.as_ref()
                        .map_or_else(|| "-".to_owned(), |at| local(at, zone))
                };
                table.row([
                    &row.target,
                    or_dash(Some(&row.denied.join(", "))),
                    &row.state,
                    &time(&row.requested_at),
                    &time(&row.verified_at),
                    &time(&row.first_denied_at),
                    &row.attempts.to_string(),
                    or_dash(row.last_error.as_deref()),
                ]);
            }
            table
        })?;
    Ok(ExitStatus::Ok)
}
