//! Records, rules and decisions for tests.

use std::sync::Arc;

use jiff::Timestamp;
use weir_core::calendar::WindowKind;
use weir_core::calendar::Zone;
use weir_core::evidence::{CallerFacts, Evidence, Lookup, Sighting};
use weir_core::ids::{AccountId, Region, RequestId};
use weir_core::plan::Plan;
use weir_core::pricing::PriceBook;
use weir_core::quota::{Action, Limit, Metric, Quota, Scope};
use weir_core::record::{Client, Identity, Record, Source};
use weir_core::rulebook::{Rulebook, Settings};
use weir_core::standing::Situation;
use weir_core::tokens::Tokens;
use weir_store::{Batch, RuleChange, Settled, Store, StoreError};

pub(crate) const NOON: &str = "2026-11-20T12:00:00Z";
pub(crate) const MODEL: &str = "anthropic.claude-3-5-haiku-20241022-v1:0";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A call by an IAM user as CloudTrail tells it.
pub(crate) fn call(request: &str, user: &str) -> Record {
    Record {
        request: RequestId::new(request),
        source: Source::ApiCall,
        at: at(NOON),
        account: AccountId::new("111122223333"),
        region: Region::new("us-east-1"),
        operation: "Converse".to_owned(),
        identity: Identity::IamUser {
            name: user.to_owned(),
            stable_id: Some(format!("AIDA{user}")),
        },
        model_sent: Some(MODEL.to_owned()),
        model_resource: None,
        inference_region: None,
        tokens: Some(tokens(1_000, 100)),
        failure: None,
        tier: None,
        client: Client {
            source_ip: Some("192.0.2.7".to_owned()),
            user_agent: Some("claude-cli/2.0 \"é\" \u{1f600}".to_owned()),
            access_key: None,
            bearer: false,
        },
        metadata: std::collections::BTreeMap::new(),
    }
}

/// The invocation log's record of the same call.
pub(crate) fn log(request: &str, user: &str) -> Record {
    Record {
        source: Source::Log,
        tokens: Some(Tokens {
            cache_read: 500,
            ..tokens(400, 100)
        }),
        client: Client::default(),
        ..call(request, user)
    }
}

pub(crate) fn tokens(input: u64, output: u64) -> Tokens {
    Tokens {
        input,
        output,
        ..Tokens::default()
    }
}

pub(crate) fn plain(record: Record) -> Evidence {
    Evidence::of(record, Sighting::default())
}

/// Evidence with the tags of the caller.
pub(crate) fn tagged(record: Record, team: &str) -> Evidence {
    let facts = CallerFacts {
        team_tag: Some(team.to_owned()),
        login_profile: true,
        ..CallerFacts::default()
    };
    Evidence::of(
        record,
        Sighting {
            caller: Lookup::Found(facts),
            ..Sighting::default()
        },
    )
}

pub(crate) fn quota(scope: &str, metric: Metric, window: WindowKind, limit: i64) -> Quota {
    Quota {
        scope: scope.parse::<Scope>().unwrap(),
        metric,
        window,
        limit: Limit::Of(limit),
        action: Action::Block,
        warn: vec![80, 95],
        author: "test".to_owned(),
        additions: Vec::new(),
    }
}

/// The rules as stored, with the bundled prices.
pub(crate) async fn rules(store: &dyn Store) -> Rulebook {
    let stored = store.rules().await.unwrap();
    let prices = Arc::new(PriceBook::with(stored.prices.clone()));
    let zone = Zone::named("Europe/Madrid").unwrap();
    Rulebook::new(Arc::new(Settings::default()), zone, prices, stored)
}

pub(crate) async fn set(store: &dyn Store, quotas: Vec<Quota>) -> u64 {
    let changes = quotas.into_iter().map(RuleChange::SetQuota).collect();
    store.change_rules(changes, Vec::new()).await.unwrap()
}

pub(crate) fn batch(id: impl Into<String>, rules: &Rulebook, evidence: Vec<Evidence>) -> Batch<'_> {
    Batch {
        name: "test",
        id: id.into(),
        now: at(NOON),
        rules,
        evidence,
        anew: None,
        users: Vec::new(),
        teams: Vec::new(),
        dead_letters: Vec::new(),
        done: Vec::new(),
        audit: Vec::new(),
    }
}

pub(crate) fn nothing(_: &Situation) -> Plan {
    Plan::default()
}

/// Settles with the rules of the moment and decides nothing.
pub(crate) async fn record(
    store: &dyn Store,
    id: &str,
    evidence: Vec<Evidence>,
) -> Result<Settled, StoreError> {
    let rules = rules(store).await;
    store.settle(&batch(id, &rules, evidence), &nothing).await
}
