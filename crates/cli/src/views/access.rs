//! Groups, policies, IAM users and keys, as they are shown.

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use weir_core::ids::TeamId;
use weir_core::provision::{FoundGroup, FoundPolicy, FoundUser, Route, TEAM_POLICY};
use weir_engine::provision::KeyLine;

/// An instant as RFC 3339.
#[expect(clippy::ref_option, reason = "as serde hands it over")]
pub(crate) fn instant<S: Serializer>(at: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => to.collect_str(at),
        None => to.serialize_none(),
    }
}

/// A team's group.
#[derive(Debug, Serialize)]
pub(crate) struct GroupView {
    pub(crate) team: String,
    pub(crate) group: String,
    pub(crate) arn: String,
    pub(crate) members: Vec<String>,
    pub(crate) grants: Option<GrantView>,
    pub(crate) other_policies: Vec<String>,
}

/// What a group grants.
#[derive(Debug, Serialize)]
pub(crate) struct GrantView {
    pub(crate) models: Vec<String>,
    pub(crate) profiles: Vec<String>,
    pub(crate) denied: Vec<String>,
    pub(crate) open: Vec<String>,
}

/// A managed policy.
#[derive(Debug, Serialize)]
pub(crate) struct PolicyView {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) description: Option<String>,
    pub(crate) versions: Vec<String>,
    pub(crate) in_force: Option<String>,
    pub(crate) users: Vec<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) roles: Vec<String>,
    pub(crate) text: serde_json::Value,
}

/// An IAM user.
#[derive(Debug, Serialize)]
pub(crate) struct IamUserView {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) id: String,
    #[serde(serialize_with = "instant")]
    pub(crate) created: Option<Timestamp>,
    pub(crate) login: bool,
    pub(crate) groups: Vec<String>,
    pub(crate) policies: Vec<String>,
    pub(crate) mfa_devices: usize,
    pub(crate) tags: std::collections::BTreeMap<String, String>,
}

/// A key.
#[derive(Debug, Serialize)]
pub(crate) struct KeyView {
    pub(crate) key: String,
    pub(crate) kind: &'static str,
    pub(crate) tool: Option<String>,
    pub(crate) status: &'static str,
    pub(crate) iam_user: String,
    #[serde(serialize_with = "instant")]
    pub(crate) created: Option<Timestamp>,
    #[serde(serialize_with = "instant")]
    pub(crate) expires: Option<Timestamp>,
}

impl GroupView {
    pub(crate) fn of(team: &TeamId, found: &FoundGroup) -> Self {
        let grants = found.grant().map(|grant| {
            let words = |open: bool| {
                let routes = Route::ALL.into_iter();
                let routes = routes.filter(|route| grant.open.contains(route) == open);
                routes.map(|route| route.to_string()).collect()
            };
            GrantView {
                models: grant.models.iter().map(ToString::to_string).collect(),
                profiles: grant.profiles.keys().cloned().collect(),
                denied: words(false),
                open: words(true),
            }
        });
        let unread = found.team_policy.is_some() && grants.is_none();
        let ours = unread.then(|| format!("{TEAM_POLICY} (not as Weir writes it)"));
        let inline = found.inline.iter().cloned();
        Self {
            team: team.to_string(),
            group: found.name.clone(),
            arn: found.arn.clone(),
            members: found.members.clone(),
            grants,
            other_policies: (ours.into_iter())
                .chain(inline)
                .chain(found.attached.iter().cloned())
                .collect(),
        }
    }
}

impl PolicyView {
    pub(crate) fn of(found: FoundPolicy) -> Self {
        let FoundPolicy {
            name,
            arn,
            description,
            text,
            versions,
            users,
            groups,
            roles,
        } = found;
        let in_force = versions.iter().find(|(_, in_force)| *in_force);
        Self {
            name,
            arn,
            description,
            in_force: in_force.map(|(id, _)| id.clone()),
            versions: versions.into_iter().map(|(id, _)| id).collect(),
            users,
            groups,
            roles,
            text: serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text)),
        }
    }
}

impl IamUserView {
    pub(crate) fn of(found: &FoundUser) -> Self {
        let attached = found.attached.iter().cloned();
        Self {
            name: found.name.clone(),
            arn: found.arn.clone(),
            id: found.stable_id.clone(),
            created: found.created,
            login: found.login,
            groups: found.groups.clone(),
            policies: attached.chain(found.inline.iter().cloned()).collect(),
            mfa_devices: found.mfa.len(),
            tags: found.tags.clone(),
        }
    }
}

impl KeyView {
    pub(crate) fn of(line: &KeyLine) -> Self {
        let KeyLine {
            holder,
            found,
            tool,
        } = line;
        Self {
            key: found.id.to_string(),
            kind: found.kind.as_str(),
            tool: tool.as_ref().map(ToString::to_string),
            status: found.status.as_str(),
            iam_user: holder.clone(),
            created: found.created,
            expires: found.expires,
        }
    }
}
