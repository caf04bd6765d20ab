//! People who use Weir itself.

pub(super) mod create;
pub(super) mod edit;
pub(super) mod list;

use weir_core::attribution::team_name;
use weir_core::ids::UserId;
use weir_core::operator::{BadRights, OperatorName, Rights, Role};
use weir_store::OperatorRow;

use super::Api;
use crate::problem::Problem;

/// Rights from the words of a body.
fn rights(role: &str, team: Option<&str>, user: Option<&str>) -> Result<Rights, Problem> {
    let wrong = |error: String| Problem::bad_request(format!("the body: {error}"));
    let role: Role = role
        .parse()
        .map_err(|error| wrong(format!("role: {error}")))?;
    let rights = Rights::new(
        role,
        team.map(team_name),
        user.map(|user| UserId::new(user.trim())),
    );
    rights.map_err(|error| {
        let field = match error {
            BadRights::NoTeam | BadRights::NeedlessTeam => "team",
            BadRights::NoUser | BadRights::NeedlessUser => "user",
        };
        wrong(format!("{field}: {error}"))
    })
}

/// A name that an operator can have.
fn named(text: &str) -> Result<OperatorName, Problem> {
    let name = OperatorName::new(text);
    name.map_err(|_| Problem::not_found(format!("no operator `{text}`")))
}

/// The operator of that name.
async fn known(api: &Api, name: &OperatorName) -> Result<OperatorRow, Problem> {
    let row = api.engine.store().operators().operator(name).await;
    let row = row.map_err(Problem::of_store)?;
    row.ok_or_else(|| Problem::not_found(format!("no operator `{name}`")))
}
