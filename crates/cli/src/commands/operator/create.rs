//! `weir operator create NAME`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::args::OperatorCreateArgs;
use crate::exit::ExitStatus;

pub(crate) async fn run(app: &App, args: &OperatorCreateArgs) -> Outcome {
    let rights = super::rights(&args.rights)?;
    let engine = app.engine(Needs::Reads).await?;
    let password = super::password()?;
    let (name, by) = (&args.who.name, app.author(&args.who.by));
    super::note_stranger(app, &engine, &rights).await?;
    engine.create_operator(name, rights, &password, &by).await?;
    app.printer
        .note(&format!("`{name}` can log in as {}", args.rights.role));
    Ok(ExitStatus::Ok)
}
