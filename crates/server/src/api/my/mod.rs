//! What a developer sees: what concerns their own user, and nothing else.

pub(super) mod days;
pub(super) mod usage;

use weir_store::UserRow;

use super::{Api, SignedIn};
use crate::problem::Problem;

/// The caller's own user. Nobody else is named, not even names like theirs.
async fn own(api: &Api, who: &SignedIn) -> Result<UserRow, Problem> {
    let user = who.own()?;
    let row = api.engine.store().user(user).await;
    row.map_err(Problem::of_store)?.ok_or_else(|| {
        Problem::not_found(format!(
            "Weir has not seen `{user}` yet: there is something to show after the first call, and if there \
             was one, an admin links the account to its user"
        ))
    })
}
