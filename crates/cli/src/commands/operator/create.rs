//! `weir operator create NAME`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::args::OperatorCreateArgs;
use crate::exit::ExitStatus;

pub(crate) async fn run(app: &App, args: &OperatorCreateArgs) -> Outcome {
    let rights = super::rights(&args.rights)?;
    let (backend, by) = app.deciding(Needs::Reads, &args.who.by).await?;
    let password = super::password()?;
    let name = &args.who.name;
    super::note_stranger(app, &backend, &rights).await?;
    backend
        .create_operator(name, rights, &password, &by)
        .await?;
    app.printer
        .note(&format!("`{name}` can log in as {}", args.rights.role));
    Ok(ExitStatus::Ok)
}
