//! What must be denied where: follows from the blocks that are active (rules E1-E11).

use std::collections::BTreeMap;

use super::{Case, Context};
use crate::access::{Denial, Member, NO_KEYS, Reach, Target, TargetKey, TargetKind, TargetState};
use crate::attribution::{Principal, PrincipalKind};
use crate::block::{Block, Denies, Until};
use crate::ids::{AccountId, ToolId, UserId};
use crate::plan::{AccessChange, Observation, Projection};
use crate::rulebook::{IdentityCenter, Mode, ModeInForce, Rulebook};
use crate::standing::{KnownPrincipal, Standing};

pub(super) fn follow(case: &mut Case<'_>) {
    let (standing, rules) = (case.standing, case.context.rules);
    let wanted: Vec<Member> = wanted(case)
        .into_iter()
        .map(|member| Member {
            enforced: is_enforced(standing, &member, rules),
            ..member
        })
        .collect();
    let steps = steps(case, &wanted);
    case.plan.observed.extend(steps);
    let changes: Vec<AccessChange> = wanted
        .into_iter()
        .filter_map(|member| change(case.standing, member, case.context))
        .collect();
    let touched = !changes.is_empty()
        || !case.plan.opened.is_empty()
        || !case.plan.lifted.is_empty()
        || !case.plan.revised.is_empty()
        || !case.plan.protected.is_empty()
        || !case.plan.unprotected.is_empty();
    case.plan.access.extend(changes);
    if touched {
        case.plan.projections.push(projection(case));
    }
}

/// Every membership of the user as it must be: of the targets of all principals, and of those that
/// still carry a denial.
fn wanted(case: &Case<'_>) -> Vec<Member> {
    let standing = case.standing;
    let denial = denial(case);
    let mut wanted: Vec<Member> = memberships(standing, &denial, case.context.rules);
    let mut tools: BTreeMap<&ToolId, Until> = BTreeMap::new();
    // Whose names went to others has no keys any more.
    let exists = !standing.principals.is_empty();
    for block in case
        .blocks
        .iter()
        .filter(|block| exists && block.is_in_force())
    {
        if let Denies::Tool(_, tool) = &block.denies {
            let until = tools.entry(tool).or_insert(block.until);
            *until = block.until.max(*until);
        }
    }
    for (tool, until) in tools {
        wanted.push(Member {
            target: tool_target(standing, tool, case.context.rules),
            user: standing.user.clone(),
            reach: Reach::Whole,
            denial: Denial {
                everything: Some(until),
                ..Denial::default()
            },
            enforced: false,
        });
    }
    for (_, member) in &standing.access {
        let known = |w: &Member| w.target == member.target && w.reach == member.reach;
        if !wanted.iter().any(known) {
            wanted.push(Member {
                denial: Denial::default(),
                ..member.clone()
            });
        }
    }
    wanted
}

/// Blocks whose Deny is asked for in AWS from now on, and those of the user whose Deny no more is
/// (rules B8).
fn steps(case: &Case<'_>, wanted: &[Member]) -> Vec<Observation> {
    let own = case.blocks.iter();
    own.chain(team_blocks(case))
        .filter(|block| block.is_in_force())
        .filter_map(|block| {
            // Of a team this user is one of many.
            let is_own = block.denies.user().is_some();
            let carried = |member: &&Member| member.enforced && carries(member, &block.denies);
            let asked = wanted.iter().any(|member| carried(&member));
            let id = || block.id.clone();
            match block.deny.requested_at {
                None if asked => Some(Observation::Requested {
                    block: id(),
                    in_place: is_own
                        && wanted
                            .iter()
                            .filter(carried)
                            .all(|member| is_in_place(case.standing, member)),
                }),
                Some(_) if !asked && is_own => Some(Observation::Withdrawn { block: id() }),
                _ => None,
            }
        })
        .collect()
}

/// Whether exactly this is denied already, and was read back.
fn is_in_place(standing: &Standing, member: &Member) -> bool {
    known(standing, member).is_some_and(|(target, before)| {
        before == member && target.state == TargetState::Verified && target.is_read_back()
    })
}

/// Whether a membership is where a block's Deny goes.
fn carries(member: &Member, denies: &Denies) -> bool {
    let target = &member.target;
    match denies {
        Denies::Tool(user, tool) => {
            target.kind == TargetKind::ToolKeys && target.id == tool_keys_id(user, tool)
        }
        Denies::User(_) | Denies::Team(_) => {
            target.kind != TargetKind::ToolKeys && member.denial.everything.is_some()
        }
        Denies::Model(_, model) => {
            target.kind != TargetKind::ToolKeys
                && (member.denial.everything.is_some() || member.denial.models.contains_key(model))
        }
    }
}

/// The user's part in the targets of all principals.
pub fn memberships(standing: &Standing, denial: &Denial, rules: &Rulebook) -> Vec<Member> {
    let mut members: Vec<Member> = Vec::new();
    for known in &standing.principals {
        let (target, reach) = target_of(known, standing, rules);
        if !members
            .iter()
            .any(|m| m.target == target && m.reach == reach)
        {
            members.push(Member {
                target,
                user: standing.user.clone(),
                reach,
                denial: denial.clone(),
                enforced: false,
            });
        }
    }
    members
}

/// What the active blocks deny.
fn denial(case: &Case<'_>) -> Denial {
    let mut denial = Denial::default();
    let of_team = team_blocks(case);
    for block in case
        .blocks
        .iter()
        .chain(of_team)
        .filter(|block| block.is_in_force())
    {
        match &block.denies {
            Denies::User(_) | Denies::Team(_) => {
                denial.everything = denial.everything.max(Some(block.until));
            }
            Denies::Model(_, model) => {
                let until = denial.models.entry(model.clone()).or_insert(block.until);
                *until = block.until.max(*until);
            }
            Denies::Tool(..) => {}
        }
    }
    denial
}

/// Team blocks that reach this user.
pub(super) fn team_blocks<'a>(case: &'a Case<'_>) -> impl Iterator<Item = &'a Block> {
    let reaches = follows_team(case);
    let now = case.context.now;
    case.standing
        .team_blocks
        .iter()
        .filter(move |block| reaches && !block.until.is_over(now))
}

/// Whether blocks of the team reach this user: humans, unless a protection holds, or others bear all
/// their names.
pub(super) fn follows_team(case: &Case<'_>) -> bool {
    case.protection.is_none()
        && case.standing.is_deniable_human(case.context.rules)
        && !case.standing.principals.is_empty()
}

/// The same membership as it is on file.
fn known<'a>(standing: &'a Standing, member: &Member) -> Option<&'a (Target, Member)> {
    standing
        .access
        .iter()
        .find(|(_, known)| known.target == member.target && known.reach == member.reach)
}

/// The change of a membership, if there is one, and the state its target starts in.
fn change(standing: &Standing, member: Member, context: Context<'_>) -> Option<AccessChange> {
    let known = known(standing, &member);
    let was_denied = known.is_some_and(|(_, before)| before.is_denied());
    let (state, note) = initial_state(standing, &member, was_denied, context.rules);
    let change = AccessChange {
        member,
        state,
        note,
    };
    match known {
        None if change.member.denial.is_none() => None,
        Some((target, before)) if *before == change.member && !must_start(target, state) => None,
        _ => Some(change),
    }
}

/// Whether a denial is to be in AWS: in mode `iam`, within its scope. When `iam` was left and the
/// Denies were kept, those that were there stay as long as their blocks do.
fn is_enforced(standing: &Standing, member: &Member, rules: &Rulebook) -> bool {
    let ModeInForce { mode, keeps, .. } = rules.mode;
    let enforcement = &rules.settings.enforcement;
    !member.denial.is_none()
        && match mode {
            Mode::Iam => enforcement.covers(&standing.user, &standing.team),
            Mode::DryRun | Mode::Off => {
                keeps && known(standing, member).is_some_and(|(_, before)| before.is_denied())
            }
        }
}

/// Whether every denial of the user is in AWS or only recorded, as mode and scope want it, and, of
/// people of Identity Center, where and by what the mechanism and the directory of now want it.
pub fn is_aligned(standing: &Standing, rules: &Rulebook) -> bool {
    let wanted = memberships(standing, &Denial::default(), rules);
    standing.access.iter().all(|(_, member)| {
        let of_person = is_of_person(member.target.kind);
        let is_there =
            |place: &Member| (&place.target, &place.reach) == (&member.target, &member.reach);
        member.denial.is_none()
            || member.enforced == is_enforced(standing, member, rules)
                && (!of_person || wanted.iter().any(is_there))
    })
}

const fn is_of_person(kind: TargetKind) -> bool {
    matches!(
        kind,
        TargetKind::IdentityCenter | TargetKind::PermissionSetPolicy | TargetKind::Scp
    )
}

/// A target at which nothing could be done, and can be now. Keys that were looked for in AWS in vain are not looked
/// for at each decision: the reconciler does, and whoever binds another.
fn must_start(target: &Target, state: TargetState) -> bool {
    let why = target.last_error.as_deref().unwrap_or_default();
    let was_looked_for = target.key.kind == TargetKind::ToolKeys && !why.ends_with(NO_KEYS);
    target.denies
        && target.state == TargetState::Cannot
        && state == TargetState::Requested
        && !was_looked_for
}

/// What is to be done about a membership; in `DryRun` and `Off`, nothing: it is only recorded.
fn initial_state(
    standing: &Standing,
    member: &Member,
    was_denied: bool,
    rules: &Rulebook,
) -> (TargetState, Option<String>) {
    let recorded = match rules.mode.mode {
        Mode::Off => TargetState::Off,
        Mode::Iam | Mode::DryRun => TargetState::DryRun,
    };
    match (member.is_denied(), obstacle(standing, member, rules)) {
        (true, Some(why)) => (TargetState::Cannot, Some(why.to_owned())),
        (true, None) => (TargetState::Requested, None),
        // A Deny that may be in AWS is removed whatever the mode is now.
        (false, None) if was_denied => (TargetState::Requested, None),
        (false, _) => (recorded, None),
    }
}

/// Why nothing can be done at a target.
fn obstacle(standing: &Standing, member: &Member, rules: &Rulebook) -> Option<&'static str> {
    match member.target.kind {
        TargetKind::Undeniable => {
            Some("root, AWS services and unknown callers cannot be denied in IAM")
        }
        TargetKind::IdentityCenter => Some(match &rules.settings.enforcement.identity_center {
            IdentityCenter::Scp(_) => {
                "a service control policy does not bind the management account: nobody is denied there"
            }
            IdentityCenter::None | IdentityCenter::PermissionSetPolicy(_) => {
                "people of Identity Center cannot be denied in IAM: set enforcement.identity_center to \
                 permission-set-policy or scp"
            }
        }),
        // Keys that were deactivated are activated again whoever they belong to by then.
        TargetKind::ToolKeys if member.is_denied() && !has_keys(standing, member, rules) => {
            Some(NO_KEYS)
        }
        _ => None,
    }
}

fn has_keys(standing: &Standing, member: &Member, rules: &Rulebook) -> bool {
    standing
        .tool_keys
        .iter()
        .any(|(tool, _)| member.target == tool_target(standing, tool, rules))
}

/// The target a principal is denied at, and how the Deny finds it there.
pub fn target_of(
    known: &KnownPrincipal,
    standing: &Standing,
    rules: &Rulebook,
) -> (TargetKey, Reach) {
    let Principal {
        account,
        kind,
        name,
        session,
    } = &known.principal;
    let session = session.clone().unwrap_or_default();
    let (kind, id, reach) = match kind {
        PrincipalKind::IamUser => (TargetKind::IamUser, name.clone(), Reach::Whole),
        PrincipalKind::Role => (TargetKind::Role, name.clone(), Reach::Whole),
        PrincipalKind::RoleSession => {
            let role_id = known.stable_id.as_deref().unwrap_or("*");
            (
                TargetKind::Role,
                name.clone(),
                Reach::Session(format!("{role_id}:{session}")),
            )
        }
        PrincipalKind::SourceIdentity => (
            TargetKind::Role,
            name.clone(),
            Reach::SourceIdentity(session),
        ),
        PrincipalKind::IdentityCenter => return target_of_person(known, standing, rules),
        PrincipalKind::Root | PrincipalKind::Service | PrincipalKind::Unknown => {
            (TargetKind::Undeniable, name.clone(), Reach::Whole)
        }
    };
    (
        TargetKey {
            account: account.clone(),
            kind,
            id,
        },
        reach,
    )
}

/// Where somebody of Identity Center is denied: by the id that a call told, else the directory, else by
/// what they call their sessions, as they write it (rules E5).
fn target_of_person(
    known: &KnownPrincipal,
    standing: &Standing,
    rules: &Rulebook,
) -> (TargetKey, Reach) {
    let account = &known.principal.account;
    let session = known.principal.session.as_deref().unwrap_or_default();
    let small = session.to_lowercase();
    let id = id_of_person(known, standing, rules).or_else(|| {
        let person = rules.directory.find(None, &small)?;
        Some(person.id.clone())
    });
    let key = |account: &AccountId, kind, id| TargetKey {
        account: account.clone(),
        kind,
        id,
    };
    let target = match &rules.settings.enforcement.identity_center {
        IdentityCenter::PermissionSetPolicy(name) => {
            key(account, TargetKind::PermissionSetPolicy, name.clone())
        }
        IdentityCenter::Scp(scp) if scp.management != *account => {
            key(&scp.management, TargetKind::Scp, scp.policy.clone())
        }
        IdentityCenter::Scp(_) | IdentityCenter::None => {
            let id = id.unwrap_or(small);
            return (key(account, TargetKind::IdentityCenter, id), Reach::Whole);
        }
    };
    let reach = match id {
        Some(id) => Reach::Person(id),
        None => Reach::Session(format!("*:{session}")),
    };
    (target, reach)
}

/// The id that calls told: this spelling of the name, or another one.
fn id_of_person(known: &KnownPrincipal, standing: &Standing, rules: &Rulebook) -> Option<String> {
    let name = known.principal.folded_session();
    let same = |other: &&KnownPrincipal| {
        other.principal.kind == known.principal.kind && other.principal.folded_session() == name
    };
    let told = || {
        let mut others = standing.principals.iter().filter(same);
        others.find_map(|other| other.stable_id.clone())
    };
    // The name went to somebody else: what this one was called would deny them.
    let held = || {
        let mut holders = rules.holders_of(&known.principal).iter();
        let own = holders.rfind(|holder| holder.user == standing.user)?;
        Some(own.stable_id.clone())
    };
    known.stable_id.clone().or_else(told).or_else(held)
}

/// The keys of one tool. They are bound in the home account and nowhere else; where nobody knows it, in that
/// of the user's first principal.
fn tool_target(standing: &Standing, tool: &ToolId, rules: &Rulebook) -> TargetKey {
    let home = rules.settings.attribution.home_account.clone();
    let first = || {
        let known = standing.principals.first();
        known.map(|known| known.principal.account.clone())
    };
    TargetKey {
        account: home.or_else(first).unwrap_or_else(|| AccountId::new("")),
        kind: TargetKind::ToolKeys,
        id: tool_keys_id(&standing.user, tool),
    }
}

fn tool_keys_id(user: &UserId, tool: &ToolId) -> String {
    format!("{user} {tool}")
}

fn projection(case: &Case<'_>) -> Projection {
    let longest = case
        .blocks
        .iter()
        .chain(team_blocks(case))
        .filter(|block| block.is_in_force())
        .filter(|block| matches!(block.denies, Denies::User(_) | Denies::Team(_)))
        .max_by_key(|block| block.until);
    Projection {
        user: case.standing.user.clone(),
        is_blocked: longest.is_some(),
        blocked_reason: longest.map(|block| block.reason.clone()),
        blocked_until: longest.and_then(|block| block.until.instant()),
        protection_by: case
            .protection
            .as_ref()
            .map(|protection| protection.author.clone()),
    }
}
