//! `weir token create OPERATOR`

use weir_config::Needs;
use weir_engine::NewToken;

use super::super::Outcome;
use crate::app::App;
use crate::args::TokenCreateArgs;
use crate::exit::{CliError, ExitStatus};
use weir_server::{ApiToken, MadeToken};

pub(crate) async fn run(app: &App, args: &TokenCreateArgs) -> Outcome {
    let term = weir_core::duration::parse(&args.for_)
        .map_err(|error| CliError::Usage(format!("--for: {error}")))?;
    let engine = app.engine(Needs::Reads).await?;
    let new = NewToken {
        operator: args.operator.clone(),
        label: args.label.clone(),
        role: args.role,
        term,
    };
    let made = engine.make_token(&new, &app.author(&args.by)).await?;
    let secret = made.secret.expose().to_owned();
    let token = ApiToken::of(made.token);
    app.printer.note(&format!(
        "token {} of `{}`, good until {}; it is shown once",
        token.id, token.operator, token.expires_at
    ));
    if app.printer.is_json() {
        app.printer.json(&MadeToken {
            secret: Some(secret),
            token,
        })?;
    } else {
        app.printer.line(&secret)?;
    }
    Ok(ExitStatus::Ok)
}
