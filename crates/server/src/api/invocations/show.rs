//! `GET /api/v1/invocations/{request}`; also what `weir invocation` prints.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::attribution::Principal;
use weir_core::ids::RequestId;
use weir_core::intake::is_known_operation;
use weir_core::invocation::Invocation as Counted;
use weir_core::money::Usd;
use weir_core::operator::Permission;
use weir_core::record::Record;
use weir_core::tokens::Tokens;
use weir_store::InvocationRow;

use crate::api::query::PathPart;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// One invocation with all its parts.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts of a call, as the API has them"
)]
pub struct Invocation {
    /// The AWS request id.
    pub request_id: String,
    /// When the call was made, RFC 3339.
    pub at: String,
    /// Whose call it is.
    pub user_id: String,
    /// The team at that time.
    pub team: String,
    /// With what.
    pub tool: String,
    /// The account that called.
    pub account: String,
    /// The source Region: what prices go by.
    pub region: String,
    /// The Region that ran it.
    pub inference_region: Option<String>,
    /// Event name or log operation.
    pub operation: String,
    /// Weir does not know this operation: it was counted because its record names a model.
    #[serde(default)]
    pub unknown_operation: bool,
    /// The canonical model.
    pub model: String,
    /// The inference profile, where one was used.
    pub profile: Option<String>,
    /// The model as the caller sent it.
    pub model_sent: Option<String>,
    /// Whether the global or the regional price holds.
    pub class: String,
    /// `ok` or `failed`.
    pub status: String,
    /// The error.
    pub error_code: Option<String>,
    /// Its text; kept 30 days.
    pub error_message: Option<String>,
    /// `null` while nothing says how many.
    pub tokens: Option<Counts>,
    /// Where the counts come from.
    pub usage_source: Option<String>,
    /// The counts may still change.
    pub provisional: bool,
    /// `null` while it is not known.
    pub cost_usd: Option<String>,
    /// The price it was costed by.
    pub price: Option<String>,
    /// Who called, in the terms of AWS.
    pub principal: CallerOfCall,
    /// The look-up of the caller failed.
    pub unresolved: bool,
    /// A Bedrock API key was used.
    pub bearer: bool,
    /// The address that called; kept 30 days.
    pub source_ip: Option<String>,
    /// The program that called; kept 30 days.
    pub user_agent: Option<String>,
    /// The records it was derived from.
    pub sources: Vec<CallRecord>,
    /// The first record, RFC 3339.
    pub created_at: String,
    /// The latest change, RFC 3339.
    pub updated_at: String,
}

/// Who called, in AWS's terms.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CallerOfCall {
    /// What kind of identity.
    pub kind: String,
    /// Its name, without path.
    pub name: String,
    /// The session, where it tells people apart.
    pub session: Option<String>,
}

impl CallerOfCall {
    fn of(principal: Principal) -> Self {
        let Principal {
            account: _,
            kind,
            name,
            session,
        } = principal;
        Self {
            kind: kind.as_str().to_owned(),
            name,
            session,
        }
    }
}

/// Counts by class.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Uncached input.
    pub input: u64,
    /// Input read from the cache.
    pub cache_read: u64,
    /// Input written to the five-minute cache.
    pub cache_write_5m: u64,
    /// Input written to the one-hour cache.
    pub cache_write_1h: u64,
    /// Output.
    pub output: u64,
}

/// One record.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CallRecord {
    /// Where it comes from.
    pub source: String,
    /// When the call was made, RFC 3339.
    pub at: String,
    /// Null while nothing says how many.
    pub tokens: Option<Counts>,
    /// The error.
    pub error_code: Option<String>,
}

impl Counts {
    pub(super) fn of(tokens: Tokens) -> Self {
        let Tokens {
            input,
            cache_read,
            cache_write_5m,
            cache_write_1h,
            output,
        } = tokens;
        Self {
            input,
            cache_read,
            cache_write_5m,
            cache_write_1h,
            output,
        }
    }
}

impl CallRecord {
    fn of(record: &Record) -> Self {
        Self {
            source: record.source.as_str().to_owned(),
            at: record.at.to_string(),
            tokens: record.tokens.map(Counts::of),
            error_code: record.failure.as_ref().map(|failure| failure.code.clone()),
        }
    }
}

impl Invocation {
    /// An invocation as stored.
    pub fn of(row: InvocationRow) -> Self {
        let InvocationRow {
            invocation,
            evidence,
            created_at,
            updated_at,
        } = row;
        let Counted {
            request,
            account,
            caller,
            user,
            team,
            tool,
            at,
            hour: _,
            model,
            profile,
            model_sent,
            class,
            operation,
            tokens,
            tokens_from,
            provisional,
            cost,
            price_reference,
            failed,
            failure,
            region,
            inference_region,
            client,
            unresolved,
            tentative: _,
        } = invocation;
        let (error_code, error_message) = failure.map_or((None, None), |failure| {
            (Some(failure.code), failure.message)
        });
        Self {
            request_id: request.to_string(),
            at: at.to_string(),
            user_id: user.to_string(),
            team: team.to_string(),
            tool: tool.to_string(),
            account: account.to_string(),
            region: region.to_string(),
            inference_region: inference_region.as_ref().map(ToString::to_string),
            unknown_operation: !is_known_operation(&operation),
            operation,
            model: model.to_string(),
            profile,
            model_sent,
            class: class.as_str().to_owned(),
            status: if failed { "failed" } else { "ok" }.to_owned(),
            error_code,
            error_message,
            tokens: tokens.map(Counts::of),
            usage_source: tokens_from.map(|source| source.as_str().to_owned()),
            provisional,
            cost_usd: cost.map(Usd::to_decimal),
            price: price_reference.map(|reference| reference.to_string()),
            principal: CallerOfCall::of(caller.principal),
            unresolved,
            bearer: client.bearer,
            source_ip: client.source_ip,
            user_agent: client.user_agent,
            sources: evidence.records().map(CallRecord::of).collect(),
            created_at: created_at.to_string(),
            updated_at: updated_at.to_string(),
        }
    }
}

/// Show an invocation
///
/// All its parts: who, what, how much, by which price, and the records it was derived from.
#[utoipa::path(
    get,
    path = "/api/v1/invocations/{request}",
    operation_id = "invocations_show",
    tag = "usage",
    params(("request" = String, Path, description = "The AWS request id")),
    responses(
        (status = 200, description = "The invocation", body = Invocation),
        crate::api::answers::Shows,
    ),
)]
pub(crate) async fn get(
    State(api): State<Api>,
    who: SignedIn,
    PathPart(request): PathPart,
) -> Result<Json<Invocation>, Problem> {
    let within = who.may(Permission::ReadUsage)?;
    let row = api
        .engine
        .store()
        .invocation(&RequestId::new(&request))
        .await;
    let row = row.map_err(Problem::of_store)?;
    let row = row.filter(|row| within.holds(&row.invocation.team));
    let row = row.ok_or_else(|| Problem::not_found(format!("no invocation `{request}`")))?;
    Ok(Json(Invocation::of(row)))
}
