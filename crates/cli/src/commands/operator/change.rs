//! `weir operator passwd|set|disable|enable NAME`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::args::{OperatorArgs, OperatorSetArgs};
use crate::exit::ExitStatus;

pub(crate) async fn passwd(app: &App, args: &OperatorArgs) -> Outcome {
    let engine = app.engine(Needs::Reads).await?;
    let password = super::password()?;
    let by = app.author(&args.by);
    engine
        .set_operator_password(&args.name, &password, &by)
        .await?;
    app.printer.note(&format!(
        "`{}` has another password; sessions have ended, tokens are still good",
        args.name
    ));
    Ok(ExitStatus::Ok)
}

pub(crate) async fn set(app: &App, args: &OperatorSetArgs) -> Outcome {
    let rights = super::rights(&args.rights)?;
    let engine = app.engine(Needs::Reads).await?;
    let (name, by) = (&args.who.name, app.author(&args.who.by));
    super::note_stranger(app, &engine, &rights).await?;
    engine.set_operator_rights(name, rights, &by).await?;
    app.printer
        .note(&format!("`{name}` is {} from now on", args.rights.role));
    Ok(ExitStatus::Ok)
}

pub(crate) async fn enable(app: &App, args: &OperatorArgs, enabled: bool) -> Outcome {
    let engine = app.engine(Needs::Reads).await?;
    let by = app.author(&args.by);
    engine.enable_operator(&args.name, enabled, &by).await?;
    let what = if enabled {
        "can log in again"
    } else {
        "is shut out: sessions have ended, tokens are good for nothing"
    };
    app.printer.note(&format!("`{}` {what}", args.name));
    Ok(ExitStatus::Ok)
}
