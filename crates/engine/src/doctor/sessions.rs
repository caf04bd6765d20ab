//! Whether the roles whose session names are trusted deserve it (rules A3).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use weir_core::ids::AccountId;
use weir_core::trust::{self, SessionName};

use super::{Finding, some};
use crate::ports::{Directory, EffectErrorKind};
use crate::{Engine, EngineError};

/// More new names of one role in a day are made up by callers.
const MANY_NAMES: u64 = 50;
const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Engine {
    pub(super) async fn check_session_names(&self) -> Result<Finding, EngineError> {
        let rules = self.rules().await?;
        let attribution = &rules.settings.attribution;
        if attribution.session_roles.is_empty() {
            return Ok(Finding::ok("those of no role are trusted"));
        }
        let since = self.now().saturating_sub(DAY).unwrap_or(Timestamp::MIN);
        let seen = self.store.session_roles(since).await?;
        let mut wrong = Vec::new();
        for role in &attribution.session_roles {
            // The home account counts although nobody came yet.
            let home = attribution.home_account.iter().map(|home| (home, 0));
            let mut accounts: BTreeMap<_, u64> = home.collect();
            let of_role = seen.iter().filter(|row| row.role == *role);
            accounts.extend(of_role.map(|row| (&row.account, row.new_names)));
            for (account, new_names) in accounts {
                if new_names > MANY_NAMES {
                    wrong.push(format!(
                        "`{role}` in {account} showed {new_names} new names within a day"
                    ));
                }
                if let Some(directory) = &self.directory {
                    wrong.extend(distrust(&**directory, account, role).await);
                }
            }
        }
        if self.directory.is_none() {
            wrong.push("trust policies cannot be read without AWS credentials".to_owned());
        }
        Ok(match wrong.as_slice() {
            [] => Finding::ok("trusted ones are fixed by trust policies"),
            wrong => Finding::warn(
                some(wrong),
                "have every statement that allows sts:AssumeRole ask for \"StringEquals\": \
                 {\"sts:RoleSessionName\": \"${aws:username}\"} (or the like), or take the role \
                 off attribution.session_roles",
            ),
        })
    }
}

/// Why the session names of a role are not to be trusted, if they are not.
async fn distrust(directory: &dyn Directory, account: &AccountId, role: &str) -> Option<String> {
    let policy = match directory.trust_policy(account, role).await {
        Ok(policy) => policy,
        Err(error) if error.kind == EffectErrorKind::Gone => {
            return Some(format!("`{role}` is no role in {account}"));
        }
        Err(error) => return Some(error.to_string()),
    };
    match trust::session_name(&policy) {
        Ok(SessionName::Pinned) => None,
        Ok(SessionName::Chosen(place)) => Some(format!(
            "callers of `{role}` in {account} choose their names: {place} of its trust policy \
             does not fix sts:RoleSessionName"
        )),
        Err(error) => Some(format!("`{role}` in {account}: {error}")),
    }
}
