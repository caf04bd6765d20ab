//! What AWS holds is what the blocks deny, to everybody concerned and to nobody else.

use std::collections::BTreeMap;

use jiff::Timestamp;
use weir_core::access::{Denial, Desired, Member, Reach, TargetKey, TargetKind, TargetState};
use weir_core::attribution::PrincipalKind;
use weir_core::block::{Denies, DenyTimes};
use weir_core::ids::{TeamId, UserId};
use weir_store::{BlockRow, TargetRow};

use super::{broken, ensure};
use crate::sim::cast::{MARIAS_SESSION, Tool, Who};
use crate::sim::cloud::target;
use crate::sim::op::People;
use crate::sim::world::{Broken, World};

/// Who is denied what at which target.
type Denied = BTreeMap<TargetKey, Vec<(Reach, Denial)>>;

impl World {
    /// At rest: every target verified and as the blocks want it, the keys too, and nothing of other
    /// people's touched.
    pub(super) async fn check_enforcement(&self, rows: &[BlockRow]) -> Result<(), Broken> {
        let on_file = self.store.targets(&[]).await.map_err(broken)?;
        let (expected, open) = self.expected(rows).await?;
        let people = self.setup.people;
        for (key, mut denied) in expected {
            denied.sort_by(|(a, _), (b, _)| a.cmp(b));
            let wanted = Desired { denied };
            let row = on_file.iter().find(|row| row.target.key == key);
            let ledger = Desired::of(row.into_iter().flat_map(|row| row.members.clone()));
            if !open.contains(&key) {
                ensure!(
                    ledger == wanted,
                    "the ledger wants at {key}: {ledger:#?}, not {wanted:#?}"
                );
            }
            let deniable = matches!(
                key.kind,
                TargetKind::IamUser
                    | TargetKind::Role
                    | TargetKind::PermissionSetPolicy
                    | TargetKind::Scp
            );
            if deniable {
                let same = self.cloud.holds(&key, &ledger).await;
                ensure!(
                    same,
                    "AWS does not hold at {key} what the ledger wants: {ledger:#?}"
                );
            }
            let state = row.map_or(TargetState::None, |row| row.target.state);
            let settled = match (deniable, ledger.is_allowed()) {
                (true, true) => state == TargetState::None,
                (true, false) => state == TargetState::Verified,
                (false, true) => true,
                (false, false) => state == TargetState::Cannot,
            };
            ensure!(settled, "{key} is {state}, and denied are {ledger:?}");
        }
        for who in Who::ALL
            .into_iter()
            .filter(|who| !self.model.users.contains(&who.user()))
        {
            let shared = self
                .model
                .principals
                .values()
                .any(|known| target(*known, people) == target(who, people));
            ensure!(
                shared || !self.cloud.denies(&target(who, people)),
                "{who:?} is denied before any call"
            );
        }
        ensure!(
            self.cloud.others_are_untouched(),
            "policies of other people were changed"
        );
        check_times(rows, &on_file)?;
        self.check_keys(rows)
    }

    /// What the blocks deny at the target of every principal, and where the rules leave it open.
    async fn expected(&self, rows: &[BlockRow]) -> Result<(Denied, Vec<TargetKey>), Broken> {
        let mut expected = Denied::new();
        let mut open = Vec::new();
        for (principal, who) in &self.model.principals {
            let who = if *principal == who.principal() {
                *who
            } else {
                Who::Ci
            };
            let owner = self.model.owner(principal, who);
            let row = self.store.user(&owner).await.map_err(broken)?;
            let Some(row) = row else {
                return Err(format!("no user `{owner}`"));
            };
            let denial = self.denial(rows, &owner, &row.team);
            let name = self.model.names.get(principal);
            let id = name.and_then(|name| name.id.as_deref());
            let key = self.target(who, id);
            if self.is_open(&owner) {
                open.push(key.clone());
            }
            let members = expected.entry(key).or_default();
            if !denial.is_none() {
                members.push((reach(who, id, self.setup.people), denial));
            }
        }
        Ok((expected, open))
    }

    /// Where somebody is denied: a person that no shared document denies, under the directory's id once
    /// a record told it, before that under what their sessions are called.
    fn target(&self, who: Who, id: Option<&str>) -> TargetKey {
        let mut key = target(who, self.setup.people);
        if key.kind == TargetKind::IdentityCenter && id.is_none() {
            who.user().as_str().clone_into(&mut key.id);
        }
        key
    }

    /// A tool is denied by its key, and by nothing else.
    fn check_keys(&self, rows: &[BlockRow]) -> Result<(), Broken> {
        let denies = Denies::Tool(Who::Ana.user(), Tool::Cline.id());
        let blocked = rows
            .iter()
            .any(|row| row.block.denies == denies && row.block.is_in_force());
        let ana =
            self.model.principals.keys().any(|principal| {
                principal.kind == PrincipalKind::IamUser && principal.name == "ana"
            });
        // Whoever is made again has other keys.
        if self.cloud.key_is_gone() {
            return Ok(());
        }
        let active = self.cloud.key_is_active();
        ensure!(
            !ana || active != blocked,
            "the key is active: {active}, the tool blocked: {blocked}"
        );
        Ok(())
    }

    /// What the blocks deny a user.
    fn denial(&self, rows: &[BlockRow], user: &UserId, team: &TeamId) -> Denial {
        let mut denial = Denial::default();
        for BlockRow { block, .. } in rows {
            if self.reaches(block, user, team) {
                denial.everything = denial.everything.max(Some(block.until));
            }
            if let Denies::Model(denied, model) = &block.denies
                && denied == user
                && block.is_in_force()
            {
                let until = denial.models.entry(model.clone()).or_insert(block.until);
                *until = block.until.max(*until);
            }
        }
        denial
    }
}

/// A block whose Deny is in AWS says since when it was asked for and there, in that order; one that is
/// only recorded says nothing (rules B8).
fn check_times(rows: &[BlockRow], on_file: &[TargetRow]) -> Result<(), Broken> {
    for block in rows.iter().map(|row| &row.block) {
        let (Denies::User(user), true) = (&block.denies, block.is_in_force()) else {
            continue;
        };
        let holds = |row: &&TargetRow| {
            let denied = |member: &Member| member.user == *user && member.is_denied();
            row.target.key.kind != TargetKind::ToolKeys && row.members.iter().any(denied)
        };
        let states: Vec<_> = on_file
            .iter()
            .filter(holds)
            .map(|row| row.target.state)
            .collect();
        let DenyTimes {
            requested_at,
            verified_at,
            first_denied_at,
        } = block.deny;
        ensure!(
            requested_at.is_some() != states.is_empty(),
            "asked for at {requested_at:?}, at targets {states:?}: {block:?}"
        );
        let there = !states.is_empty() && states.iter().all(|one| *one == TargetState::Verified);
        ensure!(
            verified_at.is_some() || !there,
            "the Deny is there, and the block does not say since when: {block:?}"
        );
        let in_order = |later: Option<Timestamp>| later.is_none_or(|at| Some(at) >= requested_at);
        ensure!(
            in_order(verified_at) && in_order(first_denied_at),
            "out of order: {block:?}"
        );
    }
    Ok(())
}

/// How a Deny finds somebody at a target.
fn reach(who: Who, id: Option<&str>, people: People) -> Reach {
    match who {
        Who::Maria | Who::Nora if people == People::Nobody => Reach::Whole,
        Who::Maria => Reach::Session(format!("*:{MARIAS_SESSION}")),
        Who::Nora => match id {
            Some(id) => Reach::Person(id.to_owned()),
            None => Reach::Session("*:nora@example.com".to_owned()),
        },
        Who::Carl => Reach::Session(format!("{}:carl", id.unwrap_or("*"))),
        Who::Dan => Reach::SourceIdentity("dan".to_owned()),
        _ => Reach::Whole,
    }
}
