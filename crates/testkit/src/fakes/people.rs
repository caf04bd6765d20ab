//! Documents that deny people of Identity Center, many in one: a managed policy that permission sets refer to, or a
//! service control policy.

use std::collections::BTreeSet;

use weir_core::access::{Desired, TargetKey, TargetKind};
use weir_core::policy_doc::{self, people};
use weir_engine::ports::{Comparison, EffectError, EffectErrorKind};

use super::access::PARTITION;
use super::account::{Op, error};

/// Whether a target is such a document.
pub(super) fn is_document(target: &TargetKey) -> bool {
    matches!(
        target.kind,
        TargetKind::PermissionSetPolicy | TargetKind::Scp
    )
}

/// Whether somebody is denied by it.
pub(super) fn denies(text: &str) -> bool {
    !people::reaches(text).is_empty()
}

/// Writes whom it denies, as many as fit; not where somebody else wrote into it.
pub(super) fn write(
    text: &mut String,
    target: &TargetKey,
    desired: &Desired,
) -> Result<(), EffectError> {
    if people::owner(text) != people::Owner::Ours {
        return Err(error(EffectErrorKind::Refused, Op::Apply, &target.id));
    }
    let is_policy = target.kind == TargetKind::PermissionSetPolicy;
    let most = if is_policy { 6_144 } else { 10_240 };
    let known: BTreeSet<_> = people::reaches(text);
    let split = people::split(&[known], &desired.denied, &[true], |_, part| {
        policy_doc::size(&people::text(part, PARTITION, is_policy)) <= most
    });
    let part = split.parts.first().map(Vec::as_slice).unwrap_or_default();
    *text = people::text(part, PARTITION, is_policy);
    if split.left > 0 {
        return Err(error(EffectErrorKind::NoRoom, Op::Apply, &target.id));
    }
    Ok(())
}

pub(super) fn compare(text: &str, desired: &Desired) -> Comparison {
    let found = people::reaches(text);
    let wanted: BTreeSet<_> = desired
        .denied
        .iter()
        .map(|(reach, _)| reach.clone())
        .collect();
    // What is denied, and until when, is in the text alone.
    let same = [true, false].into_iter().any(|is_policy| {
        policy_doc::same(text, &people::text(&desired.denied, PARTITION, is_policy))
    });
    if same || (wanted.is_empty() && found.is_empty()) {
        Comparison::Same
    } else if wanted.is_subset(&found) && found.len() > wanted.len() {
        Comparison::DenyLeft
    } else {
        Comparison::DenyMissing
    }
}
