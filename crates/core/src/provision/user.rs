//! Plans for people's IAM users.

use std::collections::BTreeMap;

use super::{Change, FoundMfa, FoundUser, Holder, Plan, Step, team_of_group};

/// How an IAM user is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedUser {
    /// Its name.
    pub name: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The group of its team.
    pub group: Option<String>,
    /// It may log in to the console; `None` leaves that as it is.
    pub login: Option<bool>,
}

/// Makes a user, or finishes one that was half made. What says something else stays: that is
/// [`plan_user_update`]'s.
pub fn plan_user(wanted: &WantedUser, found: Option<&FoundUser>) -> Plan {
    let mut plan = Plan::default();
    match found {
        None => plan.aws(Change::CreateUser {
            user: wanted.name.clone(),
            tags: wanted.tags.clone(),
        }),
        Some(found) => {
            plan.exists
                .push(format!("the user {} ({})", found.name, found.arn));
            let missing = |(key, _): &(&String, &String)| found.tag(key).is_none();
            set_tags(&mut plan, wanted, missing);
            let other = wanted
                .tags
                .iter()
                .filter(|(key, value)| found.tag(key).is_some_and(|known| known != *value));
            for (key, value) in other {
                plan.notes.push(format!(
                    "the tag {key} of {} says `{}`, not `{value}`: `weir user update` changes it",
                    wanted.name,
                    found.tag(key).unwrap_or_default()
                ));
            }
        }
    }
    let team = |tags: &BTreeMap<String, String>| tags.get("Team").cloned();
    let says = found.and_then(|found| found.tag("Team"));
    // Whoever is of another team gets nothing of this one.
    if says.is_none_or(|says| team(&wanted.tags).is_none_or(|wanted| wanted == says)) {
        join(&mut plan, wanted, found, false);
    }
    log_in(&mut plan, wanted, found);
    plan
}

/// Changes tags, team and login of a user.
pub fn plan_user_update(wanted: &WantedUser, found: &FoundUser) -> Plan {
    let mut plan = Plan::default();
    let differs = |(key, value): &(&String, &String)| found.tag(key) != Some(value.as_str());
    set_tags(&mut plan, wanted, differs);
    join(&mut plan, wanted, Some(found), true);
    log_in(&mut plan, wanted, Some(found));
    plan
}

fn set_tags(plan: &mut Plan, wanted: &WantedUser, which: impl Fn(&(&String, &String)) -> bool) {
    let tags: BTreeMap<_, _> = wanted
        .tags
        .iter()
        .filter(which)
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if !tags.is_empty() {
        let user = wanted.name.clone();
        plan.aws(Change::SetTags { user, tags });
    }
}

/// Into the team's group; with `leave`, out of those of other teams.
fn join(plan: &mut Plan, wanted: &WantedUser, found: Option<&FoundUser>, leave: bool) {
    let Some(group) = &wanted.group else { return };
    let user = &wanted.name;
    let groups = found.map_or(&[][..], |found| &found.groups);
    if groups.contains(group) {
        plan.exists.push(format!("{user} is in the group {group}"));
    } else {
        plan.aws(Change::AddToGroup {
            user: user.clone(),
            group: group.clone(),
        });
    }
    let of_other_teams = groups
        .iter()
        .filter(|known| *known != group && team_of_group(known).is_some());
    for other in of_other_teams {
        if leave {
            plan.aws(Change::RemoveFromGroup {
                user: user.clone(),
                group: other.clone(),
            });
        } else {
            plan.notes.push(format!(
                "{user} is in the group {other} too: `weir user update {user} --team TEAM` leaves one"
            ));
        }
    }
}

fn log_in(plan: &mut Plan, wanted: &WantedUser, found: Option<&FoundUser>) {
    let user = wanted.name.clone();
    match (wanted.login, found.is_some_and(|found| found.login)) {
        (Some(true), false) => plan.steps.push(Step::Login { user }),
        (Some(true), true) => plan
            .exists
            .push(format!("{user} has a password for the console")),
        (Some(false), true) => plan.aws(Change::DeleteLogin { user }),
        (Some(false) | None, _) => {}
    }
}

/// Removes a user with everything AWS demands first. Keys go before policies: what denies stays
/// until nobody can call any more.
pub fn plan_user_deletion(found: &FoundUser) -> Plan {
    let mut plan = Plan::default();
    take_credentials(&mut plan, found);
    take_memberships(&mut plan, found);
    plan.aws(Change::DeleteUser {
        user: found.name.clone(),
    });
    plan
}

fn take_credentials(plan: &mut Plan, found: &FoundUser) {
    let user = || found.name.clone();
    for key in &found.keys {
        plan.aws(Change::DeleteKey {
            user: user(),
            key: key.id.clone(),
            kind: key.kind,
        });
    }
    if found.login {
        plan.aws(Change::DeleteLogin { user: user() });
    }
    for id in found.other_credentials.iter().cloned() {
        plan.aws(Change::DeleteCredential { user: user(), id });
    }
    for id in found.certificates.iter().cloned() {
        plan.aws(Change::DeleteCertificate { user: user(), id });
    }
    for id in found.ssh_keys.iter().cloned() {
        plan.aws(Change::DeleteSshKey { user: user(), id });
    }
    for FoundMfa { serial, is_virtual } in &found.mfa {
        let serial = || serial.clone();
        plan.aws(Change::DeactivateMfa {
            user: user(),
            serial: serial(),
        });
        if *is_virtual {
            plan.aws(Change::DeleteVirtualMfa {
                user: user(),
                serial: serial(),
            });
        }
    }
}

fn take_memberships(plan: &mut Plan, found: &FoundUser) {
    let user = || found.name.clone();
    for group in found.groups.iter().cloned() {
        plan.aws(Change::RemoveFromGroup {
            user: user(),
            group,
        });
    }
    for policy in found.inline.iter().cloned() {
        plan.aws(Change::DeleteInline {
            policy,
            from: Holder::User(user()),
        });
    }
    for arn in found.attached.iter().cloned() {
        plan.aws(Change::Detach {
            arn,
            from: Holder::User(user()),
        });
    }
    if found.boundary {
        plan.aws(Change::DeleteBoundary { user: user() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::KeyId;
    use crate::provision::{FoundKey, KeyKind, KeyStatus};

    fn tags(all: &[(&str, &str)]) -> BTreeMap<String, String> {
        all.iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn wanted() -> WantedUser {
        WantedUser {
            name: "ana".into(),
            tags: tags(&[("Person", "Ana López"), ("Team", "sap")]),
            group: Some("team_sap_group".into()),
            login: Some(true),
        }
    }

    fn lines(plan: &Plan) -> Vec<String> {
        plan.steps.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_user_is_made_once_and_a_half_made_one_is_finished() {
        let fresh = plan_user(&wanted(), None);
        assert_eq!(
            lines(&fresh),
            [
                "make the user ana",
                "put ana into the group team_sap_group",
                "give the user ana a password for the console",
            ]
        );
        let mut found = FoundUser {
            name: "ana".into(),
            tags: tags(&[("team", "sap")]),
            ..FoundUser::default()
        };
        let half = plan_user(&wanted(), Some(&found));
        assert_eq!(lines(&half)[0], "set the tags Person of the user ana");
        assert_eq!(half.steps[1..], fresh.steps[1..]);
        found.tags = wanted().tags;
        found.groups = vec!["team_sap_group".into()];
        found.login = true;
        let done = plan_user(&wanted(), Some(&found));
        assert!(done.is_done());
        assert_eq!(done.exists.len(), 3);
    }

    #[test]
    fn what_is_another_stays_until_it_is_updated() {
        let found = FoundUser {
            name: "ana".into(),
            tags: tags(&[("Person", "Ana Ruiz"), ("Team", "sap")]),
            groups: vec!["team_data_group".into(), "admins".into()],
            login: true,
            ..FoundUser::default()
        };
        let made = plan_user(&wanted(), Some(&found));
        assert_eq!(lines(&made), ["put ana into the group team_sap_group"]);
        assert!(made.notes[0].contains("says `Ana Ruiz`, not `Ana López`"));
        assert!(made.notes[1].contains("team_data_group too"));
        let mut moved = wanted();
        moved.tags.insert("Team".to_owned(), "crm".to_owned());
        moved.group = Some("team_crm_group".into());
        let made = plan_user(&moved, Some(&found));
        assert!(
            made.is_done(),
            "nothing of a team that the tag does not name: {made:?}"
        );
        let mut other = wanted();
        other.login = Some(false);
        assert_eq!(
            lines(&plan_user_update(&other, &found)),
            [
                "set the tags Person of the user ana",
                "put ana into the group team_sap_group",
                "take ana out of the group team_data_group",
                "take the console password of ana away",
            ]
        );
    }

    #[test]
    fn everything_that_hinders_goes_before_the_user_and_keys_go_first() {
        let found = FoundUser {
            name: "ana".into(),
            groups: vec!["team_sap_group".into()],
            login: true,
            keys: vec![FoundKey {
                id: KeyId::new("AKIA1"),
                kind: KeyKind::AccessKey,
                status: KeyStatus::Active,
                created: None,
                expires: None,
            }],
            other_credentials: vec![KeyId::new("ACCA2")],
            certificates: vec!["CERT".into()],
            ssh_keys: vec!["APKA".into()],
            mfa: vec![FoundMfa {
                serial: "arn:aws:iam::1:mfa/ana".into(),
                is_virtual: true,
            }],
            inline: vec!["own".into()],
            attached: vec!["arn:aws:iam::1:policy/weir/WeirBlock".into()],
            boundary: true,
            ..FoundUser::default()
        };
        assert_eq!(
            lines(&plan_user_deletion(&found)),
            [
                "delete the key AKIA1 (access-key) of ana",
                "take the console password of ana away",
                "delete the service-specific credential ACCA2 of ana",
                "delete the signing certificate CERT of ana",
                "delete the SSH key APKA of ana",
                "take the MFA device arn:aws:iam::1:mfa/ana from ana",
                "delete the MFA device arn:aws:iam::1:mfa/ana",
                "take ana out of the group team_sap_group",
                "delete the inline policy own of the user ana",
                "detach the policy WeirBlock from the user ana",
                "remove the permissions boundary of ana",
                "delete the user ana",
            ]
        );
    }
}
