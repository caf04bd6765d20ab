//! Past invocations costed anew, when an administrator asks for it and not before.

use jiff::civil::{Date, date};
use weir_core::calendar::WindowKind;
use weir_core::ids::ModelId;
use weir_core::model::Class;
use weir_core::money::Price;
use weir_core::pricing::{PriceRow, PriceSource, RegionMatch, Tier, TokenClass};
use weir_core::quota::{Limit, Metric};
use weir_engine::{EngineError, Reprice};
use weir_store::{AuditFilter, GroupBy, RuleChange, UsageFilter};
use weir_testkit::records::call;

use crate::world::{Like, World, admin, listed, names, quota};

const MODEL: &str = "nobody.knows-this-v1:0";
const YESTERDAY: Date = date(2026, 11, 19);

fn wanted(to: Option<Date>) -> Reprice {
    Reprice {
        model: ModelId::new(MODEL),
        region: None,
        from: YESTERDAY,
        to,
    }
}

async fn price(world: &World, dollars: &str) {
    let price = PriceRow {
        model: ModelId::new(MODEL),
        class: Class::Regional,
        region: RegionMatch::Any,
        token_class: TokenClass::Input,
        tier: Tier::Standard,
        band_from: 0,
        effective_from: PriceRow::ALWAYS,
        effective_until: None,
        price: Some(dollars.parse::<Price>().unwrap()),
        source: PriceSource::Administrator,
    };
    let prices = vec![price];
    world
        .engine
        .set_prices(prices, "set", &admin())
        .await
        .unwrap();
}

/// A million tokens yesterday and today at 3 $, which should have been 5 $; more than 4 $ a day are too many.
async fn wrongly_priced() -> World {
    let world = World::with(Like {
        batch: Some(1),
        ..Like::default()
    })
    .await;
    world.developer("ana", "sap");
    price(&world, "3").await;
    let RuleChange::SetQuota(mut limit) = quota("user:ana", 0) else {
        unreachable!("a quota is set by it");
    };
    (limit.metric, limit.window) = (Metric::Cost, WindowKind::Day);
    limit.limit = Limit::Of(4_000_000_000);
    let change = RuleChange::SetQuota(limit);
    world
        .engine
        .change_quotas(vec![change], "a test", &admin())
        .await
        .unwrap();
    let events = [
        ("y1", "2026-11-19T10:00:00Z"),
        ("t1", "2026-11-20T10:00:00Z"),
    ];
    let events = events.map(|(request, at)| {
        let call = call(request).by("ana").model(MODEL).at(at);
        call.tokens(1_000_000, 0).api_event()
    });
    world.ingest(&events).await;
    price(&world, "5").await;
    world
}

/// What was spent, by day.
async fn days(world: &World) -> Vec<(String, i64)> {
    let all = UsageFilter::default();
    let rows = world.store.usage(GroupBy::Day, &all);
    let rows = rows.await.unwrap().into_iter();
    rows.map(|row| (row.key, row.sums.cost_nanos / 1_000_000_000))
        .collect()
}

fn spent(yesterday: i64, today: i64) -> Vec<(String, i64)> {
    vec![
        ("2026-11-19".into(), yesterday),
        ("2026-11-20".into(), today),
    ]
}

#[tokio::test]
async fn the_past_is_costed_anew_when_somebody_asks_and_blocks_nobody_for_it() {
    let world = wrongly_priced().await;
    assert_eq!(
        days(&world).await,
        spent(3, 3),
        "a price changes no history"
    );
    let yesterday = wanted(Some(YESTERDAY));
    let foreseen = world.engine.foresee_repricing(&yesterday).await.unwrap();
    assert_eq!((foreseen.invocations, foreseen.changed), (1, 1));
    let sums = (
        foreseen.before.cost.to_decimal(),
        foreseen.after.cost.to_decimal(),
    );
    assert_eq!(sums, ("3".into(), "5".into()));
    assert_eq!(days(&world).await, spent(3, 3), "looking changes nothing");

    let done = world
        .engine
        .reprice_past(&yesterday, &admin())
        .await
        .unwrap();
    assert_eq!(done, foreseen);
    assert_eq!(days(&world).await, spent(5, 3));
    assert!(!world.is_denied("ana"), "yesterday is over");
    assert_eq!(world.store.check_totals().await.unwrap(), names(&[]));
    let again = world
        .engine
        .reprice_past(&yesterday, &admin())
        .await
        .unwrap();
    assert_eq!((again.invocations, again.changed), (1, 0));

    let filter = AuditFilter {
        operation: Some("price-reprice".to_owned()),
        ..AuditFilter::default()
    };
    let audit = world.store.audit(&filter).await.unwrap();
    assert_eq!(audit.len(), 1, "once, and not for what changes nothing");
    let entry = &audit[0].entry;
    assert_eq!(
        entry.before.as_deref(),
        Some(r#"{"cost_usd":"3","unpriced":0}"#)
    );
    assert_eq!(
        entry.after.as_deref(),
        Some(r#"{"cost_usd":"5","unpriced":0}"#)
    );
}

#[tokio::test]
async fn what_counts_today_is_judged_by_its_new_cost() {
    let world = wrongly_priced().await;
    let elsewhere = Reprice {
        region: Some("us-east-1".into()),
        ..wanted(None)
    };
    let foreseen = world.engine.foresee_repricing(&elsewhere).await.unwrap();
    assert_eq!(foreseen.invocations, 0, "only calls to that Region");
    let done = world
        .engine
        .reprice_past(&wanted(None), &admin())
        .await
        .unwrap();
    assert_eq!((done.invocations, done.changed), (2, 2));
    assert_eq!(listed(&done.access.blocked), names(&["ana"]));
    assert!(world.is_denied("ana"));
    assert_eq!(days(&world).await, spent(5, 5));
    assert_eq!(world.store.check_totals().await.unwrap(), names(&[]));
}

#[tokio::test]
async fn days_that_cannot_be_are_refused() {
    let world = World::new().await;
    let tomorrow = Reprice {
        from: date(2026, 11, 21),
        ..wanted(None)
    };
    for wanted in [tomorrow, wanted(Some(date(2026, 11, 18)))] {
        let refused = world.engine.foresee_repricing(&wanted).await;
        assert!(
            matches!(refused, Err(EngineError::Refused(_))),
            "{refused:?}"
        );
    }
}
