//! `weir quota show USER|SCOPE`

use weir_config::Needs;
use weir_core::ids::UserId;
use weir_core::quota::Scope;

use super::super::Outcome;
use crate::app::App;
use crate::args::QuotaShowArgs;
use crate::exit::{CliError, ExitStatus};

pub(crate) async fn run(app: &App, args: &QuotaShowArgs) -> Outcome {
    let text = args.scope.as_str();
    // A bare name is a user: user ids may hold `:` nowhere else than after a scope's word.
    let scope = match text.parse::<Scope>() {
        Ok(scope) => scope,
        Err(_) if !text.contains(':') => Scope::User(UserId::new(text)),
        Err(error) => return Err(CliError::Usage(format!("USER|SCOPE: {error}"))),
    };
    let backend = app.backend(Needs::Reads).await?;
    let quotas = backend.quotas_of(&scope).await?;
    if quotas.is_empty() {
        return Err(CliError::NotFound(format!("no quota is set for {scope}")));
    }
    super::list::print(app, &quotas, &backend.zone().await?)?;
    Ok(ExitStatus::Ok)
}
