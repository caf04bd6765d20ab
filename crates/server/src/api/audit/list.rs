//! `GET /api/v1/audit`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_core::audit::Chained;
use weir_core::operator::Permission;
use weir_store::AuditFilter;

use crate::api::query::Query;
use crate::api::{Api, SignedIn, page};
use crate::problem::Problem;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Only about this, as `user:ana`.
    subject: Option<String>,
    /// Only this operation, as `block`.
    operation: Option<String>,
    /// Only what holds this text in subject, reason or the names of who did it, in any case.
    text: Option<String>,
    /// Those after this number, the oldest first; `0` begins at the beginning.
    after: Option<u64>,
    /// `next` of the page before. Without one, the newest entries.
    cursor: Option<String>,
    /// `older` of a page: the entries before it.
    older: Option<String>,
    /// Rows of a page, 1 to 500 [default: 50].
    limit: Option<u32>,
}

/// An entry in its place.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// Gap-free, from 1.
    pub seq: u64,
    /// Wall time, RFC 3339.
    pub at: String,
    /// What was done.
    pub operation: String,
    /// To whom or what.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// Who, by what can be proved.
    pub actor: String,
    /// Who, by their own word.
    pub claimed_by: Option<String>,
    /// From where.
    pub origin: String,
    /// When what was done ends, RFC 3339.
    pub expires_at: Option<String>,
    /// State before, the JSON text as hashed.
    pub before: Option<String>,
    /// State after, alike.
    pub after: Option<String>,
    /// What the decision rests on, alike.
    pub evidence: Option<String>,
    /// The hash of the entry before.
    pub prev_hash: String,
    /// SHA-256 over all of it; over salted digests of the texts that may name people.
    pub hash: String,
    /// Of subject, reason, actor, `claimed_by`, before, after and evidence the salt; of one that was
    /// replaced, because somebody was forgotten, its first digest and the salt of the new text.
    pub seals: String,
}

/// Entries.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Audit {
    /// Ascending.
    pub entries: Vec<Entry>,
    /// The cursor of what comes after; null where nothing was read.
    pub next: Option<String>,
    /// What `older` takes for the entries before these; null at the beginning.
    pub older: Option<String>,
}

impl Entry {
    /// As stored.
    pub fn of(chained: Chained) -> Self {
        let Chained {
            seq,
            entry,
            prev_hash,
            hash,
            seals,
        } = chained;
        let weir_core::audit::Entry {
            operation,
            subject,
            reason,
            actor,
            claimed_by,
            at,
            origin,
            expires_at,
            before,
            after,
            evidence,
        } = entry;
        Self {
            seq,
            at: at.to_string(),
            operation,
            subject,
            reason,
            actor,
            claimed_by,
            origin,
            expires_at: expires_at.map(|at| at.to_string()),
            before,
            after,
            evidence,
            prev_hash,
            hash,
            seals: seals.to_string(),
        }
    }
}

/// List the record of everything
///
/// The newest entries; with `after` or a cursor, those after it.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    operation_id = "audit_list",
    tag = "audit",
    params(Asked),
    responses(
        (status = 200, description = "Entries", body = Audit),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Audit>, Problem> {
    who.may(Permission::ReadAudit)?;
    let Asked {
        subject,
        operation,
        text,
        after,
        cursor,
        older,
        limit,
    } = asked;
    let limit = page::limit(limit)?;
    let seq = |cursor: String| -> Result<u64, Problem> {
        page::key(&cursor)?.parse().map_err(|_| page::no_cursor())
    };
    let after = cursor.map(seq).transpose()?.or(after);
    let before = older.map(seq).transpose()?;
    let filter = AuditFilter {
        after: after.unwrap_or_default(),
        before,
        subject,
        operation,
        text: text.filter(|text| !text.is_empty()),
        last: after.is_none().then_some(limit),
        limit,
    };
    let entries = api.engine.store().audit(&filter).await;
    let entries = entries.map_err(Problem::of_store)?;
    let next = entries
        .last()
        .map(|last| page::cursor(&last.seq.to_string()));
    let first = entries.first().filter(|first| first.seq > 1);
    Ok(Json(Audit {
        older: first.map(|first| page::cursor(&first.seq.to_string())),
        entries: entries.into_iter().map(Entry::of).collect(),
        next,
    }))
}
