//! Targets of enforcement and their members.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use weir_core::access::{Denial, Member, Reach, Target, TargetKey};
use weir_core::block::Until;
use weir_core::ids::ModelId;

use crate::error::StoreError;
use crate::value::{Arg, Row, args, unreadable};

/// An end in JSON: microseconds, or null for indefinite.
#[derive(Serialize, Deserialize)]
struct StoredUntil {
    until: Option<i64>,
}

/// `access_members.denial`.
#[derive(Default, Serialize, Deserialize)]
struct StoredDenial {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    everything: Option<StoredUntil>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    models: BTreeMap<String, StoredUntil>,
}

/// The cells of a target's key.
pub(crate) fn key(key: &TargetKey) -> [Arg<'_>; 3] {
    let TargetKey { account, kind, id } = key;
    [account.as_str().into(), kind.as_str().into(), id.into()]
}

/// A target's key from three columns.
pub(crate) fn read_key(row: &mut Row) -> Result<TargetKey, StoreError> {
    Ok(TargetKey {
        account: row.id("access_targets.account_id")?,
        kind: row.word("access_targets.kind")?,
        id: row.text("access_targets.id")?,
    })
}

/// The cells of a member.
pub(crate) fn write_member(member: &Member) -> Result<Vec<Arg<'_>>, StoreError> {
    let Member {
        target,
        user,
        reach,
        denial,
        enforced: _,
    } = member;
    let (reach_kind, reach) = match reach {
        Reach::Whole => ("whole", ""),
        Reach::Session(session) => ("session", session.as_str()),
        Reach::SourceIdentity(identity) => ("source-identity", identity.as_str()),
        Reach::Person(id) => ("person", id.as_str()),
    };
    let mut cells = Vec::from(key(target));
    cells.extend(args![
        user.as_str(),
        reach_kind,
        reach,
        write_denial(denial)?,
        member.is_denied()
    ]);
    Ok(cells)
}

/// A member from `member_columns!`.
pub(crate) fn read_member(row: &mut Row) -> Result<Member, StoreError> {
    let target = read_key(row)?;
    let user = row.id("access_members.user_id")?;
    let kind = row.text("access_members.reach_kind")?;
    let reach = row.text("access_members.reach")?;
    let reach = match kind.as_str() {
        "whole" => Reach::Whole,
        "session" => Reach::Session(reach),
        "source-identity" => Reach::SourceIdentity(reach),
        "person" => Reach::Person(reach),
        _ => {
            return Err(unreadable(
                "access_members.reach_kind",
                &kind,
                "is not one of the words",
            ));
        }
    };
    let denial = read_denial(&row.text("access_members.denial")?)?;
    let enforced = row.flag("access_members.denies")?;
    Ok(Member {
        target,
        user,
        reach,
        denial,
        enforced,
    })
}

/// A target from `target_columns!`.
pub(crate) fn read_target(row: &mut Row) -> Result<Target, StoreError> {
    Ok(Target {
        key: read_key(row)?,
        generation: row.count("access_targets.generation")?,
        denies: row.flag("access_targets.denies")?,
        state: row.word("access_targets.state")?,
        verified_generation: row.maybe_count("access_targets.verified_generation")?,
        requested_at: row.maybe_at("access_targets.requested_at")?,
        verified_at: row.maybe_at("access_targets.verified_at")?,
        first_denied_at: row.maybe_at("access_targets.first_denied_at")?,
        attempts: row.count("access_targets.attempts")?,
        next_attempt_at: row.maybe_at("access_targets.next_attempt_at")?,
        last_error: row.maybe_text("access_targets.last_error")?,
    })
}

fn write_denial(denial: &Denial) -> Result<String, StoreError> {
    let Denial { everything, models } = denial;
    let until = |until: Until| StoredUntil {
        until: until.instant().map(Timestamp::as_microsecond),
    };
    crate::value::json(&StoredDenial {
        everything: everything.map(until),
        models: models
            .iter()
            .map(|(model, end)| (model.to_string(), until(*end)))
            .collect(),
    })
}

fn read_denial(text: &str) -> Result<Denial, StoreError> {
    let bad = |why: String| unreadable("access_members.denial", text, &why);
    let stored: StoredDenial =
        serde_json::from_str(text).map_err(|error| bad(error.to_string()))?;
    let until = |stored: StoredUntil| match stored.until {
        None => Ok(Until::Indefinite),
        Some(micros) => Timestamp::from_microsecond(micros)
            .map(Until::At)
            .map_err(|error| bad(error.to_string())),
    };
    Ok(Denial {
        everything: stored.everything.map(until).transpose()?,
        models: stored
            .models
            .into_iter()
            .map(|(model, end)| Ok((ModelId::new(model), until(end)?)))
            .collect::<Result<_, StoreError>>()?,
    })
}
