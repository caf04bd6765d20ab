//! One invocation, derived whole from the set of its records (rules C3): a function of data, so
//! that any order and any repetition of records gives the same result.

use std::sync::Arc;

use jiff::Timestamp;

use crate::attribution::{self, Attribution};
use crate::calendar::{Window, WindowKind};
use crate::evidence::Evidence;
use crate::ids::{AccountId, ModelId, Region, RequestId, TeamId, ToolId, UserId};
use crate::model::{Class, ModelRef};
use crate::money::Usd;
use crate::record::{Client, Failure, Record, Source};
use crate::rulebook::Rulebook;
use crate::tokens::Tokens;

/// One Bedrock inference call, as counted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent facts of a call, each a column of its own"
)]
pub struct Invocation {
    /// Makes it count once.
    pub request: RequestId,
    /// The account that called.
    pub account: AccountId,
    /// Whose call it is, and of what kind of caller.
    pub caller: Attribution,
    /// The user (the same as in `caller`).
    pub user: UserId,
    /// The team at the time of the call.
    pub team: TeamId,
    /// With what.
    pub tool: ToolId,
    /// When the call was made.
    pub at: Timestamp,
    /// The local hour it counts in.
    pub hour: Window,
    /// Canonical model; `unknown` if nothing names it.
    pub model: ModelId,
    /// Profile id, where one was used.
    pub profile: Option<String>,
    /// The model as the caller sent it.
    pub model_sent: Option<String>,
    /// Global or regional price.
    pub class: Class,
    /// Event name or log operation.
    pub operation: String,
    /// The counts; `None` is `unmetered`.
    pub tokens: Option<Tokens>,
    /// Where the counts come from.
    pub tokens_from: Option<Source>,
    /// The counts may still change (rules C6).
    pub provisional: bool,
    /// The cost; `None` where it is not known (no counts, or no price).
    pub cost: Option<Usd>,
    /// By which price it was costed.
    pub price_reference: Option<Arc<str>>,
    /// Failed without output: recorded, not counted against quotas.
    pub failed: bool,
    /// The error, if there was one.
    pub failure: Option<Failure>,
    /// Source Region.
    pub region: Region,
    /// The Region that ran it.
    pub inference_region: Option<Region>,
    /// Address, user agent, key.
    pub client: Client,
    /// The look-up of the caller failed; the team is the last known one (rules A8).
    pub unresolved: bool,
    /// A role session known only from the log: who it really is may still change, so it blocks
    /// nobody yet (rules C3).
    pub tentative: bool,
}

impl Invocation {
    /// Counts are there and the price is not.
    pub fn is_unpriced(&self) -> bool {
        !self.failed && self.tokens.is_some() && self.cost.is_none()
    }
}

/// Derives the invocation from everything known about it; `None` for empty evidence.
pub fn derive(evidence: &Evidence, rules: &Rulebook) -> Option<Invocation> {
    let first = evidence.records().next()?;
    let who = caller_record(evidence)?;
    let caller = attribution::attribute(who, &evidence.sighting, rules);
    let (tokens, tokens_from) = counts(evidence);
    let failure = evidence
        .records()
        .filter_map(|record| record.failure.clone())
        .max();
    let failed = failure.is_some() && tokens.is_none_or(|tokens| tokens.output == 0);
    let model = model(evidence);
    let id = model.counted_as();
    let (cost, price_reference) = match tokens {
        _ if failed => (Some(Usd::ZERO), None),
        Some(tokens) => {
            let tier = evidence.records().find_map(|record| record.tier.as_deref());
            price(rules, &id, model.class, first, tier, &tokens)
        }
        None => (None, None),
    };
    Some(Invocation {
        request: first.request.clone(),
        account: who.account.clone(),
        user: caller.user.clone(),
        team: caller.team.clone(),
        tool: attribution::tool(evidence, &caller.user, rules),
        at: first.at,
        hour: Window::containing(WindowKind::Hour, first.at, &rules.zone),
        model: id,
        profile: model.profile,
        model_sent: (!model.sent.is_empty()).then_some(model.sent),
        class: model.class,
        operation: first.operation.clone(),
        tokens,
        tokens_from,
        provisional: tokens_from.is_some_and(|source| source != Source::Log),
        cost,
        price_reference,
        failed,
        failure,
        region: first.region.clone(),
        inference_region: evidence
            .records()
            .find_map(|record| record.inference_region.clone()),
        client: client(evidence),
        unresolved: caller.unresolved,
        tentative: caller.is_plain_session()
            && evidence.api_call.is_none()
            && evidence.completion.is_none(),
        caller,
    })
}

/// Who: API call, completion, log (rules C3); a record that knows beats one that does not.
pub fn caller_record(evidence: &Evidence) -> Option<&Record> {
    let known =
        |record: &&Record| !matches!(record.identity, crate::record::Identity::Unknown { .. });
    let order = || {
        [&evidence.api_call, &evidence.completion, &evidence.log]
            .into_iter()
            .flatten()
    };
    order().find(known).or_else(|| order().next())
}

/// Counts: log, then CloudTrail.
fn counts(evidence: &Evidence) -> (Option<Tokens>, Option<Source>) {
    [&evidence.log, &evidence.completion, &evidence.api_call]
        .into_iter()
        .flatten()
        .find_map(|record| Some((record.tokens?, record.source)))
        .map_or((None, None), |(tokens, source)| {
            (Some(tokens), Some(source))
        })
}

/// The model as sent: API call, log, `resources[]`; an opaque profile by its look-up, else by the
/// foundation model that CloudTrail saw.
fn model(evidence: &Evidence) -> ModelRef {
    let sent = evidence
        .records()
        .find_map(|record| record.model_sent.as_deref());
    let resource = evidence
        .records()
        .find_map(|record| record.model_resource.as_deref());
    let sent = ModelRef::parse(sent.or(resource).unwrap_or_default());
    if sent.model.is_some() {
        return sent;
    }
    match evidence
        .sighting
        .profile
        .found()
        .map(String::as_str)
        .or(resource)
    {
        Some(behind) => sent.resolved_by(behind),
        None => sent,
    }
}

fn price(
    rules: &Rulebook,
    model: &ModelId,
    class: Class,
    call: &Record,
    tier: Option<&str>,
    tokens: &Tokens,
) -> (Option<Usd>, Option<Arc<str>>) {
    let unknown = rules.settings.unknown_price;
    match rules
        .prices
        .price_or(unknown, model, class, &call.region, tier, tokens, call.at)
    {
        Some((usd, reference)) => (Some(usd), Some(reference)),
        None => (None, None),
    }
}

fn client(evidence: &Evidence) -> Client {
    [&evidence.api_call, &evidence.completion]
        .into_iter()
        .flatten()
        .next()
        .map(|record| record.client.clone())
        .unwrap_or_default()
}
