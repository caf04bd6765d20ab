//! `[enforcement]`

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Deserialize;
use weir_aws::{AccountRole, AwsSettings, UserMechanism};
use weir_core::attribution::team_name;
use weir_core::decide::is_only_a_path;
use weir_core::ids::{AccountId, UserId};
use weir_core::rulebook::{EnforcementSettings, IdentityCenter, Mode, Scp};

use super::value;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EnforcementSection {
    /// Whether denials are written to AWS.
    pub(crate) mode: Option<ModeWord>,
    /// Limits mode `iam` to some.
    pub(crate) scope: ScopeSection,
    /// Names and ARN patterns that are never denied.
    #[serde(deserialize_with = "never")]
    pub(crate) never: Option<Vec<String>>,
    /// How long after a verified Deny a successful call is not yet a leak.
    #[serde(deserialize_with = "value::duration")]
    pub(crate) grace: Option<SignedDuration>,
    /// How many users may newly be blocked within ten minutes.
    pub(crate) max_new_blocks: Option<u32>,
    /// How IAM users are denied.
    pub(crate) iam_user: Option<IamUserWay>,
    /// How people of Identity Center are denied.
    pub(crate) identity_center: Option<IdentityCenterWord>,
    /// The service control policy that is given over to Weir.
    #[serde(deserialize_with = "scp")]
    pub(crate) identity_center_scp: Option<Scp>,
    /// How many policies permission sets refer to.
    #[serde(deserialize_with = "policies")]
    pub(crate) identity_center_policies: Option<u8>,
    /// The name of the policy a denied developer may see.
    #[serde(deserialize_with = "policy_name")]
    pub(crate) policy_name: Option<String>,
    /// Roles to assume in other accounts.
    #[serde(deserialize_with = "accounts")]
    pub(crate) accounts: BTreeMap<String, AccountSection>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ScopeSection {
    pub(crate) teams: Vec<String>,
    pub(crate) users: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountSection {
    /// The role to assume there.
    pub(crate) role_arn: String,
    /// Its external id.
    pub(crate) external_id: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ModeWord {
    DryRun,
    Iam,
    Off,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum IamUserWay {
    /// Attach one managed policy of ours.
    Attach,
    /// Write one inline policy per user.
    Inline,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum IdentityCenterWord {
    None,
    /// By managed policies of ours that permission sets refer to.
    PermissionSetPolicy,
    /// By a service control policy.
    Scp,
}

impl EnforcementSection {
    /// How people of Identity Center are denied.
    pub(crate) fn identity_center(&self) -> Result<IdentityCenter, String> {
        match (self.identity_center, &self.identity_center_scp) {
            (None | Some(IdentityCenterWord::None), _) => Ok(IdentityCenter::None),
            (Some(IdentityCenterWord::PermissionSetPolicy), _) => {
                let name = self.policy_name.clone();
                let name = name.unwrap_or_else(|| AwsSettings::default().policy_name);
                Ok(IdentityCenter::PermissionSetPolicy(name))
            }
            (Some(IdentityCenterWord::Scp), Some(scp)) => Ok(IdentityCenter::Scp(scp.clone())),
            (Some(IdentityCenterWord::Scp), None) => Err(
                "enforcement.identity_center = \"scp\" needs enforcement.identity_center_scp, the ARN of a \
                 service control policy that is Weir's alone"
                    .to_owned(),
            ),
        }
    }

    pub(crate) fn settings(&self, identity_center: IdentityCenter) -> EnforcementSettings {
        let defaults = EnforcementSettings::default();
        EnforcementSettings {
            mode: self.mode.map(ModeWord::setting),
            scope_teams: self
                .scope
                .teams
                .iter()
                .map(|team| team_name(team))
                .collect(),
            scope_users: self.scope.users.iter().map(UserId::new).collect(),
            never: self.never.clone().unwrap_or_default(),
            grace: self.grace.unwrap_or(defaults.grace),
            max_new_blocks: self.max_new_blocks,
            identity_center,
        }
    }

    /// How AWS is written to.
    pub(crate) fn aws(&self, identity_center: IdentityCenter) -> AwsSettings {
        let defaults = AwsSettings::default();
        let accounts = self.accounts.iter().map(|(id, account)| {
            let AccountSection {
                role_arn,
                external_id,
            } = account.clone();
            (
                AccountId::new(id),
                AccountRole {
                    role_arn,
                    external_id,
                },
            )
        });
        AwsSettings {
            policy_name: self.policy_name.clone().unwrap_or(defaults.policy_name),
            iam_user: match self.iam_user {
                Some(IamUserWay::Attach) => UserMechanism::Attach,
                Some(IamUserWay::Inline) => UserMechanism::Inline,
                None => defaults.iam_user,
            },
            identity_center,
            people_policies: self
                .identity_center_policies
                .unwrap_or(defaults.people_policies),
            accounts: accounts.collect(),
            ..AwsSettings::default()
        }
    }
}

impl ModeWord {
    const fn setting(self) -> Mode {
        match self {
            Self::DryRun => Mode::DryRun,
            Self::Iam => Mode::Iam,
            Self::Off => Mode::Off,
        }
    }
}

/// Whom a pattern names is told by every call.
fn never<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Vec<String>>, D::Error> {
    let patterns = Vec::<String>::deserialize(from)?;
    if let Some(path) = patterns.iter().find(|pattern| is_only_a_path(pattern)) {
        return Err(serde::de::Error::custom(format!(
            "enforcement.never: `{path}` names a path, which calls do not: name the users or roles \
             (`role/AWSReservedSSO_Admin*`), or tag them WeirExempt"
        )));
    }
    Ok(Some(patterns))
}

/// IAM's own rule for policy names.
fn policy_name<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let name = String::deserialize(from)?;
    let fits = (1..=128).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@-_".contains(&byte));
    if fits {
        Ok(Some(name))
    } else {
        Err(serde::de::Error::custom(format!(
            "`{name}` is not a policy name: 1 to 128 letters, digits or + = , . @ - _"
        )))
    }
}

fn scp<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Scp>, D::Error> {
    value::parsed(from).map(Some)
}

/// As many as a permission set may refer to.
fn policies<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u8>, D::Error> {
    match u8::deserialize(from)? {
        count @ 1..=10 => Ok(Some(count)),
        other => Err(serde::de::Error::custom(format!(
            "`{other}` is not a number of policies that a permission set may refer to: 1 to 10"
        ))),
    }
}

fn accounts<'de, D>(from: D) -> Result<BTreeMap<String, AccountSection>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    let accounts = BTreeMap::<String, AccountSection>::deserialize(from)?;
    match accounts.keys().find(|id| !value::is_account(id)) {
        Some(id) => Err(serde::de::Error::custom(format!(
            "`{id}` is not an AWS account: write [enforcement.accounts.111122223333]"
        ))),
        None => Ok(accounts),
    }
}
