//! `weir token revoke ID`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::args::TokenRevokeArgs;
use crate::exit::{CliError, ExitStatus};

pub(crate) async fn run(app: &App, args: &TokenRevokeArgs) -> Outcome {
    let engine = app.engine(Needs::Reads).await?;
    if !engine.revoke_token(&args.id, &app.author(&args.by)).await? {
        return Err(CliError::NotFound(format!(
            "no token `{}` that is not revoked already: weir token list",
            args.id
        )));
    }
    app.printer.note(&format!("token {} is revoked", args.id));
    Ok(ExitStatus::Ok)
}
