//! `POST /api/v1/targets/reconcile`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::operator::Permission;
use weir_engine::{DispatchReport, Drift, PolicyDrift, ReconcileReport};

use crate::api::body::Body;
use crate::api::query::Query;
use crate::api::resets::run::Foresee;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// What is compared with AWS.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "all": true }))]
pub struct Compare {
    /// Every target that ever held a Deny of ours, not only those that are due.
    #[serde(default)]
    pub all: bool,
}

/// What a comparison with AWS found.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Reconciled {
    /// Targets compared.
    pub checked: u64,
    /// Where AWS and the ledger differed.
    pub drift: Vec<TargetDrift>,
    /// Managed policies of ours whose text was another's.
    pub policies: Vec<PolicyAltered>,
    /// Targets that could not be compared, and why.
    pub errors: Vec<String>,
    /// Effects of the repairs.
    pub dispatch: Dispatched,
}

/// A target that differed from the ledger.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TargetDrift {
    /// `ACCOUNT/KIND/NAME`
    pub target: String,
    /// same, deny-missing or deny-left.
    pub found: String,
    /// It is as the ledger has it now.
    pub repaired: bool,
}

/// A managed policy of ours whose text was not what it must be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PolicyAltered {
    /// Its ARN.
    pub policy: String,
    /// It says again what it must.
    pub repaired: bool,
}

/// What became of effects that were due.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Dispatched {
    /// Targets read back in their newest state.
    pub verified: u64,
    /// Targets that are to be tried again.
    pub retried: u64,
    /// Targets that failed, are gone or cannot be denied.
    pub failed: u64,
    /// Targets that changed while they were written, or that somebody else holds.
    pub superseded: u64,
}

impl Reconciled {
    /// As the engine found it.
    pub fn of(report: ReconcileReport) -> Self {
        let ReconcileReport {
            checked,
            drift,
            policies,
            errors,
            dispatch,
        } = report;
        let drift = drift.into_iter().map(|drift| {
            let Drift {
                target,
                found,
                repaired,
            } = drift;
            TargetDrift {
                target: target.to_string(),
                found: found.as_str().to_owned(),
                repaired,
            }
        });
        let policies = policies.into_iter().map(|drift| {
            let PolicyDrift { policy, repaired } = drift;
            PolicyAltered { policy, repaired }
        });
        let DispatchReport {
            verified,
            retried,
            failed,
            superseded,
        } = dispatch;
        Self {
            checked,
            drift: drift.collect(),
            policies: policies.collect(),
            errors,
            dispatch: Dispatched {
                verified,
                retried,
                failed,
                superseded,
            },
        }
    }
}

/// Compare AWS with the ledger
///
/// And repair what differs, both ways.
#[utoipa::path(
    post,
    path = "/api/v1/targets/reconcile",
    operation_id = "targets_reconcile",
    tag = "blocks",
    params(Foresee, crate::api::idempotency::Key),
    request_body = Compare,
    responses(
        (status = 200, description = "What differed", body = Reconciled),
        crate::api::answers::Writes,
    ),
)]
pub(crate) async fn post(
    State(api): State<Api>,
    who: SignedIn,
    Query(Foresee { dry_run }): Query<Foresee>,
    Body(Compare { all }): Body<Compare>,
) -> Result<Json<Reconciled>, Problem> {
    who.may(Permission::ManageSystem)?;
    let report = Box::pin(api.engine.reconcile(all, dry_run)).await;
    let report = report.map_err(|error| Problem::of_engine(&error))?;
    Ok(Json(Reconciled::of(report)))
}
