//! `weir user link PRINCIPAL USER`

use weir_config::Needs;
use weir_core::ids::UserId;
use weir_server::forms::Linked;

use super::super::{Outcome, confirm};
use crate::app::App;
use crate::args::UserLinkArgs;
use crate::exit::ExitStatus;

pub(crate) async fn run(app: &App, args: &UserLinkArgs) -> Outcome {
    let (backend, by) = app.deciding(Needs::Decides, &args.plan.by).await?;
    let user = UserId::new(args.user.trim());
    let foreseen = backend.foresee_link(&args.principal, &user).await?;
    if !backend.is_known(&user).await? {
        app.printer.note(&format!(
            "`{user}` has not been seen yet and is created; if that is not who was meant, link to another"
        ));
    }
    let effects = announced(&foreseen);
    for effect in &effects {
        app.printer.note(effect);
    }
    if !effects.is_empty() && !args.plan.dry_run {
        confirm::yes(app, "Go on?", foreseen.denies())?;
    }
    if args.plan.dry_run {
        app.printer.note(&format!(
            "calls of {} would count for `{user}`; nothing was changed",
            args.principal
        ));
        return Ok(ExitStatus::Ok);
    }
    backend.link(&args.principal, &user, &by).await?;
    app.printer.note(&format!(
        "calls of {} count for `{user}` from now on; calls of the past stay where they are",
        args.principal
    ));
    Ok(ExitStatus::Ok)
}

/// Who would be denied or freed by it, and what.
fn announced(foreseen: &Linked) -> Vec<String> {
    let Linked {
        principal,
        dry_run: _,
        before,
        after,
        was_blocked,
        is_blocked,
        denied_in_part,
        released_in_part,
    } = foreseen;
    let whole = match (was_blocked, is_blocked) {
        (false, true) => Some(format!("{principal} would be denied: `{after}` is blocked")),
        (true, false) => Some(format!(
            "{principal} would be released: it is denied as `{before}`, and `{after}` is not blocked"
        )),
        _ => None,
    };
    let listed = |parts: &[String]| confirm::list(&parts.iter().collect());
    let denied = listed(denied_in_part)
        .map(|parts| format!("{principal} would be denied, as `{after}` is: {parts}"));
    let released = listed(released_in_part)
        .map(|parts| format!("{principal} would be given back what `{before}` is denied: {parts}"));
    [whole, denied, released].into_iter().flatten().collect()
}
