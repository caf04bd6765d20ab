//! `weir operator passwd|set|disable|enable NAME`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::args::{OperatorArgs, OperatorSetArgs};
use crate::exit::ExitStatus;

pub(crate) async fn passwd(app: &App, args: &OperatorArgs) -> Outcome {
    let (backend, by) = app.deciding(Needs::Reads, &args.by).await?;
    let password = super::password()?;
    backend.set_password(&args.name, &password, &by).await?;
    app.printer.note(&format!(
        "`{}` has another password; sessions have ended, tokens are still good",
        args.name
    ));
    Ok(ExitStatus::Ok)
}

pub(crate) async fn set(app: &App, args: &OperatorSetArgs) -> Outcome {
    let rights = super::rights(&args.rights)?;
    let (backend, by) = app.deciding(Needs::Reads, &args.who.by).await?;
    let name = &args.who.name;
    super::note_stranger(app, &backend, &rights).await?;
    backend.set_rights(name, rights, &by).await?;
    app.printer
        .note(&format!("`{name}` is {} from now on", args.rights.role));
    Ok(ExitStatus::Ok)
}

pub(crate) async fn enable(app: &App, args: &OperatorArgs, enabled: bool) -> Outcome {
    let (backend, by) = app.deciding(Needs::Reads, &args.by).await?;
    backend.enable_operator(&args.name, enabled, &by).await?;
    let what = if enabled {
        "can log in again"
    } else {
        "is shut out: sessions have ended, tokens are good for nothing"
    };
    app.printer.note(&format!("`{}` {what}", args.name));
    Ok(ExitStatus::Ok)
}
