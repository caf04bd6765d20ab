//! `weir quota unset SCOPE METRIC WINDOW`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::args::QuotaUnsetArgs;
use crate::backend::QuotaEdit;
use crate::exit::ExitStatus;

pub(crate) async fn run(app: &App, args: QuotaUnsetArgs) -> Outcome {
    let QuotaUnsetArgs {
        scope,
        metric,
        window,
        by,
    } = args;
    let (backend, by) = app.deciding(Needs::Decides, &by).await?;
    let edit = QuotaEdit::Unset(scope.clone(), metric, window);
    super::edit(app, &backend, &edit, &by).await?;
    app.printer
        .note(&format!("{scope}: {metric} per {window} is no longer set"));
    Ok(ExitStatus::Ok)
}
