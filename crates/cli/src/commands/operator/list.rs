//! `weir operator list`

use weir_config::Needs;

use super::super::Outcome;
use crate::app::App;
use crate::exit::ExitStatus;
use crate::table::{Table, or_dash};
use weir_server::forms::Operator;

pub(crate) async fn run(app: &App) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let operators = backend.operators().await?;
    app.printer.rows(
        &operators,
        "no operators yet: weir operator create NAME --role admin",
        table,
    )?;
    Ok(ExitStatus::Ok)
}

fn table(operators: &[Operator]) -> Table {
    let mut table = Table::new(&["operator", "role", "team", "user", "log in", "last log-in"]);
    for operator in operators {
        let may = match (&operator.disabled_at, &operator.issuer) {
            (Some(_), _) => "disabled",
            (None, Some(_)) => "single sign-on",
            (None, None) => "yes",
        };
        table.row([
            &operator.name,
            &operator.role,
            or_dash(operator.team.as_deref()),
            or_dash(operator.user.as_deref()),
            may,
            or_dash(operator.last_login_at.as_deref()),
        ]);
    }
    table
}
