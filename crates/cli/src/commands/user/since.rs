//! `weir user set USER … --since DATE`

use serde::Serialize;
use weir_core::money::Usd;
use weir_engine::{Actor, Reattribute};
use weir_server::forms::{Access, CallsMoved, PastChanged};

use super::super::{Outcome, confirm};
use crate::app::App;
use crate::backend::Backend;
use crate::exit::{CliError, ExitStatus};
use crate::table::some;

/// What `--json` prints.
#[derive(Serialize)]
struct View<'a> {
    user_id: &'a str,
    since: &'a str,
    /// Invocations of the user since that day.
    invocations: u64,
    /// Those that change their team, as foreseen.
    moves: &'a [CallsMoved],
    /// `null` with `--dry-run`.
    changed: Option<u64>,
    #[serde(flatten)]
    access: &'a Access,
}

pub(crate) async fn run(
    app: &App,
    backend: &Backend,
    wanted: &Reattribute,
    dry_run: bool,
    by: &Actor,
) -> Outcome {
    let said = &wanted.said;
    if said.team.is_none() && said.person.is_none() && said.email.is_none() {
        return Err(CliError::Usage(
            "--since: say what past calls get: --team, --person or --email".to_owned(),
        ));
    }
    let foreseen = backend.foresee_past(wanted).await?;
    announce(app, &foreseen);
    if dry_run {
        return print(app, &foreseen);
    }
    confirm::yes(app, "Change the past?", true)?;
    print(app, &backend.change_past(wanted, by).await?)
}

pub(crate) fn announce(app: &App, foreseen: &PastChanged) {
    let PastChanged {
        user_id,
        since,
        invocations,
        moves,
        access,
        ..
    } = foreseen;
    let note = |text: &str| app.printer.note(text);
    note(&format!(
        "`{user_id}` has {} since {since}",
        some(*invocations, "invocation", "invocations")
    ));
    for CallsMoved {
        from,
        to,
        invocations,
        cost_usd,
        unpriced,
    } in moves
    {
        let open = match unpriced {
            0 => String::new(),
            unpriced => format!(" and {unpriced} without a price"),
        };
        let cost = cost_usd.parse::<Usd>();
        let cost = cost.map_or_else(|_| cost_usd.clone(), |cost| cost.to_string());
        note(&format!(
            "{invocations} of them, {cost}{open}, move from team {from} to {to}"
        ));
    }
    confirm::announce(app, &access.preview());
}

fn print(app: &App, past: &PastChanged) -> Outcome {
    let PastChanged {
        user_id,
        since,
        dry_run: _,
        invocations,
        moves,
        changed,
        access,
    } = past;
    if app.printer.is_json() {
        app.printer.json(&View {
            user_id,
            since,
            invocations: *invocations,
            moves,
            changed: *changed,
            access,
        })?;
    } else if let Some(changed) = changed {
        app.printer.note(&format!(
            "`{user_id}` is set; {} attributed anew",
            some(
                *changed,
                "invocation of the past is",
                "invocations of the past are"
            )
        ));
    } else {
        app.printer.note("nothing was changed");
    }
    Ok(ExitStatus::Ok)
}
