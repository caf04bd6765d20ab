//! The pure decision, put to work: over the users of a batch, and what it means for people.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use weir_core::access::TargetKind;
use weir_core::block::{Block, Denies};
use weir_core::decide::{self, Context};
use weir_core::evidence::Evidence;
use weir_core::ids::{TeamId, UserId};
use weir_core::plan::Plan;
use weir_core::rulebook::Rulebook;
use weir_core::standing::{Situation, Standing};
use weir_store::{Batch, DeadLetter, Settled, StoreError};

use crate::parts::{Parts, in_words};
use crate::report::Preview;
use crate::{Engine, EngineError};

/// How often a transaction is repeated because the rules changed meanwhile, or had to.
const STALE_RETRIES: u32 = 8;

/// Who lost, and who regained access in one settle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shift {
    pub(crate) blocked: BTreeSet<UserId>,
    pub(crate) released: BTreeSet<UserId>,
    pub(crate) held: BTreeSet<UserId>,
    pub(crate) teams: BTreeSet<TeamId>,
    /// The same of one tool or one model.
    pub(crate) parts: Parts,
}

impl Shift {
    /// Compares the standings with what a plan makes of them.
    pub(crate) fn of(situation: &Situation, plan: &Plan) -> Self {
        let mut shift = Self::default();
        for standing in &situation.users {
            let before = is_denied(standing);
            let projected = plan
                .projections
                .iter()
                .find(|one| one.user == standing.user);
            let after = projected.map_or(before, |projection| projection.is_blocked);
            let user = || standing.user.clone();
            match (before, after) {
                (false, true) => _ = shift.blocked.insert(user()),
                (true, false) => _ = shift.released.insert(user()),
                (false, false) if is_newly_held(standing, plan) => _ = shift.held.insert(user()),
                _ => {}
            }
            shift
                .parts
                .extend(Parts::of(standing, plan, (before, after)));
        }
        shift.teams.extend(
            plan.opened
                .iter()
                .filter(|block| block.is_in_force())
                .filter_map(|block| block.denies.team().cloned()),
        );
        shift
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.blocked.extend(other.blocked);
        self.released.extend(other.released);
        self.held.extend(other.held);
        self.teams.extend(other.teams);
        self.parts.extend(other.parts);
    }

    /// Everybody against whom a block is newly in force, be it of everything or of one tool or model
    /// (rules 1).
    pub(crate) fn losers(&self) -> BTreeSet<UserId> {
        self.blocked
            .iter()
            .chain(self.parts.losers())
            .cloned()
            .collect()
    }
}

impl From<Shift> for Preview {
    fn from(shift: Shift) -> Self {
        let Shift {
            blocked,
            released,
            held,
            teams,
            parts,
        } = shift;
        Self {
            blocked,
            released,
            held,
            teams,
            blocked_in_part: in_words(&parts.blocked),
            released_in_part: in_words(&parts.released),
            held_in_part: in_words(&parts.held),
        }
    }
}

/// Whether the user was denied everything before: by an own block, or, because of the team, at any
/// target. (A block of the team may be there already while its members are still to follow.)
fn is_denied(standing: &Standing) -> bool {
    let own = standing
        .blocks
        .iter()
        .any(|block| block.is_in_force() && matches!(block.denies, Denies::User(_)));
    own || standing.access.iter().any(|(target, member)| {
        target.key.kind != TargetKind::ToolKeys && member.denial.everything.is_some()
    })
}

fn is_newly_held(standing: &Standing, plan: &Plan) -> bool {
    let of_user = |block: &&Block| block.denies == Denies::User(standing.user.clone());
    plan.opened.iter().filter(of_user).any(Block::is_held)
}

impl Engine {
    /// The context of a decision made here.
    pub(crate) fn context<'a>(&'a self, rules: &'a Rulebook) -> Context<'a> {
        Context {
            rules,
            now: self.now(),
            wall: self.wall(),
            origin: &self.options.origin,
        }
    }

    /// Settles a batch with the ordinary decision. `make` builds it for the rules it is given, again
    /// where those used were stale.
    pub(crate) async fn settle<M>(&self, make: M) -> Result<(Settled, Shift), EngineError>
    where
        M: for<'a> Fn(&'a Rulebook) -> Batch<'a> + Send + Sync,
    {
        self.settle_deciding(make, decide::decide).await
    }

    /// Settles a batch with a decision of the caller's.
    pub(crate) async fn settle_deciding<M, D>(
        &self,
        make: M,
        decide: D,
    ) -> Result<(Settled, Shift), EngineError>
    where
        M: for<'a> Fn(&'a Rulebook) -> Batch<'a> + Send + Sync,
        D: Fn(&Situation, Context<'_>) -> Plan + Send + Sync,
    {
        let mut attempts = 0;
        loop {
            let rules = self.rules().await?;
            let batch = make(&rules);
            if let Some(done) = self.attempt(&batch, &decide, &mut attempts).await? {
                return Ok(done);
            }
        }
    }

    /// Settles evidence with what AWS says about its callers. Who bears which name is one of the
    /// rules: under newer ones AWS is asked again, or no more.
    pub(crate) async fn settle_looked_up(
        &self,
        found: Vec<Evidence>,
        dead_letters: Vec<DeadLetter>,
    ) -> Result<(Settled, Shift), EngineError> {
        let mut attempts = 0;
        loop {
            let rules = self.rules().await?;
            let mut evidence = found.clone();
            self.look_up(&mut evidence, &rules).await?;
            let batch = Batch {
                evidence,
                dead_letters: dead_letters.clone(),
                ..self.batch("usage", &rules)
            };
            let done = self.attempt(&batch, &decide::decide, &mut attempts);
            if let Some(done) = done.await? {
                return Ok(done);
            }
        }
    }

    /// Settles once. Nothing, if the rules were stale or had to be changed first: they are read
    /// again by then, and the batch is to be made for them.
    #[tracing::instrument(name = "settle", level = "debug", skip_all)]
    async fn attempt<D>(
        &self,
        batch: &Batch<'_>,
        decide: &D,
        attempts: &mut u32,
    ) -> Result<Option<(Settled, Shift)>, EngineError>
    where
        D: Fn(&Situation, Context<'_>) -> Plan + Send + Sync,
    {
        // Overwritten whenever the closure runs again: the last run is the one that is committed.
        let last = Mutex::new(Shift::default());
        let rules = batch.rules;
        let decide = |situation: &Situation| {
            let plan = decide(situation, self.context(rules));
            *last.lock().unwrap_or_else(PoisonError::into_inner) = Shift::of(situation, &plan);
            plan
        };
        let may_repeat = *attempts < STALE_RETRIES;
        *attempts += 1;
        match self.store.settle(batch, &decide).await {
            Err(StoreError::StaleRules { .. }) if may_repeat => {}
            Err(StoreError::ChangedIds(found)) if may_repeat => {
                self.succeed(found, rules.version).await?;
            }
            settled => {
                let settled = settled?;
                Self::tell(&settled);
                if let Some(decided) = &self.decided {
                    let mut decided = decided.lock().unwrap_or_else(PoisonError::into_inner);
                    decided.push(settled.plan.clone());
                }
                let shift = last.into_inner().unwrap_or_else(PoisonError::into_inner);
                return Ok(Some((settled, shift)));
            }
        }
        self.reload_rules().await?;
        Ok(None)
    }

    fn tell(settled: &Settled) {
        for block in &settled.plan.opened {
            let (held, until) = (block.is_held(), block.until.instant());
            tracing::info!(block = %block.id, reason = %block.reason, held, ?until, "blocked");
        }
        for lift in &settled.plan.lifted {
            tracing::info!(block = %lift.id, why = lift.why.as_str(), "block lifted");
        }
        if settled.retries > 0 {
            tracing::debug!(retries = settled.retries, "the transaction was repeated");
        }
    }
}
