//! The hot path: one transaction that counts, decides and records.

use std::collections::{BTreeMap, BTreeSet};

use weir_core::ids::{RequestId, TeamId};
use weir_core::plan::Plan;
use weir_core::standing::Situation;

use crate::dialect::{Conn, Dialect, Facts};
use crate::error::StoreError;
use crate::row::evidence::Gone;
use crate::row::invocation::{self, Known, Parts};
use crate::settle::{Batch, Decide, Settled};
use crate::sql::Sql;
use crate::value::{args, json};
use crate::work::count::{self, Counted, Derived};
use crate::work::transact::transact;
use crate::work::{audit, situation, write};

/// Settles a batch, repeating the transaction after deadlocks.
pub(crate) async fn settle<D: Dialect>(
    db: &D,
    batch: &Batch<'_>,
    decide: &Decide<'_>,
) -> Result<Settled, StoreError> {
    let fresh = count::derive(batch);
    let (mut settled, retries) = transact!(db, batch.name, &batch.id, tx => attempt::<D>(&mut tx, batch, &fresh, decide).await)?;
    settled.retries = retries;
    Ok(settled)
}

async fn attempt<D: Dialect>(
    tx: &mut D::Write,
    batch: &Batch<'_>,
    fresh: &[Derived],
    decide: &Decide<'_>,
) -> Result<Settled, StoreError> {
    // 1. Invocation rows, by request id.
    let known = record::<D>(tx, batch, fresh).await?;
    let counted = Counted::of(fresh, known, batch);
    rewrite::<D>(tx, batch, &counted).await?;
    let mut settled = counted.settled();
    // 2. Subjects, the version of the rules, totals; 3. what a decision must know.
    let idle = counted.is_empty() && batch.users.is_empty() && batch.teams.is_empty();
    let mut facts = if idle {
        Facts::default()
    } else {
        D::count(tx, &counted.docs(batch)?).await?
    };
    if !idle {
        check_version(&mut facts, batch)?;
    }
    let on_file = std::mem::take(&mut facts.changed_ids);
    let successions = counted.callers.successions(on_file, batch.rules)?;
    if !successions.is_empty() {
        return Err(StoreError::ChangedIds(successions));
    }
    for row in &mut facts.new_users {
        settled.new_users.push(row.id("users.user_id")?);
    }
    settled.new_users.sort();
    let teams: BTreeSet<TeamId> = counted.teams.iter().chain(&batch.teams).cloned().collect();
    let organisation = counted.organisation;
    let calls = counted.calls.clone();
    let mut seen = situation::of(facts, &teams, organisation, calls)?;
    seen.newcomers.extend(settled.new_users.iter().cloned());
    // 4. The decision.
    let mut plan = decide_whole::<D>(tx, batch, &mut seen, decide).await?;
    // 5. Blocks, protections, targets, outbox.
    let docs = write::docs(&plan, batch)?;
    if !docs.is_empty() {
        D::write_plan(tx, &docs).await?;
    }
    // 6. The audit head, last.
    let entries: Vec<_> = batch.audit.iter().chain(&plan.audit).cloned().collect();
    audit::append::<D>(tx, entries).await?;
    plan.ask_young.clear();
    plan.ask_young_teams.clear();
    settled.plan = plan;
    Ok(settled)
}

/// Inserts those that are missing; returns those that were there.
async fn record<D: Dialect>(
    tx: &mut D::Write,
    batch: &Batch<'_>,
    fresh: &[Derived],
) -> Result<BTreeMap<RequestId, Known>, StoreError> {
    if fresh.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = fresh
        .iter()
        .map(|one| {
            invocation::write(&Parts {
                invocation: &one.invocation,
                evidence: &one.evidence,
                gone: Gone::Nothing,
                model_name: batch.rules.prices.display_name(&one.invocation.model),
                settle_id: &batch.id,
                created_at: batch.now,
                updated_at: batch.now,
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    if D::insert_requests(tx, &rows).await? == 0 {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<_> = fresh
        .iter()
        .map(|one| one.invocation.request.as_str())
        .collect();
    let rows = tx
        .query(Sql::Fixed(D::SQL.known), args![json(&ids)?, &batch.id])
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let known = invocation::read(&mut row)?;
            Ok((known.invocation.request.clone(), known))
        })
        .collect()
}

/// Writes back what a record changed.
async fn rewrite<D: Dialect>(
    tx: &mut D::Write,
    batch: &Batch<'_>,
    counted: &Counted,
) -> Result<(), StoreError> {
    if counted.changed.is_empty() {
        return Ok(());
    }
    let rows = counted
        .changed
        .iter()
        .map(|changed| {
            let micro = jiff::SignedDuration::from_micros(1);
            let later = changed
                .updated_at
                .checked_add(micro)
                .unwrap_or(changed.updated_at);
            invocation::write(&Parts {
                invocation: &changed.now.invocation,
                evidence: &changed.now.evidence,
                gone: changed.gone,
                model_name: batch
                    .rules
                    .prices
                    .display_name(&changed.now.invocation.model),
                settle_id: &changed.settle_id,
                created_at: changed.created_at,
                updated_at: batch.now.max(later),
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    D::rewrite_requests(tx, &rows).await
}

fn check_version(facts: &mut Facts, batch: &Batch<'_>) -> Result<(), StoreError> {
    let Some(row) = facts.version.first_mut() else {
        return Err(StoreError::Schema("rules_head has no row".to_owned()));
    };
    let newest: u64 = row.count("rules_head.version")?;
    let used = batch.rules.version;
    if newest == used {
        Ok(())
    } else {
        Err(StoreError::StaleRules { used, newest })
    }
}

/// Decides, giving the decision what it asks for: young provisional usage, and the numbers of the
/// breaker where somebody would be blocked.
async fn decide_whole<D: Dialect>(
    tx: &mut D::Write,
    batch: &Batch<'_>,
    situation: &mut Situation,
    decide: &Decide<'_>,
) -> Result<Plan, StoreError> {
    let mut plan = decide(situation);
    let mut crowd_known = false;
    // Users and teams may ask one after the other; whoever was answered does not ask again.
    for _ in 0..4 {
        if !plan.ask_young.is_empty() || !plan.ask_young_teams.is_empty() {
            let asked = (plan.ask_young.as_slice(), plan.ask_young_teams.as_slice());
            situation::add_young::<D>(tx, situation, asked, batch.now, batch.rules).await?;
        } else if !crowd_known && (!plan.opened.is_empty() || !plan.revised.is_empty()) {
            situation::add_crowd(tx, D::SQL.crowd, situation, batch.now).await?;
            crowd_known = true;
        } else {
            break;
        }
        plan = decide(situation);
    }
    debug_assert!(plan.ask_young.is_empty(), "a decision asks once");
    Ok(plan)
}
