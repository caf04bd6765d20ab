//! `weir enforce status`

use weir_config::Needs;
use weir_core::access::TargetState;
use weir_core::ids::UserId;

use super::{super::Outcome, mode};
use crate::app::App;
use crate::args::EnforceStatusArgs;
use crate::commands::report::status::local;
use crate::exit::ExitStatus;
use crate::table::{Table, or_dash};

/// States in which something is still to be done for nobody's denial: a removal.
fn is_open(state: TargetState) -> bool {
    use TargetState::{Applied, Failed, Requested, Verified};
    matches!(state, Applied | Failed | Requested | Verified)
}

pub(crate) async fn run(app: &App, args: &EnforceStatusArgs) -> Outcome {
    let engine = app.engine(Needs::Reads).await?;
    let mut rows = engine.enforcement(args.all).await?;
    // A target that once could not be denied, and denies nobody now, is history.
    rows.retain(|row| args.all || !row.denied.is_empty() || is_open(row.state));
    let zone = &engine.rules().await?.zone;
    mode::note(app, &engine).await?;
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
                let denied: Vec<_> = row.denied.iter().map(UserId::as_str).collect();
                let time = |at: &Option<String>| {
                    at.as_ref()
                        .map_or_else(|| "-".to_owned(), |at| local(at, zone))
                };
                table.row([
                    &row.target.to_string(),
                    or_dash(Some(&denied.join(", "))),
                    row.state.as_str(),
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
