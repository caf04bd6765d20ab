//! Who called: from an AWS identity to a user, team, person, class and tool (rules 2).

mod named;
mod principal;
mod succession;

use jiff::Timestamp;
use regex_lite::Regex;

pub use named::named;
pub use principal::{Principal, PrincipalKind};
pub use succession::{Holder, Succession, newcomer};

use crate::evidence::{CallerFacts, Evidence, Lookup, Sighting};
use crate::ids::{AccountId, TeamId, ToolId, UserId};
use crate::people::DirectoryPerson;
use crate::record::{Identity, Record};
use crate::rulebook::{Person, Rulebook, UserClass};

/// How callers become users: `attribution.*` in the configuration.
#[derive(Clone, Debug)]
pub struct AttributionSettings {
    /// The account whose users carry no prefix (rules A6); `None` prefixes nobody.
    pub home_account: Option<AccountId>,
    /// Roles whose session names are trusted to name a person (rules A3).
    pub session_roles: Vec<String>,
    /// An IAM group that names a team; group 1 is the team.
    pub team_group_pattern: Regex,
    /// A permission-set name that names a team; group 1 is the team.
    pub permission_set_team_pattern: Option<Regex>,
    /// User agents: the first pattern (lower case, contained) names the tool.
    pub user_agents: Vec<(String, ToolId)>,
}

/// The default of `attribution.team_group_pattern`.
pub const TEAM_GROUP_PATTERN: &str = "^team_(.+)_group$";

/// What user agents of well-known tools contain, in order of precedence: a coding tool also names
/// the SDK it is built on.
pub const USER_AGENTS: [(&str, &str); 19] = [
    ("claude-cli", "claude-code"),
    ("claude-code", "claude-code"),
    ("cline", "cline"),
    ("kiro", "kiro"),
    ("codex", "codex"),
    ("cursor", "cursor"),
    ("opencode", "opencode"),
    ("aider", "aider"),
    ("litellm", "litellm"),
    ("langchain", "langchain"),
    ("openai/", "openai-sdk"),
    ("boto", "boto3"),
    ("aws-cli", "aws-cli"),
    ("aws-sdk-js", "aws-sdk-js"),
    ("aws-sdk-java", "aws-sdk-java"),
    ("aws-sdk-go", "aws-sdk-go"),
    ("aws-sdk-rust", "aws-sdk-rust"),
    ("python-requests", "python-requests"),
    ("curl/", "curl"),
];

/// Whose call it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// The governed subject.
    pub user: UserId,
    /// The identity that called.
    pub principal: Principal,
    /// Its immutable id, where a record gave it.
    pub stable_id: Option<String>,
    /// The team.
    pub team: TeamId,
    /// The person's name.
    pub person: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// What kind of principal; `None` for an IAM user whom AWS has not described (rules A8). The class
    /// of a user is the most human of its principals, unless an administrator says it (rules A10).
    pub class: Option<UserClass>,
    /// Tagged `WeirExempt` (rules E10).
    pub exempt: bool,
    /// The look-up failed (rules A8).
    pub unresolved: bool,
}

impl Attribution {
    /// A role session without source identity: the log alone does not prove whose it is.
    pub(crate) fn is_plain_session(&self) -> bool {
        matches!(
            self.principal.kind,
            PrincipalKind::Role | PrincipalKind::RoleSession
        )
    }
}

/// Says whose call a record describes.
pub fn attribute(record: &Record, sighting: &Sighting, rules: &Rulebook) -> Attribution {
    let settings = &rules.settings.attribution;
    let principal = principal(&record.account, &record.identity, settings);
    let stable_id = stable_id(&record.identity);
    let user = user_of(&principal, stable_id.as_deref(), record.at, rules);
    let nothing = CallerFacts::default();
    let facts = sighting.caller.found().unwrap_or(&nothing);
    let unsaid = Person::default();
    let said = rules.people.get(&user).unwrap_or(&unsaid);
    let unresolved = sighting.caller == Lookup::Failed;
    let listed = listed(&principal, stable_id.as_deref(), rules);
    let team = said
        .team
        .clone()
        .or_else(|| looked_up_team(&principal, facts, listed, settings));
    let team = match team {
        Some(team) => team,
        None if unresolved => sighting
            .last_known_team
            .clone()
            .unwrap_or_else(TeamId::unassigned),
        None => TeamId::unassigned(),
    };
    Attribution {
        team,
        person: said
            .person
            .clone()
            .or_else(|| facts.person.clone())
            .or_else(|| listed.and_then(|listed| listed.person.clone())),
        email: said
            .email
            .clone()
            .or_else(|| facts.email.clone())
            .or_else(|| listed.and_then(|listed| listed.email.clone()))
            .or_else(|| email_of(&principal)),
        class: class(&principal, sighting.caller.found()),
        exempt: facts.exempt,
        unresolved: unresolved && said.team.is_none(),
        stable_id,
        user,
        principal,
    }
}

/// The principal behind an identity.
pub fn principal(
    account: &AccountId,
    identity: &Identity,
    settings: &AttributionSettings,
) -> Principal {
    let (kind, name, session) = match identity {
        Identity::IamUser { name, .. } => (PrincipalKind::IamUser, name.clone(), None),
        // Where no id is told, a Deny finds somebody by the name only, and IAM regards its case.
        Identity::IdentityCenter {
            role,
            session,
            directory_id,
        } => (
            PrincipalKind::IdentityCenter,
            role.clone(),
            Some(match directory_id {
                Some(_) => session.to_lowercase(),
                None => session.clone(),
            }),
        ),
        Identity::RoleSession {
            role,
            source_identity: Some(source),
            ..
        } => (
            PrincipalKind::SourceIdentity,
            role.clone(),
            Some(source.clone()),
        ),
        Identity::RoleSession { role, session, .. } if settings.session_roles.contains(role) => (
            PrincipalKind::RoleSession,
            role.clone(),
            Some(session.clone()),
        ),
        Identity::RoleSession { role, .. } => (PrincipalKind::Role, role.clone(), None),
        Identity::Root => (PrincipalKind::Root, "root".to_owned(), None),
        Identity::Service { name } => (PrincipalKind::Service, name.clone(), None),
        Identity::Unknown { .. } => (PrincipalKind::Unknown, "unknown".to_owned(), None),
    };
    Principal {
        account: account.clone(),
        kind,
        name,
        session,
    }
}

/// The user a principal was at that time: as it bears its name, else as it was linked, else by itself.
/// An id that none of several who bore the name has is a newcomer's.
pub fn user_of(
    principal: &Principal,
    stable_id: Option<&str>,
    at: Timestamp,
    rules: &Rulebook,
) -> UserId {
    let home = rules.settings.attribution.home_account.as_ref();
    let holders = rules.holders_of(principal);
    match (succession::holder(holders, stable_id, at), stable_id) {
        (Some(holder), _) => holder.user.clone(),
        (None, Some(id)) if !holders.is_empty() => newcomer(principal, id, home),
        (None, _) => {
            let linked = rules.links.get(&principal.folded()).cloned();
            linked.unwrap_or_else(|| user_id(principal, home))
        }
    }
}

/// The user a principal is by itself, before any link (rules A1-A6).
pub fn user_id(principal: &Principal, home: Option<&AccountId>) -> UserId {
    let Principal {
        account,
        kind,
        name,
        session,
    } = principal;
    let session = session.as_deref().unwrap_or_default();
    let own = match kind {
        // One person in every account: no prefix.
        PrincipalKind::IdentityCenter => {
            return UserId::new(unreserved(&session.to_lowercase()));
        }
        PrincipalKind::IamUser => unreserved(name),
        PrincipalKind::RoleSession | PrincipalKind::SourceIdentity => unreserved(session),
        PrincipalKind::Role => format!("role/{name}"),
        PrincipalKind::Root => "root".to_owned(),
        PrincipalKind::Service => return UserId::new(format!("service/{name}")),
        PrincipalKind::Unknown => return UserId::unknown(),
    };
    match home {
        Some(home) if home != account && !account.as_str().is_empty() => {
            UserId::new(format!("{account}/{own}"))
        }
        _ => UserId::new(own),
    }
}

/// A team name as everybody writes it: trimmed, lower case, without `team_` and `_group` (rules A7).
pub fn team_name(text: &str) -> TeamId {
    let lower = text.trim().to_lowercase();
    let bare = lower.strip_prefix("team_").unwrap_or(&lower);
    let bare = bare.strip_suffix("_group").unwrap_or(bare).trim();
    if bare.is_empty() {
        TeamId::unassigned()
    } else {
        TeamId::new(bare)
    }
}

/// The tool of an invocation (rules A11).
pub fn tool(evidence: &Evidence, user: &UserId, rules: &Rulebook) -> ToolId {
    let client = || {
        [&evidence.api_call, &evidence.completion]
            .into_iter()
            .flatten()
    };
    let by_key = client()
        .filter_map(|record| record.client.access_key.as_ref())
        .find_map(|key| rules.keys.get(key))
        .map(|owner| owner.tool.clone());
    let by_bearer = || {
        let call = client().find(|record| record.client.bearer)?;
        let caller = iam_user(evidence);
        rules.bearer_tool(user, caller, call.at).cloned()
    };
    let by_metadata = || {
        evidence
            .records()
            .find_map(|record| record.metadata.get("tool"))
            .map(|tool| tool.trim().to_lowercase())
            .filter(|tool| !tool.is_empty())
            .map(ToolId::new)
    };
    let by_agent = || {
        client()
            .filter_map(|record| record.client.user_agent.as_deref())
            .find_map(|agent| tool_of_agent(agent, &rules.settings.attribution.user_agents))
    };
    by_key
        .or_else(by_bearer)
        .or_else(by_metadata)
        .or_else(by_agent)
        .unwrap_or_else(ToolId::unknown)
}

/// The name of the IAM user that called, if one did.
fn iam_user(evidence: &Evidence) -> Option<&str> {
    evidence
        .records()
        .find_map(|record| match &record.identity {
            Identity::IamUser { name, .. } => Some(name.as_str()),
            _ => None,
        })
}

fn tool_of_agent(agent: &str, table: &[(String, ToolId)]) -> Option<ToolId> {
    let agent = agent.to_lowercase();
    table
        .iter()
        .find(|(part, _)| agent.contains(part))
        .map(|(_, tool)| tool.clone())
}

/// What the directory says about somebody who came through Identity Center.
fn listed<'r>(
    principal: &Principal,
    stable_id: Option<&str>,
    rules: &'r Rulebook,
) -> Option<&'r DirectoryPerson> {
    let session = principal.session.as_deref().unwrap_or_default();
    (principal.kind == PrincipalKind::IdentityCenter)
        .then(|| rules.directory.find(stable_id, &session.to_lowercase()))
        .flatten()
}

/// The team that a group of that name stands for.
pub fn team_of_group(group: &str, settings: &AttributionSettings) -> Option<TeamId> {
    let team = settings.team_group_pattern.captures(group)?.get(1)?;
    let team = team.as_str();
    (!team.trim().is_empty()).then(|| team_name(team))
}

fn looked_up_team(
    principal: &Principal,
    facts: &CallerFacts,
    listed: Option<&DirectoryPerson>,
    settings: &AttributionSettings,
) -> Option<TeamId> {
    let named = |text: &str| (!text.trim().is_empty()).then(|| team_name(text));
    let by_tag = facts.team_tag.as_deref().and_then(named);
    let by_groups = |groups: &[String]| {
        let mut groups: Vec<_> = groups.iter().map(String::as_str).collect();
        groups.sort_unstable();
        groups
            .into_iter()
            .find_map(|group| team_of_group(group, settings))
    };
    let by_directory = || by_groups(&listed?.groups);
    let by_permission_set = || {
        let pattern = settings.permission_set_team_pattern.as_ref()?;
        let set = permission_set(principal)?;
        named(pattern.captures(set)?.get(1)?.as_str())
    };
    by_tag
        .or_else(by_directory)
        .or_else(by_permission_set)
        .or_else(|| by_groups(&facts.groups))
}

/// `BedrockDevelopers` of `AWSReservedSSO_BedrockDevelopers_0123456789abcdef`.
fn permission_set(principal: &Principal) -> Option<&str> {
    let set = principal.name.strip_prefix("AWSReservedSSO_")?;
    set.rsplit_once('_').map(|(set, _)| set)
}

fn email_of(principal: &Principal) -> Option<String> {
    let session = principal.session.as_deref()?.to_lowercase();
    let (local, domain) = session.split_once('@')?;
    let shaped = principal.kind == PrincipalKind::IdentityCenter
        && !local.is_empty()
        && domain.contains('.')
        && !domain.contains('@');
    shaped.then_some(session)
}

/// The class of a principal, as far as it is certain. Only an IAM user must be looked up for it.
fn class(principal: &Principal, facts: Option<&CallerFacts>) -> Option<UserClass> {
    match principal.kind {
        PrincipalKind::IdentityCenter => Some(UserClass::Human),
        PrincipalKind::Service => Some(UserClass::Service),
        PrincipalKind::Root | PrincipalKind::Unknown => Some(UserClass::Unknown),
        PrincipalKind::Role | PrincipalKind::RoleSession | PrincipalKind::SourceIdentity => {
            Some(UserClass::Workload)
        }
        PrincipalKind::IamUser => facts.map(|facts| {
            if facts.login_profile || facts.person.is_some() || facts.email.is_some() {
                UserClass::Human
            } else {
                UserClass::Workload
            }
        }),
    }
}

/// The immutable id that a record gives for its caller.
pub fn stable_id(identity: &Identity) -> Option<String> {
    match identity {
        Identity::IamUser { stable_id, .. } | Identity::RoleSession { stable_id, .. } => {
            stable_id.clone()
        }
        Identity::IdentityCenter { directory_id, .. } => directory_id.clone(),
        Identity::Root | Identity::Service { .. } | Identity::Unknown { .. } => None,
    }
}

/// The words `root` and `unknown` belong to rules A5.
fn unreserved(name: &str) -> String {
    match name {
        "root" | "unknown" => format!("name/{name}"),
        "" => "name/".to_owned(),
        _ => name.to_owned(),
    }
}

impl Default for AttributionSettings {
    fn default() -> Self {
        Self {
            home_account: None,
            session_roles: Vec::new(),
            team_group_pattern: default_team_group_pattern(),
            permission_set_team_pattern: None,
            user_agents: USER_AGENTS
                .iter()
                .map(|(part, tool)| ((*part).to_owned(), ToolId::new(tool)))
                .collect(),
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "a constant pattern, compiled in every test run"
)]
fn default_team_group_pattern() -> Regex {
    Regex::new(TEAM_GROUP_PATTERN).expect("the default pattern is a valid regular expression")
}

#[cfg(test)]
mod tests;
