//! `weir token list`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::args::TokenListArgs;
use crate::exit::ExitStatus;
use crate::table::{Table, or_dash};
use weir_server::forms::Token;

pub(crate) async fn run(app: &App, args: &TokenListArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let tokens = backend.tokens(args.operator.as_ref()).await?;
    app.printer.rows(
        &tokens,
        "no tokens: weir token create OPERATOR --label …",
        table,
    )?;
    Ok(ExitStatus::Ok)
}

fn table(tokens: &[Token]) -> Table {
    let mut table = Table::new(&[
        "token", "operator", "role", "for", "expires", "revoked", "used",
    ]);
    for token in tokens {
        table.row([
            &token.id,
            &token.operator,
            &token.role,
            &token.label,
            &token.expires_at,
            or_dash(token.revoked_at.as_deref()),
            or_dash(token.used_at.as_deref()),
        ]);
    }
    table
}
