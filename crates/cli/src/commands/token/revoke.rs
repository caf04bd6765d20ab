//! `weir token revoke ID`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::args::TokenRevokeArgs;
use crate::exit::ExitStatus;

pub(crate) async fn run(app: &App, args: &TokenRevokeArgs) -> Outcome {
    let (backend, by) = app.deciding(Needs::Reads, &args.by).await?;
    backend.revoke_token(&args.id, &by).await?;
    app.printer.note(&format!("token {} is revoked", args.id));
    Ok(ExitStatus::Ok)
}
