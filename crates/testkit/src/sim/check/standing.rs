//! Blocks: who must be blocked is, and nobody else; and deciding again changes nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use weir_core::block::{Block, Denies, Force, Until};
use weir_core::calendar::Zone;
use weir_core::decide::{Context, decide};
use weir_core::ids::{TeamId, UserId};
use weir_core::plan::Plan;
use weir_core::pricing::PriceBook;
use weir_core::rulebook::Rulebook;
use weir_store::BlockRow;

use super::{broken, ensure};
use crate::sim::cast::{Team, Who};
use crate::sim::model::{Known, Need, Wants};
use crate::sim::world::{Broken, World};

impl World {
    /// At any time: one block per violated window, one by hand, and none by automation for those
    /// who are protected.
    pub(super) async fn check_blocks_apart(&self) -> Result<(), Broken> {
        let now = self.now();
        let mut seen = BTreeSet::new();
        for BlockRow { block, lifted, .. } in self.blocks().await? {
            ensure!(lifted.is_none(), "{block:?} was lifted and is listed");
            let window = block.window().map(|window| window.to_string());
            let first = seen.insert((block.denies.clone(), window));
            ensure!(first, "two blocks of one kind: {block:?}");
            let Some(user) = block.denies.user().filter(|_| block.is_automatic()) else {
                continue;
            };
            let protection = self.model.protection(user, now);
            let safe = protection.is_some_and(|protection| protection.cap.is_none());
            let over = block.until.is_over(now);
            ensure!(
                !safe || over,
                "`{user}` is protected, and there is {block:?}"
            );
            ensure!(
                *user != Who::Vip.user(),
                "`{user}` is never denied, and there is {block:?}"
            );
        }
        Ok(())
    }

    /// At rest: exactly the blocks that follow from the rules.
    pub(super) fn check_blocks(&self, rows: &[BlockRow]) -> Result<(), Broken> {
        let now = self.now();
        for BlockRow { block, .. } in rows {
            ensure!(
                !block.until.is_over(now),
                "over since {:?}, not lifted: {block:?}",
                block.until
            );
            let may_be_held = self.setup.max_new_blocks < 1_000;
            ensure!(
                may_be_held || block.is_in_force(),
                "held without need: {block:?}"
            );
        }
        for user in self.users() {
            let automatic =
                |block: &&Block| block.is_automatic() && block.denies.user() == Some(&user);
            let known: Vec<&Block> = rows
                .iter()
                .map(|row| &row.block)
                .filter(automatic)
                .collect();
            compare(user.as_str(), &known, &self.model.wants(&user, now))?;
            let by_hand = rows
                .iter()
                .map(|row| &row.block)
                .find(|block| !block.is_automatic() && block.denies == Denies::User(user.clone()));
            let known = by_hand.map(|block| block.until);
            let expected = self.model.manual(&user, now);
            ensure!(
                known == expected,
                "by hand, `{user}`: until {known:?}, not {expected:?}"
            );
        }
        for team in [Team::Sap, Team::Crm] {
            self.check_team(team, rows)?;
        }
        Ok(())
    }

    /// A team has the blocks that follow from the rules; while a discarded one is on file, no other
    /// begins.
    fn check_team(&self, team: Team, rows: &[BlockRow]) -> Result<(), Broken> {
        let now = self.now();
        let of_team = |block: &&Block| block.denies == Denies::Team(team.id());
        let (gone, known): (Vec<&Block>, Vec<&Block>) = rows
            .iter()
            .map(|row| &row.block)
            .filter(of_team)
            .partition(|block| block.force == Force::Discarded);
        let discarded = self.model.discarded(team, now);
        ensure!(
            gone.is_empty() != discarded.is_some(),
            "{team:?} was discarded {discarded:?}, and on file is {gone:?}"
        );
        let mut wants = self.model.team_wants(team, now);
        if let Some((at, until)) = discarded {
            let until = Until::At(until);
            ensure!(
                gone.iter().all(|block| block.until == until),
                "{team:?} was discarded until {until:?}: {gone:?}"
            );
            ensure!(
                known.iter().all(|block| block.since <= at),
                "{team:?} was discarded at {at}, and there is {known:?}"
            );
            for wanted in wants.values_mut() {
                wanted.need = Need::May;
            }
        }
        compare(team.id().as_str(), &known, &wants)
    }

    /// What people and tools read in the `users` table is what the blocks say.
    pub(super) async fn check_projection(&self, rows: &[BlockRow]) -> Result<(), Broken> {
        let now = self.now();
        for user in self.users() {
            let row = self.store.user(&user).await.map_err(broken)?;
            let Some(row) = row else {
                return Err(format!("no user `{user}`"));
            };
            ensure!(
                self.model.teams_of(&user).contains(&row.team),
                "`{user}` is in team {}, not one of {:?}",
                row.team,
                self.model.teams_of(&user)
            );
            let protected = self.model.protection(&user, now).is_some();
            let known = row.protection_by.is_some();
            ensure!(
                known == protected,
                "`{user}` is shown protected: {known}, is: {protected}"
            );
            if self.is_open(&user) {
                continue;
            }
            let blocked = rows
                .iter()
                .any(|row_| self.reaches(&row_.block, &user, &row.team));
            let known = row.is_blocked;
            ensure!(
                known == blocked,
                "`{user}` is shown blocked: {known}, is: {blocked}"
            );
        }
        Ok(())
    }

    /// Whether a block denies everything to this user now.
    pub(super) fn reaches(&self, block: &Block, user: &UserId, team: &TeamId) -> bool {
        let free = self.model.protection(user, self.now()).is_some()
            || *user == Who::Vip.user()
            || !self.model.is_deniable_human(user)
            || !self.model.exists(user);
        match &block.denies {
            _ if !block.is_in_force() => false,
            Denies::User(denied) => denied == user,
            Denies::Team(denied) => denied == team && !free,
            Denies::Tool(..) | Denies::Model(..) => false,
        }
    }

    /// Whether the rules leave open what a block of the team does to this user: whether the cap of a
    /// protection is held against a total of many is not said.
    pub(super) fn is_open(&self, user: &UserId) -> bool {
        self.model
            .protection(user, self.now())
            .is_some_and(|protection| protection.cap.is_some())
    }

    /// Evaluating everybody again changes nothing.
    pub(super) async fn check_decided(&self) -> Result<(), Broken> {
        let (now, rules) = (self.now(), self.rules().await?);
        let mut users = self.users();
        // Whoever is not to be evaluated yet would be told things.
        let open = |known: &&Known| known.counted.tentative || known.is_ahead();
        let calls: Vec<_> = self
            .model
            .calls
            .values()
            .filter(open)
            .map(|k| &k.counted)
            .collect();
        users.retain(|user| {
            !self.model.is_reprieved(user) && calls.iter().all(|call| call.user != *user)
        });
        let mut teams = vec![Team::Sap.id(), Team::Crm.id()];
        teams.retain(|team| calls.iter().all(|call| call.team != *team));
        let situation = self
            .store
            .situation(&users, &teams, now, &rules)
            .await
            .map_err(broken)?;
        let context = Context {
            rules: &rules,
            now,
            wall: now,
            origin: "sim",
        };
        let plan = decide(&situation, context);
        let rest = Plan {
            ask_young: Vec::new(),
            ask_young_teams: Vec::new(),
            recheck: Vec::new(),
            outbox: Vec::new(),
            ..plan
        };
        ensure!(rest.is_empty(), "evaluated again, this happens: {rest:#?}");
        Ok(())
    }

    /// The rules as the engine reads them.
    pub(super) async fn rules(&self) -> Result<Rulebook, Broken> {
        let stored = self.store.rules().await.map_err(broken)?;
        let zone = Zone::named(&stored.zone).map_err(|error| error.to_string())?;
        let prices = Arc::new(PriceBook::with(stored.prices.iter().cloned()));
        Ok(Rulebook::new(
            Arc::clone(&self.settings),
            zone,
            prices,
            stored,
        ))
    }
}

/// Holds the blocks on file against those that follow from the rules.
fn compare(who: &str, known: &[&Block], wants: &Wants) -> Result<(), Broken> {
    for block in known {
        let window = block
            .window()
            .map(|window| window.to_string())
            .unwrap_or_default();
        let wanted = wants
            .iter()
            .find(|((denies, win), _)| *denies == block.denies && win.to_string() == window);
        let Some((_, wanted)) = wanted else {
            return Err(format!(
                "`{who}` must not be blocked: {block:#?}; wanted: {wants:#?}"
            ));
        };
        let until = Until::At(wanted.until);
        ensure!(
            block.until == until,
            "`{who}` is blocked until {:?}, not {until:?}",
            block.until
        );
    }
    for ((denies, window), wanted) in wants {
        let there = known.iter().any(|block| {
            block.denies == *denies
                && block
                    .window()
                    .is_some_and(|known| known.to_string() == window.to_string())
        });
        ensure!(
            there || wanted.need == Need::May,
            "`{who}` must be blocked: {denies:?} {window}"
        );
    }
    Ok(())
}
