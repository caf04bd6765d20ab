//! Whatever AWS delivers twice, late or in another order: the same records, the same totals.

use proptest::prelude::*;
use weir_core::calendar::WindowKind;
use weir_core::evidence::{CallerFacts, Evidence, Lookup, Sighting};
use weir_core::quota::Metric;
use weir_core::record::{Failure, Identity, Record, Source};
use weir_store::{GroupBy, UsageFilter, UsageRow};

use crate::make::{at, batch, call, log, nothing, quota, rules, set, tokens};
use crate::place::{Place, sqlite_memory};

/// One call and which records of it there are.
#[derive(Clone, Debug)]
struct Call {
    user: u8,
    tool: u8,
    model: u8,
    minute: i64,
    role: bool,
    failed: bool,
    records: u8,
    /// Those of them for which nobody answered who the caller is.
    unanswered: u8,
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let one = (
        0..3_u8,
        0..3_u8,
        0..3_u8,
        0..180_i64,
        any::<bool>(),
        prop::bool::weighted(0.2),
        1..8_u8,
        0..8_u8,
    );
    let one = one.prop_map(
        |(user, tool, model, minute, role, failed, records, unanswered)| Call {
            user,
            tool,
            model,
            minute,
            role,
            failed,
            records,
            unanswered,
        },
    );
    prop::collection::vec(one, 1..12)
}

/// The records of a call, each with what a look-up said.
#[expect(clippy::too_many_lines, reason = "the fields of records, once")]
fn records(number: usize, call_: &Call) -> Vec<Evidence> {
    let Call {
        user,
        tool,
        model,
        minute,
        role,
        failed,
        records,
        unanswered,
    } = call_;
    let request = format!("r{number}");
    let user = format!("user{user}");
    let mut api = call(&request, &user);
    // Around local midnight.
    api.at = at("2026-11-20T21:30:00Z") + jiff::SignedDuration::from_mins(*minute);
    api.client.user_agent =
        Some(["claude-cli/1", "Boto3/1.3", "odd"][usize::from(*tool)].to_owned());
    api.model_sent = Some(
        [
            crate::make::MODEL,
            "acme.unheard-of-v1:0",
            "amazon.nova-lite-v1:0",
        ][usize::from(*model)]
        .to_owned(),
    );
    if *role {
        api.identity = Identity::RoleSession {
            role: "Dev".to_owned(),
            session: user.clone(),
            stable_id: None,
            source_identity: Some(user.clone()),
        };
    }
    if *failed {
        api.failure = Some(Failure {
            code: "ThrottlingException".to_owned(),
            message: None,
        });
        api.tokens = None;
    }
    let logged = Record {
        at: api.at,
        failure: api.failure.clone(),
        ..log(&request, &user)
    };
    let logged = if *failed {
        Record {
            tokens: None,
            ..logged
        }
    } else {
        logged
    };
    // A role session that the log alone knows has no source identity.
    let logged = match (&logged.identity, *role) {
        (_, true) => Record {
            identity: Identity::RoleSession {
                role: "Dev".to_owned(),
                session: user.clone(),
                stable_id: None,
                source_identity: None,
            },
            ..logged
        },
        _ => logged,
    };
    let completion = Record {
        source: Source::Completion,
        tokens: (!*failed).then(|| tokens(900, 90)),
        failure: None,
        ..api.clone()
    };
    let facts = CallerFacts {
        team_tag: Some(format!("team{}", user.len() % 2)),
        ..CallerFacts::default()
    };
    let sighting = |place: usize| Sighting {
        caller: match unanswered & (1 << place) {
            0 => Lookup::Found(facts.clone()),
            _ => Lookup::Failed,
        },
        ..Sighting::default()
    };
    [api, logged, completion]
        .into_iter()
        .enumerate()
        .filter(|(place, _)| records & (1 << place) != 0)
        .map(|(place, record)| Evidence::of(record, sighting(place)))
        .collect()
}

async fn totals(place: &Place) -> Vec<Vec<UsageRow>> {
    let mut all = Vec::new();
    for by in [
        GroupBy::User,
        GroupBy::Team,
        GroupBy::Tool,
        GroupBy::Model,
        GroupBy::Day,
    ] {
        let mut rows = place
            .store
            .usage(by, &UsageFilter::default())
            .await
            .unwrap();
        rows.sort_by(|a, b| a.key.cmp(&b.key));
        all.push(rows);
    }
    all
}

/// Settles the batches in a new database and gives its totals.
async fn settled(batches: &[Vec<Evidence>]) -> Vec<Vec<UsageRow>> {
    let place = sqlite_memory().await;
    set(
        &*place.store,
        vec![quota("tool:boto3", Metric::Requests, WindowKind::Day, 9)],
    )
    .await;
    let rules = rules(&*place.store).await;
    for (number, evidence) in batches.iter().enumerate() {
        let batch = batch(format!("s{number}"), &rules, evidence.clone());
        place.store.settle(&batch, &nothing).await.unwrap();
    }
    assert_eq!(
        place.store.check_totals().await.unwrap(),
        Vec::<String>::new()
    );
    totals(&place).await
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn order_repetition_and_batching_do_not_matter(
        calls in calls(),
        again in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        order in any::<u64>(),
        size in 1..9_usize,
    ) {
        let all: Vec<_> =
            calls.iter().enumerate().flat_map(|(number, call)| records(number, call)).collect();
        let mut shuffled = all.clone();
        shuffled.extend(again.iter().map(|index| index.get(&all).clone()));
        // A permutation that the seed determines.
        let mut state = order | 1;
        for place in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(place, usize::try_from(state >> 33).unwrap() % (place + 1));
        }
        let batches: Vec<_> = shuffled.chunks(size).map(<[Evidence]>::to_vec).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (once, many) = runtime.block_on(async { (settled(&[all]).await, settled(&batches).await) });
        prop_assert_eq!(once, many);
    }
}
