//! Handing out access with an operator's own rights: reads what IAM holds, has the core make a plan
//! of it, and carries the plan out step by step. Nothing that serves or ingests ever comes here.

mod around;
mod carry_out;
mod groups;
mod keys;
mod on_record;
mod people;
mod policies;
mod sync;
mod users;

pub use carry_out::{Carried, Line, Outcome, Shown};
pub use groups::Wish;
pub use keys::KeyLine;
pub use people::Wanted;
pub use sync::{Difference, Synced};
pub use users::{NewUser, UserInfo, UserUpdate};

use std::time::Duration;

use around::Around;

use weir_core::attribution::{self, Principal, PrincipalKind};
use weir_core::ids::UserId;
use weir_core::provision::FoundUser;
use weir_core::rulebook::Rulebook;

use crate::options::Actor;
use crate::ports::{EffectError, EffectErrorKind, Home, Provisioning};
use crate::{Engine, EngineError};

/// Pauses between attempts of something that AWS asks to try again.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// Hands out access in the home account, in somebody's name.
pub struct Provisioner<'a> {
    engine: &'a Engine,
    iam: &'a dyn Provisioning,
    by: Actor,
    home: Home,
    around: Option<Around>,
}

impl Engine {
    /// Whoever hands out access with these rights.
    pub async fn provisioner<'a>(
        &'a self,
        iam: &'a dyn Provisioning,
        by: Actor,
    ) -> Result<Provisioner<'a>, EngineError> {
        let home = patiently(|| iam.home()).await?;
        Ok(Provisioner {
            engine: self,
            iam,
            by,
            home,
            around: None,
        })
    }
}

impl Provisioner<'_> {
    /// The account.
    pub fn home(&self) -> &Home {
        &self.home
    }

    fn principal(&self, iam_user: &str) -> Principal {
        Principal {
            account: self.home.account.clone(),
            kind: PrincipalKind::IamUser,
            name: iam_user.to_owned(),
            session: None,
        }
    }

    /// Whose calls those of an IAM user of this account are, as for each call: by whoever bears the name
    /// now, else by what was linked, else by the name (rules A1, A9).
    fn user_of(&self, iam_user: &FoundUser, rules: &Rulebook) -> UserId {
        self.user_named(&iam_user.name, Some(iam_user), rules)
    }

    /// The same by a name of which IAM may have no user.
    fn user_named(&self, name: &str, found: Option<&FoundUser>, rules: &Rulebook) -> UserId {
        let id = found.map(|found| found.stable_id.as_str());
        let id = id.filter(|id| !id.is_empty());
        attribution::user_of(&self.principal(name), id, self.engine.wall(), rules)
    }

    /// Whom the name itself means, whatever was linked.
    fn by_itself(&self, iam_user: &str, rules: &Rulebook) -> UserId {
        let home = rules.settings.attribution.home_account.as_ref();
        attribution::user_id(&self.principal(iam_user), home)
    }
}

/// Asks again, a few times, where AWS says that it may help.
pub(crate) async fn patiently<T, F>(ask: impl Fn() -> F) -> Result<T, EffectError>
where
    F: Future<Output = Result<T, EffectError>>,
{
    for pause in PAUSES {
        match ask().await {
            Err(error) if error.kind == EffectErrorKind::Retry => {
                tracing::info!(%error, "asking again");
                tokio::time::sleep(pause).await;
            }
            answer => return answer,
        }
    }
    ask().await
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn refused(why: impl ToString) -> EngineError {
    EngineError::Refused(why.to_string())
}
