//! `weir retention show`

use serde::Serialize;
use weir_config::Needs;
use weir_store::Retained;

use super::super::Outcome;
use crate::app::App;
use crate::exit::ExitStatus;
use crate::table::Table;

/// How long one kind of thing is kept.
#[derive(Serialize)]
struct Term {
    what: &'static str,
    kept: String,
    /// RFC 3339: what is older leaves with the next reset; `None` stays.
    older_than: Option<String>,
}

pub(crate) async fn run(app: &App) -> Outcome {
    let engine = app.engine(Needs::Reads).await?;
    let rules = engine.rules().await?;
    let kept = app.settings.retention;
    let audit = Term {
        what: "audit",
        kept: weir_config::short(kept.audit),
        older_than: Some(engine.audit_kept_from().to_string()),
    };
    let term = |what: Retained, kept: String| Term {
        what: what.as_str(),
        kept,
        older_than: Some(engine.kept_from(what, &rules).to_string()),
    };
    let stays = |what| Term {
        what,
        kept: "for ever".to_owned(),
        older_than: None,
    };
    let short = weir_config::short;
    let terms = [
        term(Retained::Invocations, short(kept.invocations)),
        term(Retained::ClientFacts, short(kept.client_facts)),
        term(Retained::DeadLetters, short(kept.dead_letters)),
        term(Retained::Outbox, short(kept.outbox)),
        term(Retained::Warnings, "until their window is over".to_owned()),
        audit,
        stays("totals"),
        stays("blocks"),
    ];
    app.printer.rows(&terms, "nothing", |terms| {
        let mut table = Table::new(&["what", "kept", "leaves if older than"]);
        for term in terms {
            let older = term
                .older_than
                .as_deref()
                .and_then(|at| at.parse().ok())
                .map_or_else(|| "-".to_owned(), |at| rules.zone.display(at));
            table.row([term.what, &term.kept, &older]);
        }
        table
    })?;
    Ok(ExitStatus::Ok)
}
