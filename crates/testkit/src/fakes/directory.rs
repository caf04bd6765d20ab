//! [`Directory`] over the fake account.

use std::collections::BTreeMap;

use async_trait::async_trait;
use weir_core::attribution::{Principal, PrincipalKind};
use weir_core::evidence::CallerFacts;
use weir_core::ids::AccountId;
use weir_engine::ports::{Directory, EffectError, EffectErrorKind};

use super::account::{FakeAws, Fault, Op, error};

#[async_trait]
impl Directory for FakeAws {
    async fn caller(&self, principal: &Principal) -> Result<CallerFacts, EffectError> {
        if let Some(Fault::Error(kind)) = self.called(Op::Caller, &principal.name) {
            return Err(error(kind, Op::Caller, &principal.name));
        }
        let world = self.world();
        let gone = || error(EffectErrorKind::Gone, Op::Caller, &principal.name);
        match principal.kind {
            PrincipalKind::IamUser => {
                world.reach(&principal.account)?;
                let user = world.users.get(&principal.name).ok_or_else(gone)?;
                Ok(CallerFacts {
                    groups: user.groups.clone(),
                    login_profile: user.login_profile,
                    ..of_tags(&user.tags)
                })
            }
            PrincipalKind::Role | PrincipalKind::RoleSession | PrincipalKind::SourceIdentity => {
                world.reach(&principal.account)?;
                Ok(of_tags(
                    &world.roles.get(&principal.name).ok_or_else(gone)?.tags,
                ))
            }
            _ => Ok(CallerFacts::default()),
        }
    }

    async fn profile(&self, arn: &str) -> Result<String, EffectError> {
        if let Some(Fault::Error(kind)) = self.called(Op::Profile, arn) {
            return Err(error(kind, Op::Profile, arn));
        }
        let behind = self.world().profiles.get(arn).cloned();
        behind.ok_or_else(|| error(EffectErrorKind::Gone, Op::Profile, arn))
    }

    async fn trust_policy(&self, account: &AccountId, role: &str) -> Result<String, EffectError> {
        if let Some(Fault::Error(kind)) = self.called(Op::TrustPolicy, role) {
            return Err(error(kind, Op::TrustPolicy, role));
        }
        let world = self.world();
        world.reach(account)?;
        let found = world.roles.get(role).map(|role| role.trust.clone());
        found.ok_or_else(|| error(EffectErrorKind::Gone, Op::TrustPolicy, role))
    }

    async fn whoami(&self) -> Result<(AccountId, String), EffectError> {
        if let Some(Fault::Error(kind)) = self.called(Op::Whoami, "") {
            return Err(error(kind, Op::Whoami, ""));
        }
        let account = self.account();
        let arn = format!("arn:aws:sts::{account}:assumed-role/weir/weir");
        Ok((account, arn))
    }
}

fn of_tags(tags: &BTreeMap<String, String>) -> CallerFacts {
    let value = |key: &str| {
        tags.iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(key))
            .map(|(_, value)| value.trim().to_owned())
    };
    let said = |key: &str| value(key).filter(|value| !value.is_empty());
    CallerFacts {
        team_tag: said("Team"),
        person: said("Person"),
        email: said("Email"),
        exempt: value("WeirExempt").is_some_and(|value| !value.eq_ignore_ascii_case("false")),
        ..CallerFacts::default()
    }
}
