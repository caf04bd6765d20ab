//! Plans: steps in the order in which they are taken, and what is there already.

use std::collections::BTreeMap;
use std::fmt;

use super::KeyKind;
use crate::attribution::Principal;
use crate::ids::{KeyId, ToolId, UserId};
use crate::quota::Quota;
use crate::quota_text::write_limit;
use crate::rulebook::{KeyOwner, KeyState, Person};

/// The path of users and groups that are made here: what an operator's rights can be narrowed to.
pub const PATH: &str = "/weir/";

/// The path of policies that are made here. Not that of the Deny, which an operator must not touch.
pub const POLICY_PATH: &str = "/weir/access/";

/// What must happen, and what need not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// In this order.
    pub steps: Vec<Step>,
    /// What was found to be as it is wanted.
    pub exists: Vec<String>,
    /// What whoever runs this should know.
    pub notes: Vec<String>,
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// In IAM. Repeating it changes nothing.
    Aws(Change),
    /// In Weir. Repeating it changes nothing.
    Weir(Said),
    /// Makes a key in IAM and binds it to its tool in Weir. Each time makes another key.
    Key(NewKey),
    /// Gives a user of IAM a password for the console, which must be changed at the first login.
    Login {
        /// Whom.
        user: String,
    },
}

/// A change of IAM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Makes a group.
    CreateGroup {
        /// Its name.
        group: String,
    },
    /// Removes an empty group.
    DeleteGroup {
        /// Its name.
        group: String,
    },
    /// Writes an inline policy of a group.
    PutGroupPolicy {
        /// The group.
        group: String,
        /// The policy's name.
        policy: String,
        /// The policy's text.
        text: String,
    },
    /// Makes a user.
    CreateUser {
        /// Its name.
        user: String,
        /// Its tags.
        tags: BTreeMap<String, String>,
    },
    /// Sets tags of a user.
    SetTags {
        /// Whose.
        user: String,
        /// Keys and values.
        tags: BTreeMap<String, String>,
    },
    /// Removes a user of whom everything else is gone.
    DeleteUser {
        /// Whom.
        user: String,
    },
    /// Puts a user into a group.
    AddToGroup {
        /// The user.
        user: String,
        /// The group.
        group: String,
    },
    /// Takes a user out of a group.
    RemoveFromGroup {
        /// The user.
        user: String,
        /// The group.
        group: String,
    },
    /// Takes the console password away.
    DeleteLogin {
        /// Whose.
        user: String,
    },
    /// Deactivates or activates a key.
    SetKey {
        /// The IAM user that holds it.
        user: String,
        /// The key.
        key: KeyId,
        /// What kind of key.
        kind: KeyKind,
        /// Active, or inactive.
        active: bool,
    },
    /// Removes a key.
    DeleteKey {
        /// The IAM user that holds it.
        user: String,
        /// The key.
        key: KeyId,
        /// What kind of key.
        kind: KeyKind,
    },
    /// Removes a service-specific credential of another service.
    DeleteCredential {
        /// Whose.
        user: String,
        /// Which.
        id: KeyId,
    },
    /// Removes a signing certificate.
    DeleteCertificate {
        /// Whose.
        user: String,
        /// Which.
        id: String,
    },
    /// Removes an SSH public key.
    DeleteSshKey {
        /// Whose.
        user: String,
        /// Which.
        id: String,
    },
    /// Takes an MFA device from its user.
    DeactivateMfa {
        /// Whose.
        user: String,
        /// Which.
        serial: String,
    },
    /// Removes a virtual MFA device.
    DeleteVirtualMfa {
        /// Whose it was.
        user: String,
        /// Which.
        serial: String,
    },
    /// Removes a permissions boundary.
    DeleteBoundary {
        /// Whose.
        user: String,
    },
    /// Makes a managed policy.
    CreatePolicy {
        /// Its name.
        policy: String,
        /// Its text.
        text: String,
        /// What it is for.
        description: String,
    },
    /// Makes another text of a managed policy the one in force.
    AddVersion {
        /// The policy's ARN.
        arn: String,
        /// The text.
        text: String,
    },
    /// Removes a version that is not in force.
    DeleteVersion {
        /// The policy's ARN.
        arn: String,
        /// The version.
        version: String,
    },
    /// Removes a managed policy that is attached nowhere.
    DeletePolicy {
        /// Its ARN.
        arn: String,
    },
    /// Attaches a managed policy.
    Attach {
        /// Its ARN.
        arn: String,
        /// To whom.
        to: Holder,
    },
    /// Detaches a managed policy.
    Detach {
        /// Its ARN.
        arn: String,
        /// From whom.
        from: Holder,
    },
    /// Removes an inline policy.
    DeleteInline {
        /// Its name.
        policy: String,
        /// Of whom.
        from: Holder,
    },
}

/// Who holds a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// A user.
    User(String),
    /// A group.
    Group(String),
    /// A role.
    Role(String),
}

/// What Weir is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// Who somebody is.
    Person {
        /// The user.
        user: UserId,
        /// What is said.
        person: Person,
    },
    /// Of an identity that has not called yet, whose calls its will be.
    Introduce {
        /// The identity.
        principal: Principal,
        /// The user.
        user: UserId,
    },
    /// That an identity is part of a user.
    Link {
        /// The identity.
        principal: Principal,
        /// The user.
        user: UserId,
    },
    /// Whose a key is, and what became of it.
    Key {
        /// The key.
        key: KeyId,
        /// Its owner.
        owner: KeyOwner,
    },
    /// A quota.
    Quota(Quota),
}

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// The IAM user that will hold it.
    pub holder: String,
    /// Weir's user.
    pub user: UserId,
    /// The tool it is for.
    pub tool: ToolId,
    /// What kind of key.
    pub kind: KeyKind,
    /// After how many days it ends by itself.
    pub days: Option<u32>,
}

impl Plan {
    /// Whether nothing needs to be done.
    pub fn is_done(&self) -> bool {
        self.steps.is_empty()
    }

    /// Another plan after this one.
    pub fn then(&mut self, other: Self) {
        let Self {
            steps,
            exists,
            notes,
        } = other;
        self.steps.extend(steps);
        self.exists.extend(exists);
        self.notes.extend(notes);
    }

    /// A change of IAM, next.
    pub fn aws(&mut self, change: Change) {
        self.steps.push(Step::Aws(change));
    }

    /// Something said to Weir, next.
    pub fn say(&mut self, said: Said) {
        self.steps.push(Step::Weir(said));
    }
}

impl Change {
    /// The operation, for the audit log.
    pub const fn operation(&self) -> &'static str {
        match self {
            Self::CreateGroup { .. } => "iam-group-create",
            Self::DeleteGroup { .. } => "iam-group-delete",
            Self::PutGroupPolicy { .. } => "iam-group-policy-set",
            Self::CreateUser { .. } => "iam-user-create",
            Self::SetTags { .. } => "iam-user-tag",
            Self::DeleteUser { .. } => "iam-user-delete",
            Self::AddToGroup { .. } => "iam-group-join",
            Self::RemoveFromGroup { .. } => "iam-group-leave",
            Self::DeleteLogin { .. } => "iam-login-delete",
            Self::SetKey { active: true, .. } => "key-enable",
            Self::SetKey { .. } => "key-disable",
            Self::DeleteKey { .. } => "key-revoke",
            Self::DeleteCredential { .. }
            | Self::DeleteCertificate { .. }
            | Self::DeleteSshKey { .. }
            | Self::DeactivateMfa { .. }
            | Self::DeleteVirtualMfa { .. } => "iam-credential-delete",
            Self::DeleteBoundary { .. } => "iam-boundary-delete",
            Self::CreatePolicy { .. } => "iam-policy-create",
            Self::AddVersion { .. } => "iam-policy-change",
            Self::DeleteVersion { .. } => "iam-policy-version-delete",
            Self::DeletePolicy { .. } => "iam-policy-delete",
            Self::Attach { .. } => "iam-policy-attach",
            Self::Detach { .. } => "iam-policy-detach",
            Self::DeleteInline { .. } => "iam-inline-policy-delete",
        }
    }

    /// The subject, for the audit log.
    pub fn subject(&self) -> String {
        match self {
            Self::CreateGroup { group }
            | Self::DeleteGroup { group }
            | Self::PutGroupPolicy { group, .. } => format!("iam-group:{group}"),
            Self::CreateUser { user, .. }
            | Self::SetTags { user, .. }
            | Self::DeleteUser { user }
            | Self::AddToGroup { user, .. }
            | Self::RemoveFromGroup { user, .. }
            | Self::DeleteLogin { user }
            | Self::DeleteCredential { user, .. }
            | Self::DeleteCertificate { user, .. }
            | Self::DeleteSshKey { user, .. }
            | Self::DeactivateMfa { user, .. }
            | Self::DeleteVirtualMfa { user, .. }
            | Self::DeleteBoundary { user } => format!("iam-user:{user}"),
            Self::SetKey { key, .. } | Self::DeleteKey { key, .. } => format!("key:{key}"),
            Self::CreatePolicy { policy, .. } => format!("iam-policy:{policy}"),
            Self::AddVersion { arn, .. }
            | Self::DeleteVersion { arn, .. }
            | Self::DeletePolicy { arn } => format!("iam-policy:{}", last(arn)),
            Self::Attach { to: holder, .. }
            | Self::Detach { from: holder, .. }
            | Self::DeleteInline { from: holder, .. } => match holder {
                Holder::User(name) => format!("iam-user:{name}"),
                Holder::Group(name) => format!("iam-group:{name}"),
                Holder::Role(name) => format!("iam-role:{name}"),
            },
        }
    }
}

/// The last part of an ARN.
fn last(arn: &str) -> &str {
    arn.rsplit(['/', ':']).next().unwrap_or(arn)
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aws(change) => change.fmt(f),
            Self::Weir(said) => said.fmt(f),
            Self::Key(NewKey {
                holder,
                user: _,
                tool,
                kind,
                days,
            }) => {
                write!(f, "make a key ({kind}) of the user {holder} for {tool}")?;
                match days {
                    Some(days) => write!(f, ", for {days} days"),
                    None => Ok(()),
                }
            }
            Self::Login { user } => write!(f, "give the user {user} a password for the console"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateGroup { group } => write!(f, "make the group {group}"),
            Self::DeleteGroup { group } => write!(f, "delete the group {group}"),
            Self::PutGroupPolicy { group, policy, .. } => {
                write!(f, "write the policy {policy} of the group {group}")
            }
            Self::CreateUser { user, .. } => write!(f, "make the user {user}"),
            Self::SetTags { user, tags } => {
                let keys: Vec<_> = tags.keys().map(String::as_str).collect();
                write!(f, "set the tags {} of the user {user}", keys.join(", "))
            }
            Self::DeleteUser { user } => write!(f, "delete the user {user}"),
            Self::AddToGroup { user, group } => write!(f, "put {user} into the group {group}"),
            Self::RemoveFromGroup { user, group } => {
                write!(f, "take {user} out of the group {group}")
            }
            Self::DeleteLogin { user } => write!(f, "take the console password of {user} away"),
            Self::SetKey {
                key, active: true, ..
            } => write!(f, "activate the key {key}"),
            Self::SetKey { key, .. } => write!(f, "deactivate the key {key}"),
            Self::DeleteKey { user, key, kind } => {
                write!(f, "delete the key {key} ({kind}) of {user}")
            }
            Self::DeleteCredential { user, id } => {
                write!(f, "delete the service-specific credential {id} of {user}")
            }
            Self::DeleteCertificate { user, id } => {
                write!(f, "delete the signing certificate {id} of {user}")
            }
            Self::DeleteSshKey { user, id } => write!(f, "delete the SSH key {id} of {user}"),
            Self::DeactivateMfa { user, serial } => {
                write!(f, "take the MFA device {serial} from {user}")
            }
            Self::DeleteVirtualMfa { serial, .. } => write!(f, "delete the MFA device {serial}"),
            Self::DeleteBoundary { user } => {
                write!(f, "remove the permissions boundary of {user}")
            }
            Self::CreatePolicy { policy, .. } => write!(f, "make the policy {policy}"),
            Self::AddVersion { arn, .. } => {
                write!(
                    f,
                    "make another version of the policy {} the one in force",
                    last(arn)
                )
            }
            Self::DeleteVersion { arn, version } => {
                write!(
                    f,
                    "delete the version {version} of the policy {}",
                    last(arn)
                )
            }
            Self::DeletePolicy { arn } => write!(f, "delete the policy {}", last(arn)),
            Self::Attach { arn, to } => write!(f, "attach the policy {} to the {to}", last(arn)),
            Self::Detach { arn, from } => {
                write!(f, "detach the policy {} from the {from}", last(arn))
            }
            Self::DeleteInline { policy, from } => {
                write!(f, "delete the inline policy {policy} of the {from}")
            }
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => write!(f, "user {name}"),
            Self::Group(name) => write!(f, "group {name}"),
            Self::Role(name) => write!(f, "role {name}"),
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person { user, person } => {
                let Person {
                    team,
                    person,
                    email,
                    language,
                    class,
                } = person;
                let said = [
                    person.clone(),
                    team.as_ref().map(|team| format!("of team {team}")),
                    email.clone(),
                    language
                        .as_ref()
                        .map(|language| format!("spoken to in {language}")),
                    class.map(|class| class.as_str().to_owned()),
                ];
                let said: Vec<_> = said.into_iter().flatten().collect();
                write!(f, "note in Weir who {user} is: {}", said.join(", "))
            }
            Self::Introduce { principal, user } => {
                write!(f, "note in Weir that {principal} is an identity of {user}")
            }
            Self::Link { principal, user } => {
                write!(f, "count the calls of {principal} for {user}")
            }
            Self::Key { key, owner } => match owner.state {
                KeyState::Active => {
                    write!(
                        f,
                        "note in Weir that {key} is of {} for {}",
                        owner.user, owner.tool
                    )
                }
                state => write!(f, "note in Weir that {key} is {}", state.as_str()),
            },
            Self::Quota(quota) => {
                let (metric, window) = (quota.metric, quota.window);
                let limit = write_limit(metric, quota.limit);
                write!(
                    f,
                    "set the quota {} {metric} per {window} to {limit}",
                    quota.scope
                )
            }
        }
    }
}
