//! `bedrock_requests`: one row per invocation.

use std::fmt::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use weir_core::attribution::{Attribution, Principal, PrincipalKind};
use weir_core::calendar::WindowKind;
use weir_core::evidence::Evidence;
use weir_core::ids::{KeyId, RequestId};
use weir_core::invocation::Invocation;
use weir_core::model::Class;
use weir_core::money::Usd;
use weir_core::record::{Client, Failure, Source};
use weir_core::tokens::Tokens;

use super::evidence::{self, Derived, Gone};
use super::sums::window;
use crate::error::StoreError;
use crate::value::{Arg, Row, args, unreadable};

/// The cells of a row in the order of `request_columns!`.
pub(crate) type Wide<'a> = Vec<Arg<'a>>;

/// An invocation on file.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) invocation: Invocation,
    pub(crate) evidence: Evidence,
    pub(crate) gone: Gone,
    pub(crate) settle_id: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What a row is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) invocation: &'a Invocation,
    pub(crate) evidence: &'a Evidence,
    pub(crate) gone: Gone,
    pub(crate) model_name: &'a str,
    pub(crate) settle_id: &'a str,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// The row of an invocation.
#[expect(
    clippy::too_many_lines,
    reason = "a line for each field and each column"
)]
pub(crate) fn write<'a>(parts: &Parts<'a>) -> Result<Wide<'a>, StoreError> {
    let Parts {
        invocation,
        evidence,
        gone,
        model_name,
        settle_id,
        created_at,
        updated_at,
    } = *parts;
    let Invocation {
        request,
        account,
        caller,
        user,
        team,
        tool,
        at,
        hour,
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
        client:
            Client {
                source_ip,
                user_agent,
                access_key,
                bearer,
            },
        unresolved,
        tentative,
    } = invocation;
    let derived = derived(caller, *class, *tentative);
    let count = |part: fn(&Tokens) -> u64| tokens.as_ref().map(part);
    Ok(args![
        request.as_str(),
        account.as_str(),
        user.as_str(),
        team.as_str(),
        tool.as_str(),
        *at,
        hour.to_string(),
        model.as_str(),
        profile.as_deref(),
        model_sent.as_deref(),
        (model_name != model.as_str()).then_some(model_name),
        operation.as_str(),
        count(|tokens| tokens.input),
        count(|tokens| tokens.cache_read),
        count(|tokens| tokens.cache_write_5m),
        count(|tokens| tokens.cache_write_1h),
        count(|tokens| tokens.output),
        cost.map(Usd::nanos),
        price_reference.as_deref(),
        tokens_from.map(Source::as_str),
        *provisional,
        region.as_str(),
        inference_region
            .as_ref()
            .map(weir_core::ids::Region::as_str),
        source_ip.as_deref(),
        user_agent.as_deref(),
        principal_text(&caller.principal),
        *bearer,
        access_key.as_ref().map(KeyId::as_str),
        status(*failed, failure.is_some()),
        failure.as_ref().map(|failure| failure.code.as_str()),
        failure
            .as_ref()
            .and_then(|failure| failure.message.as_deref()),
        *unresolved,
        evidence::write(evidence, derived, gone)?,
        settle_id,
        created_at,
        updated_at,
    ])
}

fn status(failed: bool, error: bool) -> &'static str {
    match (failed, error) {
        (true, _) => "failed",
        (false, true) => "partial",
        (false, false) => "ok",
    }
}

/// What has no column of its own.
fn derived(caller: &Attribution, price_class: Class, tentative: bool) -> Derived {
    let Attribution {
        user: _,
        principal: _,
        stable_id,
        team: _,
        person,
        email,
        class,
        exempt,
        unresolved: _,
    } = caller;
    Derived {
        stable_id: stable_id.clone(),
        person: person.clone(),
        email: email.clone(),
        caller_class: class.map(|class| class.as_str().to_owned()),
        exempt: *exempt,
        price_class: price_class.as_str().to_owned(),
        tentative,
    }
}

/// An invocation from its row.
#[expect(
    clippy::too_many_lines,
    reason = "a line for each field and each column"
)]
pub(crate) fn read(row: &mut Row) -> Result<Known, StoreError> {
    let request: RequestId = row.id("bedrock_requests.request_id")?;
    let account = row.id("bedrock_requests.account_id")?;
    let user: weir_core::ids::UserId = row.id("bedrock_requests.user_id")?;
    let team: weir_core::ids::TeamId = row.id("bedrock_requests.team")?;
    let tool = row.id("bedrock_requests.tool")?;
    let at = row.at("bedrock_requests.request_timestamp")?;
    let hour = window(WindowKind::Hour, &row.text("bedrock_requests.local_hour")?)?;
    let model = row.id("bedrock_requests.model_id")?;
    let profile = row.maybe_text("bedrock_requests.profile_id")?;
    let model_sent = row.maybe_text("bedrock_requests.model_sent")?;
    let _name = row.maybe_text("bedrock_requests.model_name")?;
    let operation = row.text("bedrock_requests.request_type")?;
    let tokens = read_tokens(row)?;
    let cost = row
        .maybe_int("bedrock_requests.cost_nanos")?
        .map(Usd::from_nanos);
    let price_reference = row
        .maybe_text("bedrock_requests.price_reference")?
        .map(Arc::from);
    let tokens_from = read_source(row)?;
    let provisional = row.flag("bedrock_requests.provisional")?;
    let region = row.id("bedrock_requests.region")?;
    let inference_region = row.maybe_id("bedrock_requests.inference_region")?;
    let (client, principal) = read_client(row)?;
    let failed = row.text("bedrock_requests.status")? == "failed";
    let failure = read_failure(row)?;
    let unresolved = row.flag("bedrock_requests.unresolved")?;
    let (evidence, derived, gone) =
        evidence::read(&request, &row.text("bedrock_requests.evidence")?)?;
    let Derived {
        stable_id,
        person,
        email,
        caller_class,
        exempt,
        price_class,
        tentative,
    } = derived;
    let unknown = |why: String| unreadable("bedrock_requests.evidence", request.as_str(), &why);
    let caller = Attribution {
        user: user.clone(),
        principal: principal_of(&account, &principal)?,
        stable_id,
        team: team.clone(),
        person,
        email,
        class: caller_class
            .map(|class| class.parse())
            .transpose()
            .map_err(unknown)?,
        exempt,
        unresolved,
    };
    let invocation = Invocation {
        account,
        caller,
        user,
        team,
        tool,
        at,
        hour,
        model,
        profile,
        model_sent,
        class: price_class.parse().map_err(|_| unknown(price_class))?,
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
        tentative,
        request,
    };
    let settle_id = row.text("bedrock_requests.settle_id")?;
    let created_at = row.at("bedrock_requests.created_at")?;
    let updated_at = row.at("bedrock_requests.updated_at")?;
    Ok(Known {
        invocation,
        evidence,
        gone,
        settle_id,
        created_at,
        updated_at,
    })
}

pub(crate) fn read_tokens(row: &mut Row) -> Result<Option<Tokens>, StoreError> {
    let input = row.maybe_count("bedrock_requests.input_tokens")?;
    let cache_read = row.maybe_count("bedrock_requests.cache_read_tokens")?;
    let short = row.maybe_count("bedrock_requests.cache_write_5m_tokens")?;
    let long = row.maybe_count("bedrock_requests.cache_write_1h_tokens")?;
    let output = row.maybe_count("bedrock_requests.output_tokens")?;
    Ok(input.map(|input| Tokens {
        input,
        cache_read: cache_read.unwrap_or_default(),
        cache_write_5m: short.unwrap_or_default(),
        cache_write_1h: long.unwrap_or_default(),
        output: output.unwrap_or_default(),
    }))
}

/// The calling program, and the principal's text between its columns.
fn read_client(row: &mut Row) -> Result<(Client, String), StoreError> {
    let source_ip = row.maybe_text("bedrock_requests.source_ip")?;
    let user_agent = row.maybe_text("bedrock_requests.user_agent")?;
    let principal = row.text("bedrock_requests.principal")?;
    let bearer = row.flag("bedrock_requests.bearer")?;
    let access_key = row.maybe_id("bedrock_requests.access_key_id")?;
    Ok((
        Client {
            source_ip,
            user_agent,
            access_key,
            bearer,
        },
        principal,
    ))
}

fn read_failure(row: &mut Row) -> Result<Option<Failure>, StoreError> {
    let code = row.maybe_text("bedrock_requests.error_code")?;
    let message = row.maybe_text("bedrock_requests.error_message")?;
    Ok(code.map(|code| Failure { code, message }))
}

fn read_source(row: &mut Row) -> Result<Option<Source>, StoreError> {
    let Some(word) = row.maybe_text("bedrock_requests.usage_source")? else {
        return Ok(None);
    };
    [Source::ApiCall, Source::Log, Source::Completion]
        .into_iter()
        .find(|source| source.as_str() == word)
        .map(Some)
        .ok_or_else(|| unreadable("bedrock_requests.usage_source", &word, "is not a source"))
}

/// `iam-user/ana`, `role-session/Dev/ana`. A `/` in a name is written `%2F`.
fn principal_text(principal: &Principal) -> String {
    let Principal {
        account: _,
        kind,
        name,
        session,
    } = principal;
    let mut text = format!(
        "{}/{}",
        kind.as_str(),
        name.replace('%', "%25").replace('/', "%2F")
    );
    if let Some(session) = session {
        let _ = write!(text, "/{session}");
    }
    text
}

fn principal_of(account: &weir_core::ids::AccountId, text: &str) -> Result<Principal, StoreError> {
    let mut parts = text.splitn(3, '/');
    let kind: Option<PrincipalKind> = parts.next().and_then(|kind| kind.parse().ok());
    match (kind, parts.next(), parts.next()) {
        (Some(kind), Some(name), session) => Ok(Principal {
            account: account.clone(),
            kind,
            name: name.replace("%2F", "/").replace("%25", "%"),
            session: session.map(str::to_owned),
        }),
        _ => Err(unreadable(
            "bedrock_requests.principal",
            text,
            "is not a principal",
        )),
    }
}
