//! `weir invocation`.

use serde::Serialize;
use weir_core::attribution::Principal;
use weir_core::evidence::Evidence;
use weir_core::invocation::Invocation;
use weir_core::money::Usd;
use weir_core::record::{Record, Source};
use weir_core::tokens::Tokens;
use weir_store::InvocationRow;

/// One invocation with all its parts.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct InvocationView {
    pub(crate) request_id: String,
    pub(crate) at: String,
    pub(crate) user_id: String,
    pub(crate) team: String,
    pub(crate) tool: String,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) inference_region: Option<String>,
    pub(crate) operation: String,
    pub(crate) model: String,
    pub(crate) profile: Option<String>,
    pub(crate) model_sent: Option<String>,
    pub(crate) class: &'static str,
    /// `ok` or `failed`.
    pub(crate) status: &'static str,
    pub(crate) error_code: Option<String>,
    pub(crate) error_message: Option<String>,
    /// `null` while nothing says how many.
    pub(crate) tokens: Option<TokensView>,
    /// Where the counts come from.
    pub(crate) usage_source: Option<&'static str>,
    pub(crate) provisional: bool,
    /// `null` while it is not known.
    pub(crate) cost_usd: Option<String>,
    /// The price it was costed by.
    pub(crate) price: Option<String>,
    pub(crate) principal: PrincipalOfCall,
    pub(crate) unresolved: bool,
    pub(crate) bearer: bool,
    pub(crate) source_ip: Option<String>,
    pub(crate) user_agent: Option<String>,
    /// The records it was derived from.
    pub(crate) sources: Vec<SourceView>,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

/// Who called, in AWS's terms.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PrincipalOfCall {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) session: Option<String>,
}

impl From<Principal> for PrincipalOfCall {
    fn from(principal: Principal) -> Self {
        let Principal {
            account: _,
            kind,
            name,
            session,
        } = principal;
        Self {
            kind: kind.as_str(),
            name,
            session,
        }
    }
}

/// Counts by class.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct TokensView {
    pub(crate) input: u64,
    pub(crate) cache_read: u64,
    pub(crate) cache_write_5m: u64,
    pub(crate) cache_write_1h: u64,
    pub(crate) output: u64,
}

/// One record.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SourceView {
    pub(crate) source: &'static str,
    pub(crate) at: String,
    pub(crate) tokens: Option<TokensView>,
    pub(crate) error_code: Option<String>,
}

impl From<Tokens> for TokensView {
    fn from(tokens: Tokens) -> Self {
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

impl From<&Record> for SourceView {
    fn from(record: &Record) -> Self {
        Self {
            source: record.source.as_str(),
            at: record.at.to_string(),
            tokens: record.tokens.map(TokensView::from),
            error_code: record.failure.as_ref().map(|failure| failure.code.clone()),
        }
    }
}

impl From<InvocationRow> for InvocationView {
    fn from(row: InvocationRow) -> Self {
        let InvocationRow {
            invocation,
            evidence,
            created_at,
            updated_at,
        } = row;
        let Invocation {
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
            operation,
            model: model.to_string(),
            profile,
            model_sent,
            class: class.as_str(),
            status: if failed { "failed" } else { "ok" },
            error_code,
            error_message,
            tokens: tokens.map(TokensView::from),
            usage_source: tokens_from.map(Source::as_str),
            provisional,
            cost_usd: cost.map(Usd::to_decimal),
            price: price_reference.map(|reference| reference.to_string()),
            principal: PrincipalOfCall::from(caller.principal),
            unresolved,
            bearer: client.bearer,
            source_ip: client.source_ip,
            user_agent: client.user_agent,
            sources: sources(&evidence),
            created_at: created_at.to_string(),
            updated_at: updated_at.to_string(),
        }
    }
}

fn sources(evidence: &Evidence) -> Vec<SourceView> {
    evidence.records().map(SourceView::from).collect()
}
