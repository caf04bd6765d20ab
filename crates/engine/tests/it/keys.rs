//! Diaries of tools that are blocked: their keys go off, and exactly those come back (rules E6).

use std::collections::BTreeMap;

use jiff::SignedDuration;
use weir_core::access::{TargetKey, TargetKind};
use weir_core::calendar::WindowKind;
use weir_core::ids::{KeyId, ToolId, UserId};
use weir_core::quota::{Action, Limit, Metric, Quota, Scope};
use weir_core::rulebook::{KeyOwner, KeyState};
use weir_engine::ports::EffectErrorKind;
use weir_store::{RuleChange, TargetKeyRow};
use weir_testkit::fakes::{Fault, Op};
use weir_testkit::records::call;

use crate::world::{World, admin, names};

fn key(name: &str) -> KeyId {
    KeyId::new(format!("ACCA{name}"))
}

async fn bind(world: &World, name: &str, tool: &str) {
    let owner = KeyOwner::new(UserId::new("ana"), ToolId::new(tool), true, false);
    world
        .engine
        .set_key(&key(name), owner, &admin())
        .await
        .unwrap();
}

/// Ana has two keys for `cline`, one of them inactive, and one for `kiro`.
async fn ana() -> World {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.aws.user("ana", |user| user.keys = keys(true));
    for (name, tool) in [("ONE", "cline"), ("OFF", "cline"), ("OTHER", "kiro")] {
        bind(&world, name, tool).await;
    }
    limit(&world, 3).await;
    world
}

fn keys(one: bool) -> BTreeMap<KeyId, bool> {
    [(key("ONE"), one), (key("OFF"), false), (key("OTHER"), true)].into()
}

fn shown(world: &World) -> BTreeMap<KeyId, bool> {
    world.aws.show_user("ana").unwrap().keys
}

async fn limit(world: &World, limit: i64) {
    let quota = Quota {
        scope: Scope::Tool(ToolId::new("cline")),
        metric: Metric::Requests,
        window: WindowKind::Day,
        limit: Limit::Of(limit),
        action: Action::Block,
        warn: Vec::new(),
        author: "maria".to_owned(),
        additions: Vec::new(),
    };
    world
        .engine
        .change_quotas(vec![RuleChange::SetQuota(quota)], "a test", &admin())
        .await
        .unwrap();
}

/// Three calls with the key: the limit.
async fn reach(world: &World) {
    let calls = (0..3).map(|i| call(&format!("r{i}")).by("ana").key("ACCAONE").api_event());
    world.ingest(&calls.collect::<Vec<_>>()).await;
}

/// What the ledger has noted.
async fn noted(world: &World) -> Vec<TargetKeyRow> {
    let target = TargetKey {
        account: world.aws.account(),
        kind: TargetKind::ToolKeys,
        id: "ana cline".to_owned(),
    };
    world.store.target(&target).await.unwrap().unwrap().keys
}

#[tokio::test]
async fn a_tool_is_blocked_by_its_keys_and_exactly_those_come_back() {
    let world = ana().await;
    reach(&world).await;
    assert_eq!(shown(&world), keys(false));
    assert!(!world.is_denied("ana"));
    assert_eq!(noted(&world).await.len(), 1, "what was off is not ours");
    limit(&world, 100).await;
    assert_eq!(shown(&world), keys(true));
    assert_eq!(noted(&world).await, []);
}

#[tokio::test]
async fn a_key_whose_deactivation_was_not_answered_comes_back() {
    let world = ana().await;
    // The first call lists, the second deactivates and loses its answer.
    let lost = || Fault::ErrorAfterwards(EffectErrorKind::Retry);
    world.aws.fault(Op::Keys, "ana", lost());
    world.aws.fault(Op::Keys, "ana", lost());
    reach(&world).await;
    assert_eq!(shown(&world), keys(false));
    assert_eq!(noted(&world).await.len(), 1, "noted before the call");
    limit(&world, 100).await;
    world.later(SignedDuration::from_mins(2)).await;
    assert_eq!(shown(&world), keys(true));
    assert_eq!(noted(&world).await, []);
}

#[tokio::test]
async fn a_key_whose_activation_was_not_answered_is_not_activated_twice() {
    let world = ana().await;
    reach(&world).await;
    let lost = || Fault::ErrorAfterwards(EffectErrorKind::Retry);
    world.aws.fault(Op::Keys, "ana", lost());
    world.aws.fault(Op::Keys, "ana", lost());
    limit(&world, 100).await;
    assert_eq!(shown(&world), keys(true));
    assert_eq!(noted(&world).await.len(), 1, "not known to be done");
    world.later(SignedDuration::from_mins(2)).await;
    assert_eq!(noted(&world).await, []);
    // From here on it is people who switch it.
    world.aws.user("ana", |user| user.keys = keys(false));
    world.later(SignedDuration::from_hours(2)).await;
    assert_eq!(shown(&world), keys(false));
}

#[tokio::test]
async fn a_key_that_was_given_to_another_tool_or_deleted_meanwhile_is_left_alone() {
    let world = ana().await;
    reach(&world).await;
    bind(&world, "ONE", "kiro").await;
    limit(&world, 100).await;
    assert_eq!(shown(&world), keys(false));
    assert_eq!(noted(&world).await, []);

    let world = ana().await;
    reach(&world).await;
    world
        .aws
        .user("ana", |user| _ = user.keys.remove(&key("ONE")));
    limit(&world, 100).await;
    assert_eq!(world.state("ana").await.1, "none");
    assert_eq!(noted(&world).await, []);
}

#[tokio::test]
async fn a_key_that_an_administrator_disabled_meanwhile_stays_off() {
    let world = ana().await;
    reach(&world).await;
    let owner = KeyOwner {
        state: KeyState::Inactive,
        ..KeyOwner::new(UserId::new("ana"), ToolId::new("cline"), true, false)
    };
    world
        .engine
        .set_key(&key("ONE"), owner, &admin())
        .await
        .unwrap();
    limit(&world, 100).await;
    assert_eq!(shown(&world), keys(false));
    assert_eq!(noted(&world).await, []);
}

#[tokio::test]
async fn a_key_goes_off_on_whichever_iam_user_holds_it_though_that_one_never_called() {
    let world = ana().await;
    world.developer("ana--cline", "sap");
    world
        .aws
        .user("ana--cline", |user| user.keys = [(key("OWN"), true)].into());
    let owner = KeyOwner {
        iam_user: Some("ana--cline".to_owned()),
        ..KeyOwner::new(UserId::new("ana"), ToolId::new("cline"), true, true)
    };
    world
        .engine
        .set_key(&key("OWN"), owner, &admin())
        .await
        .unwrap();
    let own = || world.aws.show_user("ana--cline").unwrap().keys;
    reach(&world).await;
    assert_eq!(shown(&world), keys(false));
    assert_eq!(own(), [(key("OWN"), false)].into());
    limit(&world, 100).await;
    assert_eq!(shown(&world), keys(true));
    assert_eq!(own(), [(key("OWN"), true)].into());
}

#[tokio::test]
async fn where_no_key_is_found_nothing_is_called_verified() {
    let world = ana().await;
    world.aws.user("ana", |user| user.keys.clear());
    reach(&world).await;
    assert_eq!(world.state("ana").await.1, "cannot");
    // The reconciler looks once an hour, and no call asks again.
    world.later(SignedDuration::from_mins(1)).await;
    let looked = world.aws.calls(Op::Keys, "ana");
    let another = call("r9").by("ana").key("ACCAONE").api_event();
    world.ingest(&[another]).await;
    world.later(SignedDuration::from_mins(1)).await;
    assert_eq!(world.aws.calls(Op::Keys, "ana"), looked);
    assert_eq!(
        world
            .operations("target:111122223333/tool-keys/ana cline")
            .await,
        names(&["enforcement-failed"])
    );
    // A key that is bound to the tool goes off.
    world
        .aws
        .user("ana", |user| user.keys = [(key("NEW"), true)].into());
    bind(&world, "NEW", "cline").await;
    world.later(SignedDuration::from_mins(1)).await;
    assert_eq!(shown(&world), [(key("NEW"), false)].into());
    assert_eq!(world.state("ana").await.1, "verified");
}
