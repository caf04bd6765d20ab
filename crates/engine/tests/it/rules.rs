//! Diaries of rules: quotas, prices, people; and the reads for people.

use jiff::SignedDuration;
use weir_core::attribution::{Principal, PrincipalKind};
use weir_core::calendar::WindowKind;
use weir_core::ids::{ModelId, Region, RequestId, TeamId, UserId};
use weir_core::model::Class;
use weir_core::money::Price;
use weir_core::pricing::{PriceRow, PriceSource, RegionMatch, Tier, TokenClass};
use weir_core::quota::Metric;
use weir_core::rulebook::{Mode, Person};
use weir_engine::{Amount, Level, QuotaRaise};
use weir_testkit::fakes::Op;
use weir_testkit::records::call;

use crate::world::{Like, World, admin, listed, names, time};

#[tokio::test]
async fn a_raise_releases_and_ends_by_itself() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.quota("defaults", 2).await;
    world.calls("ana", 0..2).await;
    assert!(world.is_denied("ana"));
    let raise = QuotaRaise {
        user: UserId::new("ana"),
        metric: Metric::Requests,
        window: WindowKind::Day,
        amount: 5,
        until: time("2026-11-20T12:00:00Z"),
        reason: "a demonstration".to_owned(),
    };
    let change = world.engine.raise(&raise).await.unwrap();
    let done = world
        .engine
        .change_quotas(vec![change], &raise.reason, &admin())
        .await
        .unwrap();
    assert_eq!(listed(&done.released), names(&["ana"]));
    let status = world.engine.status(&raise.user).await.unwrap();
    assert_eq!(status.quotas[0].limit, Some(Amount::Count(7)));
    world.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(
        listed(&world.calls("ana", 2..3).await.blocked),
        names(&["ana"])
    );
    let operations = world.operations("quota:user:ana/requests/day").await;
    assert_eq!(operations, names(&["quota-set"]));
}

/// Raises daily requests by 5 until noon.
async fn raise(world: &World, user: &str) {
    let raise = QuotaRaise {
        user: UserId::new(user),
        metric: Metric::Requests,
        window: WindowKind::Day,
        amount: 5,
        until: time("2026-11-20T12:00:00Z"),
        reason: "a demonstration".to_owned(),
    };
    let change = world.engine.raise(&raise).await.unwrap();
    world
        .engine
        .change_quotas(vec![change], &raise.reason, &admin())
        .await
        .unwrap();
}

/// Ana's limit of daily requests.
async fn limit(world: &World) -> Option<Amount> {
    let status = world.engine.status(&UserId::new("ana")).await.unwrap();
    status.quotas.into_iter().next().unwrap().limit
}

#[tokio::test]
async fn what_is_raised_stays_inherited() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.quota("defaults", 2).await;
    world.calls("ana", 0..1).await;
    raise(&world, "ana").await;
    assert_eq!(limit(&world).await, Some(Amount::Count(7)));
    world.quota("defaults", 3).await;
    assert_eq!(
        limit(&world).await,
        Some(Amount::Count(8)),
        "of what is inherited by then"
    );
    world.quota("team-defaults:sap", 4).await;
    assert_eq!(limit(&world).await, Some(Amount::Count(9)));
    world.later(SignedDuration::from_hours(1)).await;
    assert_eq!(limit(&world).await, Some(Amount::Count(4)));
    world.quota("team-defaults:sap", 10).await;
    assert_eq!(
        limit(&world).await,
        Some(Amount::Count(10)),
        "nothing of the raise is left"
    );
}

#[tokio::test]
async fn a_raise_blocks_no_workload() {
    let world = World::new().await;
    world.aws.user("robot", |_| {});
    world.quota("defaults", 2).await;
    world.calls("robot", 0..1).await;
    raise(&world, "robot").await;
    world.calls("robot", 1..9).await;
    assert!(!world.is_denied("robot"), "what is inherited only notifies");
}

#[tokio::test]
async fn a_limit_of_zero_denies_known_users_at_once_and_unknown_ones_at_first_sight() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.developer("bob", "sap");
    world.calls("ana", 0..1).await;
    assert_eq!(
        listed(&world.quota("defaults", 0).await.blocked),
        names(&["ana"])
    );
    assert_eq!(
        listed(&world.calls("bob", 0..1).await.blocked),
        names(&["bob"])
    );
    assert!(world.is_denied("ana") && world.is_denied("bob"));
}

#[tokio::test]
async fn what_had_no_price_is_costed_once_there_is_one() {
    let world = World::new().await;
    world.developer("ana", "sap");
    let model = "nobody.knows-this-v1:0";
    let report = world
        .ingest(&[call("r1")
            .by("ana")
            .model(model)
            .tokens(1_000_000, 0)
            .api_event()])
        .await;
    assert_eq!(report.unpriced, 1);
    let price = PriceRow {
        model: ModelId::new(model),
        class: Class::Regional,
        region: RegionMatch::Exact(Region::new("eu-west-1")),
        token_class: TokenClass::Input,
        tier: Tier::Standard,
        band_from: 0,
        effective_from: PriceRow::ALWAYS,
        effective_until: None,
        price: Some("3".parse::<Price>().unwrap()),
        source: PriceSource::Administrator,
    };
    let priced = world
        .engine
        .set_prices(vec![price], "from the invoice", &admin())
        .await
        .unwrap();
    assert_eq!(priced, 1);
    let row = world
        .store
        .invocation(&RequestId::new("r1"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.invocation.cost.unwrap().to_decimal(), "3");
    assert!(world.store.unpriced().await.unwrap().is_empty());
    assert_eq!(
        world.store.check_totals().await.unwrap(),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn what_an_administrator_says_wins_and_adds_up() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.calls("ana", 0..1).await;
    let ana = UserId::new("ana");
    let team = Person {
        team: Some(TeamId::new("ml")),
        ..Person::default()
    };
    world.engine.set_person(&ana, team, &admin()).await.unwrap();
    let email = Person {
        email: Some("ana@example.com".to_owned()),
        ..Person::default()
    };
    world
        .engine
        .set_person(&ana, email, &admin())
        .await
        .unwrap();
    world.calls("ana", 1..2).await;
    let row = world.store.user(&ana).await.unwrap().unwrap();
    assert_eq!(
        (row.team.as_str(), row.email.as_deref()),
        ("ml", Some("ana@example.com"))
    );
}

#[tokio::test]
async fn linked_principals_are_one_user() {
    let world = World::new().await;
    for name in ["ana", "ana-ci"] {
        world.developer(name, "sap");
        world.calls(name, 0..1).await;
    }
    let principal = Principal {
        account: world.aws.account(),
        kind: PrincipalKind::IamUser,
        name: "ana-ci".to_owned(),
        session: None,
    };
    world
        .engine
        .link(&principal, &UserId::new("ana"), &admin())
        .await
        .unwrap();
    world.quota("user:ana", 3).await;
    assert_eq!(
        listed(&world.calls("ana-ci", 1..3).await.blocked),
        names(&["ana"])
    );
    assert!(world.is_denied("ana") && world.is_denied("ana-ci"));
}

#[tokio::test]
async fn a_status_says_everything_in_the_documented_words() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.quota("user:ana", 4).await;
    world.calls("ana", 0..3).await;
    let status = world.engine.status(&UserId::new("ana")).await.unwrap();
    let json = serde_json::to_value(&status).unwrap();
    assert_eq!(json["user_id"], "ana");
    assert_eq!(json["team"], "sap");
    assert_eq!(json["state"], "ACTIVE");
    assert_eq!(json["enforcement"], "none");
    assert_eq!(json["blocked_until"], serde_json::Value::Null);
    let quota = &json["quotas"][0];
    assert_eq!(quota["scope"], "user:ana");
    assert_eq!(quota["metric"], "requests");
    assert_eq!(quota["window"], "day");
    assert_eq!(
        (&quota["limit"], &quota["used"], &quota["percent"]),
        (&4.into(), &3.into(), &75.into())
    );
    assert_eq!(quota["resets_at"], "2026-11-20T23:00:00Z");
    assert_eq!(quota["action"], "block");
}

#[tokio::test]
async fn the_doctor_names_what_is_wrong_and_what_to_do() {
    let world = World::with(Like {
        mode: Some(Mode::DryRun),
        ..Like::default()
    })
    .await;
    world.developer("ana", "sap");
    world.quota("defaults", 1).await;
    world.calls("ana", 0..1).await;
    world
        .ingest(&[call("r1")
            .by("ana")
            .model("nobody.knows-v1:0")
            .tokens(1, 1)
            .api_event()])
        .await;
    world
        .ingest(&[
            serde_json::json!({ "eventSource": "bedrock.amazonaws.com", "eventName": "Converse" }),
        ])
        .await;
    let checks = world.engine.doctor().await;
    let of = |name: &str| checks.iter().find(|check| check.name == name).unwrap();
    assert_eq!(of("database").level, Level::Ok);
    assert_eq!(of("home account").level, Level::Ok);
    assert!(
        of("enforcement mode").found.contains("ana"),
        "{:?}",
        of("enforcement mode")
    );
    assert!(of("prices").found.contains("nobody.knows-v1:0"));
    assert_eq!(of("dead letters").level, Level::Warn);
    assert!(
        checks
            .iter()
            .all(|check| check.level == Level::Ok || check.remedy.is_some())
    );
    assert_eq!(world.aws.calls(Op::Apply, "ana"), 0);
}
