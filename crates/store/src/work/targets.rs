//! Targets of enforcement: one executor at a time holds one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use weir_core::access::{Member, Target, TargetKey, TargetKind, TargetState};

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::row::access;
use crate::rows::{ClaimedTarget, TargetRow};
use crate::sql::portable;
use crate::store::{Lease, TargetOutcome};
use crate::value::{Arg, args};
use crate::work::transact::transact;
use crate::work::{audit, target_keys};

/// Claims targets that are due, or exactly `keys`.
pub(crate) async fn claim<D: Dialect>(
    db: &D,
    now: Timestamp,
    lease: &Lease,
    limit: u32,
    keys: Option<&[TargetKey]>,
) -> Result<Vec<ClaimedTarget>, StoreError> {
    transact!(db, "claim-targets", &lease.owner, tx => claim_in::<D>(&mut tx, now, lease, limit, keys).await)
        .map(|(claimed, _)| claimed)
}

async fn claim_in<D: Dialect>(
    tx: &mut D::Write,
    now: Timestamp,
    lease: &Lease,
    limit: u32,
    keys: Option<&[TargetKey]>,
) -> Result<Vec<ClaimedTarget>, StoreError> {
    let mut rows = Vec::new();
    match keys {
        None => {
            rows = tx
                .query(D::SQL.targets_due.into(), args![now, now, limit])
                .await?;
        }
        Some(keys) => {
            let mut keys: Vec<_> = keys.iter().collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let mut cells = Vec::from(access::key(key));
                cells.push(now.into());
                rows.extend(tx.one(D::SQL.target_free.into(), cells).await?);
            }
        }
    }
    let mut claimed = Vec::with_capacity(rows.len());
    for mut row in rows {
        let target = access::read_target(&mut row)?;
        let mut cells = args![&lease.owner, lease.until];
        cells.extend(access::key(&target.key));
        tx.execute(portable::LEASE_TARGET.into(), cells).await?;
        let members = members(tx, &target.key).await?;
        let keys = target_keys::of(tx, &target.key).await?;
        claimed.push(ClaimedTarget {
            row: TargetRow {
                target,
                members,
                keys,
            },
        });
    }
    Ok(claimed)
}

async fn members(conn: &mut impl Conn, key: &TargetKey) -> Result<Vec<Member>, StoreError> {
    let rows = conn
        .query(portable::MEMBERS.into(), access::key(key).into())
        .await?;
    rows.into_iter()
        .map(|mut row| access::read_member(&mut row))
        .collect()
}

/// One target.
pub(crate) async fn one<D: Dialect>(
    db: &D,
    key: &TargetKey,
) -> Result<Option<TargetRow>, StoreError> {
    let mut conn = db.read().await?;
    let Some(mut row) = conn
        .one(portable::TARGET.into(), access::key(key).into())
        .await?
    else {
        return Ok(None);
    };
    let target = access::read_target(&mut row)?;
    let members = members(&mut conn, key).await?;
    let keys = target_keys::of(&mut conn, key).await?;
    Ok(Some(TargetRow {
        target,
        members,
        keys,
    }))
}

/// Records what an executor found; whether the generation is still the newest.
pub(crate) async fn finish<D: Dialect>(
    db: &D,
    lease: &Lease,
    outcome: TargetOutcome,
) -> Result<bool, StoreError> {
    let (newest, _) = transact!(db, "finish-target", &lease.owner, tx => {
        finish_in::<D>(&mut tx, lease, &outcome).await
    })?;
    if newest && outcome.state == TargetState::Verified {
        note_blocks(db, lease, &outcome.key, outcome.at).await?;
    }
    Ok(newest)
}

async fn finish_in<D: Dialect>(
    tx: &mut D::Write,
    lease: &Lease,
    outcome: &TargetOutcome,
) -> Result<bool, StoreError> {
    let TargetOutcome {
        key,
        generation,
        state,
        wrote,
        at,
        next_attempt_at,
        error,
        given_back,
        audit: entries,
    } = outcome;
    let Some(target) = held::<D>(tx, lease, key).await? else {
        return Ok(false);
    };
    target_keys::forget(tx, key, given_back).await?;
    let newest = target.generation == *generation;
    if newest {
        let read_back = matches!(
            state,
            TargetState::Verified | TargetState::None | TargetState::DryRun | TargetState::Off
        );
        let verified = if read_back {
            Some(*generation)
        } else {
            target.verified_generation
        };
        // To find what was there already moves nothing: a call since then went through the Deny (rules E13).
        let was_there = !wrote && is_at_rest(&target, *state) && target.verified_at.is_some();
        let verified_at = if read_back && !was_there {
            Some(*at)
        } else {
            target.verified_at
        };
        let attempts = if read_back {
            0
        } else {
            target.attempts.saturating_add(1)
        };
        let mut cells = args![
            state.as_str(),
            verified,
            verified_at,
            attempts,
            *next_attempt_at,
            error.as_deref(),
        ];
        cells.extend(access::key(key));
        tx.execute(portable::FINISH_TARGET.into(), cells).await?;
    } else {
        // What is wanted changed meanwhile: the next round starts from there, at once.
        let mut cells = args![target.next_attempt_at.unwrap_or(*at)];
        cells.extend(access::key(key));
        tx.execute(portable::RELEASE_TARGET.into(), cells).await?;
    }
    audit::append::<D>(tx, entries.clone()).await?;
    Ok(newest)
}

/// Whether this generation was already found in this state.
fn is_at_rest(target: &Target, state: TargetState) -> bool {
    target.state == state && target.is_read_back()
}

/// Notes on blocks that their Deny is there, once it was read back wherever it is wanted (rules B8). After
/// the target and not with it: decisions lock blocks before targets.
async fn note_blocks<D: Dialect>(
    db: &D,
    lease: &Lease,
    key: &TargetKey,
    at: Timestamp,
) -> Result<(), StoreError> {
    let blocks = if key.kind == TargetKind::ToolKeys {
        portable::TOOL_BLOCKS_IN_PLACE
    } else {
        portable::BLOCKS_IN_PLACE
    };
    let mut conn = db.read().await?;
    let mut cells: Vec<Arg<'_>> = access::key(key).into();
    if key.kind != TargetKind::ToolKeys {
        cells.extend(access::key(key));
    }
    let rows = conn.query(blocks.into(), cells).await?;
    drop(conn);
    if rows.is_empty() {
        return Ok(());
    }
    let ids = rows
        .into_iter()
        .map(|mut row| row.text("blocks.id"))
        .collect::<Result<Vec<_>, _>>()?;
    transact!(db, "note-blocks", &lease.owner, tx => {
        for id in &ids {
            tx.execute(portable::NOTE_BLOCK.into(), args![at, at, id]).await?;
        }
        Ok(())
    })
    .map(|_| ())
}

/// The target, locked, if the lease holds it.
pub(crate) async fn held<D: Dialect>(
    tx: &mut D::Write,
    lease: &Lease,
    key: &TargetKey,
) -> Result<Option<Target>, StoreError> {
    let cells = access::key(key).into();
    let Some(mut row) = tx.one(D::SQL.target_locked.into(), cells).await? else {
        return Ok(None);
    };
    let target = access::read_target(&mut row)?;
    let owner = row.maybe_text("access_targets.lease_owner")?;
    Ok((owner.as_deref() == Some(&lease.owner)).then_some(target))
}

/// Makes targets due.
pub(crate) async fn request<D: Dialect>(
    db: &D,
    keys: &[TargetKey],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut keys: Vec<_> = keys.iter().collect();
    keys.sort();
    transact!(db, "request-targets", "request-targets", tx => request_in::<D>(&mut tx, &keys, now).await)
        .map(|_| ())
}

async fn request_in<D: Dialect>(
    tx: &mut D::Write,
    keys: &[&TargetKey],
    now: Timestamp,
) -> Result<(), StoreError> {
    for key in keys {
        let mut cells = args![now];
        cells.extend(access::key(key));
        tx.execute(portable::REQUEST_TARGET.into(), cells).await?;
    }
    Ok(())
}

/// Targets in one of these states; all, if none is named.
pub(crate) async fn list<D: Dialect>(
    db: &D,
    states: &[TargetState],
) -> Result<Vec<TargetRow>, StoreError> {
    let mut conn = db.read().await?;
    let targets = conn.query(portable::TARGETS.into(), Vec::new()).await?;
    let mut members: BTreeMap<TargetKey, Vec<Member>> = BTreeMap::new();
    for mut row in conn.query(portable::ALL_MEMBERS.into(), Vec::new()).await? {
        let member = access::read_member(&mut row)?;
        members
            .entry(member.target.clone())
            .or_default()
            .push(member);
    }
    let mut keys = target_keys::all(&mut conn).await?;
    let mut rows = Vec::new();
    for mut row in targets {
        let target = access::read_target(&mut row)?;
        if states.is_empty() || states.contains(&target.state) {
            let members = members.remove(&target.key).unwrap_or_default();
            let keys = keys.remove(&target.key).unwrap_or_default();
            rows.push(TargetRow {
                target,
                members,
                keys,
            });
        }
    }
    Ok(rows)
}
