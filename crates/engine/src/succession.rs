//! Somebody else under a known name (rules A9): a user of its own, told at once, until an administrator
//! says whose it is (`docs/decisions/0009-another-holder-of-a-name.md`).

use serde_json::json;
use weir_core::attribution::{self, Holder, Principal, Succession};
use weir_core::audit::Entry;
use weir_core::ids::UserId;
use weir_core::rulebook::Rulebook;
use weir_store::{RuleChange, StoreError};

use crate::options::Actor;
use crate::{Engine, EngineError};

/// A user whose identity came under a known name, and nobody has said whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newcomer {
    /// The user it is until then.
    pub user: UserId,
    /// The name.
    pub principal: Principal,
    /// The user it becomes when it is confirmed.
    pub becomes: UserId,
}

impl Engine {
    /// Makes other identities under known names users of their own. Where somebody else changed the
    /// rules since they were found, nothing: whoever settles again finds what is left.
    pub(crate) async fn succeed(
        &self,
        found: Vec<Succession>,
        version: u64,
    ) -> Result<(), EngineError> {
        let entries = found.iter().map(|one| self.succession_entry(one)).collect();
        for one in &found {
            tracing::warn!(user = %one.after.user, "another identity under a known name: {one}");
        }
        let changes = found
            .into_iter()
            .map(|one| RuleChange::Succeed(one, version))
            .collect();
        match self.store.change_rules(changes, entries).await {
            Err(StoreError::StaleRules { .. }) => Ok(()),
            done => Ok(done.map(|_| ())?),
        }
    }

    fn succession_entry(&self, succession: &Succession) -> Entry {
        let Succession {
            principal,
            before,
            after,
        } = succession;
        let user = &after.user;
        let reason = format!(
            "another identity bears the name {principal}; it inherits nothing of `{}` until \
             `weir user confirm {user}`",
            before.user
        );
        let subject = format!("user:{user}");
        let mut entry = self.entry("user-succession", subject, reason, &Self::weir());
        entry.before = Some(holder_json(before));
        entry.after = Some(holder_json(after));
        entry
    }

    /// Users whose identity came under a known name and who were not confirmed.
    pub async fn newcomers(&self) -> Result<Vec<Newcomer>, EngineError> {
        Ok(newcomers_in(&*self.reload_rules().await?))
    }

    /// Makes a newcomer the user whose name it bears, for its calls from now on. Returns who that is.
    /// Saying it again changes nothing.
    pub async fn confirm(&self, user: &UserId, by: &Actor) -> Result<Vec<UserId>, EngineError> {
        let mut found = newest(&*self.reload_rules().await?);
        found.retain(|(newcomer, _)| newcomer.user == *user);
        if found.is_empty() {
            self.known(user).await?;
            return Err(EngineError::Refused(format!(
                "`{user}` is not another identity under a known name, or no longer bears it: \
                 `weir doctor` lists those who wait to be confirmed"
            )));
        }
        let mut became = Vec::new();
        for (newcomer, _) in found {
            self.link(&newcomer.principal, &newcomer.becomes, by)
                .await?;
            became.push(newcomer.becomes);
        }
        became.dedup();
        Ok(became)
    }
}

/// Users whose identity came under a known name and who were not confirmed, by these rules.
pub fn newcomers_in(rules: &Rulebook) -> Vec<Newcomer> {
    let found = newest(rules).into_iter();
    let waiting = found.filter(|(_, is_confirmed)| !is_confirmed);
    waiting.map(|(newcomer, _)| newcomer).collect()
}

/// Of each name that several bore the newest holder, and whether somebody said whose it is. Earlier
/// ones bear no name any more.
fn newest(rules: &Rulebook) -> Vec<(Newcomer, bool)> {
    let home = rules.settings.attribution.home_account.as_ref();
    let mut found = Vec::new();
    for (principal, holders) in &rules.holders {
        let Some((newest, earlier)) = holders.split_last() else {
            continue;
        };
        let becomes = if newest.confirmed {
            Some(newest)
        } else {
            earlier.iter().rfind(|holder| holder.confirmed)
        };
        if let Some(becomes) = becomes {
            let newcomer = Newcomer {
                user: attribution::newcomer(principal, &newest.stable_id, home),
                principal: principal.clone(),
                becomes: becomes.user.clone(),
            };
            found.push((newcomer, newest.confirmed));
        }
    }
    found.sort_by(|(a, _), (b, _)| (&a.user, &a.principal).cmp(&(&b.user, &b.principal)));
    found
}

fn holder_json(holder: &Holder) -> String {
    json!({
        "user": holder.user.as_str(),
        "stable_id": holder.stable_id,
        "since": holder.since.to_string(),
    })
    .to_string()
}
