//! Protections: who has one now, and what ends (rules B7).

use jiff::Timestamp;

use super::Case;
use crate::block::Protection;
use crate::plan::ProtectionEnd;

/// The protection that holds at `now`: of several, the one that lasts longest.
pub fn active(protections: &[Protection], now: Timestamp) -> Option<&Protection> {
    protections
        .iter()
        .filter(|p| !p.until.is_over(now))
        .max_by_key(|p| p.until)
}

pub(super) fn end_expired(case: &mut Case<'_>) {
    let now = case.context.now;
    for protection in case
        .standing
        .protections
        .iter()
        .filter(|p| p.until.is_over(now))
    {
        case.plan.unprotected.push(ProtectionEnd {
            id: protection.id.clone(),
            by: super::entries::WEIR.to_owned(),
        });
        case.plan.audit.push(super::entries::unprotected(
            protection,
            super::entries::WEIR,
            "its time is over",
            case.context,
        ));
    }
    case.protection = active(&case.standing.protections, now).cloned();
}
