//! Everything of ours out of AWS, without a database (rules E12).

use weir_core::access::{Desired, TargetKey};

use crate::ports::{AccessControl, EffectError};

/// One target that held something of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// Which.
    pub target: TargetKey,
    /// Read back: nothing of ours is left.
    pub released: bool,
    /// What went wrong.
    pub error: Option<EffectError>,
}

/// Removes what [`AccessControl::find_ours`] found. One target's failure does not stop the others. A running
/// Weir in mode `iam` would write it again: stop it first, or change its mode.
pub async fn release(access: &dyn AccessControl, found: Vec<TargetKey>) -> Vec<Released> {
    let mut released = Vec::new();
    for target in found {
        let result = access.apply(&target, &Desired::default()).await;
        tracing::info!(%target, ok = result.is_ok(), "released");
        released.push(match result {
            Ok(applied) => Released {
                target,
                released: applied.verified,
                error: None,
            },
            Err(error) => Released {
                target,
                released: false,
                error: Some(error),
            },
        });
    }
    released
}
