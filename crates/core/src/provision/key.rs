//! Plans for keys: which IAM user holds the key of which tool (rules A11, E6).
//!
//! A call with an access key names the key, so the keys of all tools may be on one IAM user. A call
//! with a Bedrock API key names only the IAM user: each tool needs one of its own, except the first.

use std::collections::BTreeMap;

use super::{
    BadName, Change, FoundKey, FoundUser, Holder, KeyKind, KeyStatus, Plan, Said, WantedUser,
    companion, plan_user,
};
use crate::attribution::Principal;
use crate::ids::{KeyId, ToolId, UserId};
use crate::rulebook::{KeyOwner, KeyState};

/// Keys of one kind that an IAM user may have.
pub const KEYS_PER_USER: usize = 2;

/// Where a key goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// On the user's own IAM user.
    Own,
    /// On an IAM user for this tool, of that name.
    Companion(String),
}

/// No room for another key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{holder} has {} keys of this kind, and AWS allows {KEYS_PER_USER}: {}. Revoke one first (`weir user \
     revoke-key USER KEY`), or replace one by another at once (`weir user rotate-key USER KEY --at-once`)",
    .keys.len(),
    list(.keys)
)]
pub struct AtLimit {
    /// The IAM user.
    pub holder: String,
    /// Its keys, and the tool of each as far as Weir knows.
    pub keys: Vec<(FoundKey, Option<ToolId>)>,
}

fn list(keys: &[(FoundKey, Option<ToolId>)]) -> String {
    let one = |(key, tool): &(FoundKey, Option<ToolId>)| {
        let tool = tool.as_ref().map_or("an unknown tool", ToolId::as_str);
        format!("{} ({tool}, {})", key.id, key.status)
    };
    let all: Vec<_> = keys.iter().map(one).collect();
    all.join(", ")
}

/// A key of a user, wherever it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenKey {
    /// The IAM user that holds it.
    pub holder: String,
    /// What IAM says.
    pub found: FoundKey,
}

/// Which IAM user is to hold a key of this tool. `tools` says which tools keys belong to.
pub fn place_key(
    own: &FoundUser,
    tool: &ToolId,
    kind: KeyKind,
    tools: &BTreeMap<KeyId, ToolId>,
) -> Result<KeyPlace, BadName> {
    if kind == KeyKind::AccessKey {
        return Ok(KeyPlace::Own);
    }
    let mut others = own
        .keys_of(KeyKind::Bedrock)
        .filter(|key| key.status != KeyStatus::Expired && tools.get(&key.id) != Some(tool));
    match others.next() {
        None => Ok(KeyPlace::Own),
        Some(_) => Ok(KeyPlace::Companion(companion(&own.name, tool)?)),
    }
}

/// Makes the IAM user of a further tool, with the rights of the user's own (of its groups the first,
/// which is its team's), and counts its calls for the user. The link comes before any key: a user who is denied stays denied.
pub fn plan_companion(
    principal: &Principal,
    own: &FoundUser,
    user: &UserId,
    tool: &ToolId,
    found: Option<&FoundUser>,
    is_linked: bool,
) -> Plan {
    let name = &principal.name;
    let mut tags: BTreeMap<String, String> = own
        .tags
        .iter()
        .filter(|(key, _)| ["person", "team", "email"].contains(&key.to_lowercase().as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    tags.insert("WeirUser".to_owned(), own.name.clone());
    tags.insert("WeirTool".to_owned(), tool.as_str().to_owned());
    let wanted = WantedUser {
        name: name.clone(),
        tags,
        group: own.groups.first().cloned(),
        login: None,
    };
    let mut plan = plan_user(&wanted, found);
    let has = |arn: &String| found.is_some_and(|found| found.attached.contains(arn));
    let is_granted = |arn: &&String| arn.contains(super::POLICY_PATH);
    for arn in own
        .attached
        .iter()
        .filter(is_granted)
        .filter(|arn| !has(arn))
    {
        plan.aws(Change::Attach {
            arn: arn.clone(),
            to: Holder::User(name.clone()),
        });
    }
    let link = Said::Link {
        principal: principal.clone(),
        user: user.clone(),
    };
    if is_linked {
        plan.exists.push(link.to_string());
    } else {
        plan.say(link);
    }
    plan
}

/// Says which tool a key is for that was made without Weir, or for which other one it is from now on.
pub fn plan_binding(key: &OpenKey, user: &UserId, tool: &ToolId, owner: Option<&KeyOwner>) -> Plan {
    let mut plan = Plan::default();
    let found = &key.found;
    if owner.is_some_and(|owner| owner.tool == *tool && owner.user == *user) {
        plan.exists
            .push(format!("the key {} of {user} for {tool}", found.id));
        return plan;
    }
    let made_by_weir = owner.is_some_and(|owner| owner.made_by_weir);
    let is_bedrock = found.kind == KeyKind::Bedrock;
    plan.say(Said::Key {
        key: found.id.clone(),
        owner: KeyOwner {
            iam_user: Some(key.holder.clone()),
            created_at: found.created,
            expires_at: found.expires,
            state: match found.status {
                KeyStatus::Active => KeyState::Active,
                _ => KeyState::Inactive,
            },
            ..KeyOwner::new(user.clone(), tool.clone(), is_bedrock, made_by_weir)
        },
    });
    plan
}

/// Removes a key, and remembers its tool for calls of the past.
pub fn plan_revocation(key: &OpenKey, owner: Option<&KeyOwner>) -> Plan {
    let mut plan = Plan::default();
    plan.aws(Change::DeleteKey {
        user: key.holder.clone(),
        key: key.found.id.clone(),
        kind: key.found.kind,
    });
    note(&mut plan, &key.found.id, owner, KeyState::Revoked);
    plan
}

/// Deactivates or activates a key.
pub fn plan_key_state(key: &OpenKey, owner: Option<&KeyOwner>, active: bool) -> Plan {
    use KeyStatus::{Active, Inactive};
    let mut plan = Plan::default();
    let id = &key.found.id;
    match (key.found.status, active) {
        (Active, true) | (Inactive, false) => {
            plan.exists
                .push(format!("the key {id}, {}", key.found.status));
        }
        _ => plan.aws(Change::SetKey {
            user: key.holder.clone(),
            key: id.clone(),
            kind: key.found.kind,
            active,
        }),
    }
    let state = if active {
        KeyState::Active
    } else {
        KeyState::Inactive
    };
    note(&mut plan, id, owner, state);
    plan
}

fn note(plan: &mut Plan, key: &KeyId, owner: Option<&KeyOwner>, state: KeyState) {
    if let Some(owner) = owner.filter(|owner| owner.state != state) {
        plan.say(Said::Key {
            key: key.clone(),
            owner: KeyOwner {
                state,
                ..owner.clone()
            },
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribution::PrincipalKind;
    use crate::ids::AccountId;
    use crate::provision::Step;

    fn key(id: &str, kind: KeyKind) -> FoundKey {
        FoundKey {
            id: KeyId::new(id),
            kind,
            status: KeyStatus::Active,
            created: None,
            expires: None,
        }
    }

    fn ana(keys: Vec<FoundKey>) -> FoundUser {
        FoundUser {
            name: "ana".into(),
            tags: BTreeMap::from([
                ("Person".to_owned(), "Ana".to_owned()),
                ("cost".to_owned(), "7".to_owned()),
            ]),
            groups: vec!["team_sap_group".into()],
            attached: vec![
                "arn:aws:iam::1:policy/weir/access/extra".into(),
                "arn:aws:iam::1:policy/weir/WeirBlock".into(),
            ],
            keys,
            ..FoundUser::default()
        }
    }

    fn tools(all: &[(&str, &str)]) -> BTreeMap<KeyId, ToolId> {
        all.iter()
            .map(|(key, tool)| (KeyId::new(key), ToolId::new(tool)))
            .collect()
    }

    #[test]
    fn a_bedrock_key_of_another_tool_goes_on_an_iam_user_of_its_own() {
        let cline = ToolId::new("cline");
        let place = |keys: Vec<FoundKey>, kind, known: &[(&str, &str)]| {
            place_key(&ana(keys), &cline, kind, &tools(known)).unwrap()
        };
        let apart = KeyPlace::Companion("ana--cline".into());
        for (keys, known, wanted) in [
            (vec![], &[][..], &KeyPlace::Own),
            (
                vec![key("ACCA1", KeyKind::Bedrock)],
                &[("ACCA1", "cline")],
                &KeyPlace::Own,
            ),
            (
                vec![key("ACCA1", KeyKind::Bedrock)],
                &[("ACCA1", "kiro")],
                &apart,
            ),
            (vec![key("ACCA1", KeyKind::Bedrock)], &[], &apart),
            (
                vec![key("AKIA1", KeyKind::AccessKey)],
                &[("AKIA1", "kiro")],
                &KeyPlace::Own,
            ),
        ] {
            assert_eq!(
                place(keys.clone(), KeyKind::Bedrock, known),
                *wanted,
                "{keys:?}"
            );
            assert_eq!(place(keys, KeyKind::AccessKey, known), KeyPlace::Own);
        }
    }

    #[test]
    fn the_iam_user_of_a_tool_has_the_rights_of_the_user_and_is_linked() {
        let principal = Principal {
            account: AccountId::new("1"),
            kind: PrincipalKind::IamUser,
            name: "ana--cline".into(),
            session: None,
        };
        let (user, tool) = (UserId::new("ana"), ToolId::new("cline"));
        let plan = plan_companion(&principal, &ana(vec![]), &user, &tool, None, false);
        let lines: Vec<_> = plan.steps.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "make the user ana--cline",
                "put ana--cline into the group team_sap_group",
                "attach the policy extra to the user ana--cline",
                "count the calls of 1/iam-user/ana--cline for ana",
            ]
        );
        let Step::Aws(Change::CreateUser { tags, .. }) = &plan.steps[0] else {
            panic!("{plan:?}");
        };
        let keys: Vec<_> = tags.keys().map(String::as_str).collect();
        assert_eq!(keys, ["Person", "WeirTool", "WeirUser"]);
    }

    #[test]
    fn a_revoked_key_is_remembered_and_a_state_is_changed_once() {
        let owner = KeyOwner::new(UserId::new("ana"), ToolId::new("cline"), true, true);
        let open = OpenKey {
            holder: "ana".into(),
            found: key("ACCA1", KeyKind::Bedrock),
        };
        let lines =
            |plan: &Plan| -> Vec<String> { plan.steps.iter().map(ToString::to_string).collect() };
        assert_eq!(
            lines(&plan_revocation(&open, Some(&owner))),
            [
                "delete the key ACCA1 (bedrock-api-key) of ana",
                "note in Weir that ACCA1 is revoked",
            ]
        );
        assert!(plan_key_state(&open, Some(&owner), true).is_done());
        assert_eq!(
            lines(&plan_key_state(&open, Some(&owner), false)),
            [
                "deactivate the key ACCA1",
                "note in Weir that ACCA1 is inactive"
            ]
        );
    }

    #[test]
    fn at_the_limit_the_keys_are_listed() {
        let error = AtLimit {
            holder: "ana".into(),
            keys: vec![
                (key("ACCA1", KeyKind::Bedrock), Some(ToolId::new("cline"))),
                (key("ACCA2", KeyKind::Bedrock), None),
            ],
        };
        let said = error.to_string();
        assert!(
            said.contains("ACCA1 (cline, active), ACCA2 (an unknown tool, active)"),
            "{said}"
        );
    }
}
