//! `weir audit verify`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::args::AuditVerifyArgs;
use crate::exit::ExitStatus;

pub(crate) async fn run(app: &App, args: &AuditVerifyArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let verified = backend.verify_audit(args.anchor.as_deref()).await?;
    if app.printer.is_json() {
        app.printer.json(&verified)?;
    } else {
        match &verified.problem {
            None => app.printer.line(&format!(
                "{} entries fit; head {}",
                verified.entries, verified.head
            ))?,
            Some(problem) => app.printer.line(&format!(
                "BROKEN after {} entries: {problem}",
                verified.entries
            ))?,
        }
        if let Some(trimmed) = &verified.trimmed {
            app.printer.note(&format!(
                "entries 1 to {} left after their term: they were older than {}, the last of them left at {} (`weir \
                 audit list --operation audit-trim`)",
                trimmed.entries, trimmed.older_than, trimmed.at
            ));
        }
        if verified.replaced > 0 {
            app.printer.note(&format!(
                "{} entries hold a pseudonym for somebody who was forgotten: what they said before is not \
                 proved, that Weir replaced it and by what is (`weir audit list --operation audit-replace`)",
                verified.replaced
            ));
        }
        app.printer.note(&verified.caveat);
    }
    Ok(if verified.ok {
        ExitStatus::Ok
    } else {
        ExitStatus::Failed
    })
}
