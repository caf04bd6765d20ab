//! Whether the roles whose session names are trusted deserve it (rules A3).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use weir_core::ids::AccountId;
use weir_core::trust::{self, SessionName};

use super::finding::{Finding, say, some};
use crate::notify::Language;
use crate::ports::{Directory, EffectErrorKind};
use crate::{Engine, EngineError};

/// More new names of one role in a day are made up by callers.
const MANY_NAMES: u64 = 50;
const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Engine {
    pub(super) async fn check_session_names(
        &self,
        language: Language,
    ) -> Result<Finding, EngineError> {
        let rules = self.rules().await?;
        let attribution = &rules.settings.attribution;
        if attribution.session_roles.is_empty() {
            return Ok(Finding::ok(say!(
                language,
                "those of no role are trusted",
                "no se confía en los de ningún rol",
            )));
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
                    wrong.push(say!(
                        language,
                        "`{role}` in {account} showed {new_names} new names within a day",
                        "`{role}` en {account} mostró {new_names} nombres nuevos en un día",
                    ));
                }
                if let Some(directory) = &self.directory {
                    wrong.extend(distrust(language, &**directory, account, role).await);
                }
            }
        }
        if self.directory.is_none() {
            wrong.push(say!(
                language,
                "trust policies cannot be read without AWS credentials",
                "sin credenciales de AWS no se pueden leer las políticas de confianza",
            ));
        }
        Ok(match wrong.as_slice() {
            [] => Finding::ok(say!(
                language,
                "trusted ones are fixed by trust policies",
                "los de confianza están fijados por políticas de confianza",
            )),
            wrong => Finding::warn(
                some(language, wrong),
                say!(
                    language,
                    "have every statement that allows sts:AssumeRole ask for \"StringEquals\": \
                     {{\"sts:RoleSessionName\": \"${{aws:username}}\"}} (or the like), or take the role \
                     off attribution.session_roles",
                    "haga que toda declaración que permite sts:AssumeRole exija \"StringEquals\": \
                     {{\"sts:RoleSessionName\": \"${{aws:username}}\"}} (o similar), o quite el rol de \
                     attribution.session_roles",
                ),
            ),
        })
    }
}

/// Why the session names of a role are not to be trusted, if they are not.
async fn distrust(
    language: Language,
    directory: &dyn Directory,
    account: &AccountId,
    role: &str,
) -> Option<String> {
    let policy = match directory.trust_policy(account, role).await {
        Ok(policy) => policy,
        Err(error) if error.kind == EffectErrorKind::Gone => {
            return Some(say!(
                language,
                "`{role}` is no role in {account}",
                "`{role}` no es un rol en {account}",
            ));
        }
        Err(error) => return Some(error.to_string()),
    };
    match trust::session_name(&policy) {
        Ok(SessionName::Pinned) => None,
        Ok(SessionName::Chosen(place)) => Some(say!(
            language,
            "callers of `{role}` in {account} choose their names: {place} of its trust policy \
             does not fix sts:RoleSessionName",
            "quien usa `{role}` en {account} elige su nombre: {place} de su política de confianza no fija \
             sts:RoleSessionName",
        )),
        Err(error) => Some(say!(
            language,
            "`{role}` in {account}: {error}",
            "`{role}` en {account}: {error}",
        )),
    }
}
