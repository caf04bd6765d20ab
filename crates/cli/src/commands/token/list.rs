//! `weir token list`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::args::TokenListArgs;
use crate::exit::ExitStatus;
use crate::table::{Table, or_dash};
use weir_server::ApiToken;

pub(crate) async fn run(app: &App, args: &TokenListArgs) -> Outcome {
    let engine = app.engine(Needs::Reads).await?;
    let tokens = engine.tokens(args.operator.as_ref()).await?;
    let tokens: Vec<_> = tokens.into_iter().map(ApiToken::of).collect();
    app.printer.rows(
        &tokens,
        "no tokens: weir token create OPERATOR --label …",
        table,
    )?;
    Ok(ExitStatus::Ok)
}

fn table(tokens: &[ApiToken]) -> Table {
    let mut table = Table::new(&[
        "token", "operator", "role", "for", "expires", "revoked", "used",
    ]);
    for token in tokens {
        table.row([
            &token.id,
            &token.operator,
            token.role,
            &token.label,
            &token.expires_at,
            or_dash(token.revoked_at.as_deref()),
            or_dash(token.used_at.as_deref()),
        ]);
    }
    table
}
