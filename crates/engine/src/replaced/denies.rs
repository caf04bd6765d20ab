//! Whom the replaced system denies still: its functions are stopped, and nothing takes their Denies out. Weir does,
//! where somebody asks for it, with that person's own rights, and after its own Deny was read back.

use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use weir_core::access::{TargetKey, TargetKind, TargetState};
use weir_core::audit::Entry;
use weir_core::ids::UserId;
use weir_core::replaced;

use super::ImportPlan;
use crate::options::Actor;
use crate::ports::{EffectError, Provisioning};
use crate::provision::patiently;
use crate::{Engine, EngineError};

/// Pauses between looks at a policy that shows its old text still.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// A Deny of the replaced system that is in IAM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OldDeny {
    /// Whom it denies.
    pub user: UserId,
    /// The inline policy of the IAM user.
    pub old_policy: String,
    /// The statement in it.
    pub old_statement: &'static str,
    /// What keeps them out without it.
    pub instead: Instead,
    #[serde(skip)]
    target: TargetKey,
}

/// What keeps somebody out once the old Deny is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Instead {
    /// Weir's own Deny, which is read back.
    OwnDeny,
    /// A block whose Deny is not in IAM yet, or will not be in this mode.
    BlockOnly,
    /// Nothing: they would have access.
    Nothing,
}

/// Which old Denies are to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unneeded {
    /// Of those whom Weir's own Deny keeps out.
    Replaced,
    /// Of those, too, whom Weir does not block: they have access then.
    All,
}

/// What became of an old Deny.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OldDenyDone {
    /// Whom it denied.
    pub user: UserId,
    /// Where.
    pub old_policy: String,
    /// It is gone, and that is read back.
    pub removed: bool,
    /// Why it is there still.
    pub left: Option<String>,
}

impl Engine {
    /// Who of the old database has the old statement in IAM, blocked there or not, taken over or not. Reads the one
    /// policy of each, and keeps nothing of its text.
    pub async fn old_denies(
        &self,
        plan: &ImportPlan,
        hands: &dyn Provisioning,
    ) -> Result<Vec<OldDeny>, EngineError> {
        let home = hands.home().await?.account;
        if home != plan.account {
            return Err(EngineError::Refused(format!(
                "the credentials are of the account {home}, and the old Denies are in {}: ask with credentials of that \
                 account, or without --old-denies",
                plan.account
            )));
        }
        let mut found = Vec::new();
        for user in &plan.users {
            let name = &user.principal.name;
            let (old_policy, old_statement) = replaced::old_deny(name);
            let text = hands.inline_policy(name, &old_policy).await?;
            if text.as_deref().is_some_and(replaced::is_old_deny) {
                let target = TargetKey {
                    account: plan.account.clone(),
                    kind: TargetKind::IamUser,
                    id: name.clone(),
                };
                let instead = match self.instead(&target).await?.0 {
                    // Taken over in a moment.
                    Instead::Nothing if user.block.is_some() => Instead::BlockOnly,
                    instead => instead,
                };
                found.push(OldDeny {
                    user: user.user.clone(),
                    old_policy,
                    old_statement,
                    instead,
                    target,
                });
            }
        }
        Ok(found)
    }

    /// Takes old Denies out, each after Weir's own Deny of the same IAM user was read back, now. What cannot go is
    /// left and says why; the others go on.
    pub async fn remove_old_denies(
        &self,
        denies: &[OldDeny],
        (which, hands): (Unneeded, &dyn Provisioning),
        by: &Actor,
    ) -> Result<Vec<OldDenyDone>, EngineError> {
        if self.options.as_of.is_some() && !self.options.effects {
            return Err(EngineError::NoAws {
                what: "taking old Denies out",
                why: "--as-of was given without --effects",
            });
        }
        let mut all = Vec::new();
        for deny in denies {
            let left = match self.why_it_stays(&deny.target, which).await? {
                Some(why) => Some(why),
                None => self.remove_old_deny(deny, hands, by).await?,
            };
            all.push(OldDenyDone {
                user: deny.user.clone(),
                old_policy: deny.old_policy.clone(),
                removed: left.is_none(),
                left,
            });
        }
        Ok(all)
    }

    /// Whether somebody would be let through, and why the old Deny stays then.
    async fn why_it_stays(
        &self,
        target: &TargetKey,
        which: Unneeded,
    ) -> Result<Option<String>, EngineError> {
        if self.store.target(target).await?.is_some() {
            // What was read back once may be gone: it is read back again.
            let keys = std::slice::from_ref(target);
            self.store.request_targets(keys, self.effect_time()).await?;
            self.dispatch(Some(keys)).await?;
        }
        let read_back = self.reaches_aws();
        Ok(match (self.instead(target).await?, which) {
            ((Instead::OwnDeny, _), _) if !read_back => Some(
                "Weir's own Deny could not be read back: this process reaches no AWS".to_owned(),
            ),
            ((Instead::OwnDeny, _), _) | ((Instead::Nothing, _), Unneeded::All) => None,
            ((Instead::BlockOnly, state), _) => Some(format!(
                "Weir's own Deny is not in IAM ({state}): the old one stays until it is"
            )),
            ((Instead::Nothing, _), Unneeded::Replaced) => Some(
                "Weir does not block them, and they would have access: block them, or say --remove-old-denies=all"
                    .to_owned(),
            ),
        })
    }

    /// What keeps an IAM user out besides the old Deny, and how far that has come.
    async fn instead(&self, target: &TargetKey) -> Result<(Instead, TargetState), EngineError> {
        let Some(row) = self.store.target(target).await? else {
            return Ok((Instead::Nothing, TargetState::None));
        };
        let now = self.now();
        let mut blocked = row.members.iter().filter(|member| {
            let until = member.denial.everything;
            until.is_some_and(|until| !until.is_over(now))
        });
        let Some(member) = blocked.next() else {
            return Ok((Instead::Nothing, TargetState::None));
        };
        let newest = row.target.is_read_back();
        let instead = if member.enforced && newest && row.target.state == TargetState::Verified {
            Instead::OwnDeny
        } else {
            Instead::BlockOnly
        };
        Ok((instead, row.target.state))
    }

    /// Takes one out; why it is there still.
    async fn remove_old_deny(
        &self,
        deny: &OldDeny,
        hands: &dyn Provisioning,
        by: &Actor,
    ) -> Result<Option<String>, EngineError> {
        let failed = |error: EffectError| Ok(Some(error.to_string()));
        let (name, policy) = (&deny.target.id, &deny.old_policy);
        let text = match patiently(|| hands.inline_policy(name, policy)).await {
            Ok(text) => text.filter(|text| replaced::is_old_deny(text)),
            Err(error) => return failed(error),
        };
        let Some(text) = text else {
            return Ok(None);
        };
        let rest = replaced::without_old_deny(&text);
        let write = || hands.set_inline_policy(name, policy, rest.as_deref());
        if let Err(error) = patiently(write).await {
            return failed(error);
        }
        self.put_removal_on_record(deny, rest.is_none(), by).await?;
        for pause in PAUSES {
            match patiently(|| hands.inline_policy(name, policy)).await {
                Ok(text) if !text.as_deref().is_some_and(replaced::is_old_deny) => return Ok(None),
                Ok(_) => tokio::time::sleep(pause).await,
                Err(error) => return failed(error),
            }
        }
        Ok(Some(
            "it was taken out, and IAM shows it still: look again in a minute".to_owned(),
        ))
    }

    async fn put_removal_on_record(
        &self,
        deny: &OldDeny,
        whole: bool,
        by: &Actor,
    ) -> Result<(), EngineError> {
        let what = if whole { "the policy" } else { "the statement" };
        let reason = format!("{what} of the replaced system was taken out of IAM");
        let OldDeny {
            old_policy,
            old_statement,
            ..
        } = deny;
        let before = json!({ "inline_policy": old_policy, "statement": old_statement });
        let entry = Entry {
            before: Some(before.to_string()),
            evidence: Some(json!({ "target": deny.target.to_string() }).to_string()),
            ..self.entry("old-deny-remove", format!("user:{}", deny.user), reason, by)
        };
        Ok(self.store.append_audit(vec![entry]).await?)
    }
}
