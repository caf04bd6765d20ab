//! `GET /api/v1/audit/verify`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::operator::Permission;
use weir_engine::{Verified, parse_anchor};

use crate::api::query::Query;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// Against what.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// An anchor that was written down outside the database: `SEQ:HASH`.
    anchor: Option<String>,
}

/// What was proved.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Proof {
    /// The chain holds.
    pub ok: bool,
    /// Entries that fit, from the first that is there.
    pub entries: u64,
    /// Number and hash of the last entry: an anchor to write down.
    pub head: String,
    /// Entries in which a pseudonym stands for somebody who was forgotten.
    pub replaced: u64,
    /// Entries that left after their term, as the record says.
    pub trimmed: Option<Trimmed>,
    /// Whether the anchor that was given is in the chain.
    pub anchor_found: Option<bool>,
    /// What does not hold.
    pub problem: Option<String>,
    /// What this cannot prove.
    pub caveat: String,
}

/// Entries that left after their term.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Trimmed {
    /// The first so many.
    pub entries: u64,
    /// They were older than this, RFC 3339.
    pub older_than: String,
    /// When they left last, RFC 3339.
    pub at: String,
}

impl Trimmed {
    fn of(trimmed: weir_engine::TrimmedEntries) -> Self {
        let weir_engine::TrimmedEntries {
            entries,
            older_than,
            at,
        } = trimmed;
        Self {
            entries,
            older_than,
            at,
        }
    }
}

/// Prove the record
///
/// Holds every entry against the one before. Reads the whole record.
#[utoipa::path(
    get,
    path = "/api/v1/audit/verify",
    operation_id = "audit_verify",
    tag = "audit",
    params(Asked),
    responses(
        (status = 200, description = "What was proved", body = Proof),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Proof>, Problem> {
    who.may(Permission::ReadAudit)?;
    let anchor = asked.anchor.as_deref().map(parse_anchor).transpose();
    let anchor =
        anchor.map_err(|error| Problem::bad_request(format!("the query: anchor: {error}")))?;
    let verified = api.engine.verify_audit(anchor).await;
    let verified = verified.map_err(|error| Problem::of_engine(&error))?;
    Ok(Json(Proof::of(verified)))
}

impl Proof {
    /// As the engine proved it.
    pub fn of(verified: Verified) -> Self {
        let Verified {
            ok,
            entries,
            head,
            replaced,
            trimmed,
            anchor_found,
            problem,
            caveat,
        } = verified;
        Self {
            ok,
            entries,
            head,
            replaced,
            trimmed: trimmed.map(Trimmed::of),
            anchor_found,
            problem,
            caveat: caveat.to_owned(),
        }
    }
}
