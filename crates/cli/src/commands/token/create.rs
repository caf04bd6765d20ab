//! `weir token create OPERATOR`

use weir_config::Needs;
use weir_engine::NewToken;

use super::super::Outcome;
use crate::app::App;
use crate::args::TokenCreateArgs;
use crate::exit::{CliError, ExitStatus};

pub(crate) async fn run(app: &App, args: &TokenCreateArgs) -> Outcome {
    let term = weir_core::duration::parse(&args.for_)
        .map_err(|error| CliError::Usage(format!("--for: {error}")))?;
    let (backend, by) = app.deciding(Needs::Reads, &args.by).await?;
    let new = NewToken {
        operator: args.operator.clone(),
        label: args.label.clone(),
        role: args.role,
        term,
    };
    let made = backend.make_token(&new, &args.for_, &by).await?;
    let token = &made.token;
    app.printer.note(&format!(
        "token {} of `{}`, good until {}; it is shown once",
        token.id, token.operator, token.expires_at
    ));
    if app.printer.is_json() {
        app.printer.json(&made)?;
    } else {
        app.printer
            .line(made.secret.as_deref().unwrap_or_default())?;
    }
    Ok(ExitStatus::Ok)
}
