//! IAM users whose calls are not their namesake's: linked by hand, or the second of a name.

use weir_core::attribution::{Holder, Succession};
use weir_core::ids::{ToolId, UserId};
use weir_core::provision::KeyKind;
use weir_core::rulebook::Person;
use weir_engine::provision::{UserUpdate, Wanted};
use weir_store::RuleChange;

use super::keys::block_tool;
use super::{World, all_exist, olga};

/// Ana of a team, and an IAM user `ana2` that is hers, too.
async fn linked() -> (World, String, String, String) {
    let world = World::enforcing().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    let second = world.person("ana2", &team);
    let (principal, user) = (world.principal(&second.name), UserId::new(&ana));
    let engine = &world.engine;
    engine.link(&principal, &user, &olga()).await.unwrap();
    let plan = world.operator().await.plan_user(&second).await.unwrap();
    assert!(plan.notes[0].contains("count for ana"), "{plan:?}");
    world.done(&plan).await;
    (world, team, ana, second.name)
}

#[tokio::test]
async fn what_is_handed_out_to_a_linked_iam_user_is_its_users() {
    let (world, team, ana, ana2) = Box::pin(linked()).await;
    let user = UserId::new(&ana);
    let (key, holder) = world.key(&ana2, "cline", KeyKind::Bedrock).await;
    assert_eq!(holder, ana2);
    let rules = world.engine.reload_rules().await.unwrap();
    let owner = &rules.keys[&key];
    assert_eq!(owner.user, user);
    let tool = rules.bearer_tool(&user, Some(&ana2), owner.created_at.unwrap());
    assert_eq!(tool, Some(&ToolId::new("cline")));

    let operator = world.operator().await;
    let update = UserUpdate {
        email: Some("a.lopez@example.com".to_owned()),
        ..UserUpdate::default()
    };
    for name in [&ana2, &ana] {
        let plan = operator.plan_user_update(name, &update).await.unwrap();
        world.done(&plan).await;
    }
    let said = world.weirs(&ana).await;
    assert_eq!(said.email.as_deref(), Some("a.lopez@example.com"));
    assert_eq!(world.weirs(&ana2).await, Person::default());
    let row = world.engine.store().user(&UserId::new(&ana2)).await;
    assert_eq!(row.unwrap(), None, "nobody of that name");

    let synced = operator.compare_with_iam().await.unwrap();
    assert!(synced.plan.is_done(), "{:?}", synced.plan);
    let wanted = Wanted {
        user: world.person("ana2", &team),
        tools: vec!["cline".to_owned()],
        ..Wanted::default()
    };
    let again = operator.plan_everything(&wanted).await.unwrap();
    assert!(again.is_done(), "{again:?}");
    assert!(all_exist(&world.done(&again).await));
}

#[tokio::test]
async fn the_block_of_a_tool_holds_on_every_iam_user_of_its_user() {
    let (world, _, ana, ana2) = Box::pin(linked()).await;
    let (own, _) = world.key(&ana, "cline", KeyKind::AccessKey).await;
    let (other, _) = world.key(&ana2, "cline", KeyKind::AccessKey).await;
    block_tool(&world, &ana, &own).await;
    let operator = world.operator().await;
    for refused in [
        operator
            .plan_key(&ana2, "cline", KeyKind::Bedrock, None)
            .await,
        operator.plan_key_state(&ana2, &other, true).await,
        operator.plan_rotation(&ana2, &other, None, true).await,
    ] {
        let why = refused.unwrap_err().to_string();
        assert!(why.contains("cline is blocked"), "{why}");
    }
}

#[tokio::test]
async fn keys_follow_a_link_that_is_made_after_them() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    let second = world.person("ana2", &team);
    let operator = world.operator().await;
    let plan = operator.plan_user(&second).await.unwrap();
    world.done(&plan).await;
    let (key, _) = world.key(&second.name, "cline", KeyKind::Bedrock).await;
    let (principal, user) = (world.principal(&second.name), UserId::new(&ana));
    let engine = &world.engine;
    engine.link(&principal, &user, &olga()).await.unwrap();
    let synced = operator.compare_with_iam().await.unwrap();
    let [one] = &synced.differences[..] else {
        panic!("{synced:?}");
    };
    let was = format!("{key} active of {}", second.name);
    assert_eq!((one.field, one.weir.as_deref()), ("key", Some(&*was)));
    world.done(&synced.plan).await;
    let rules = engine.reload_rules().await.unwrap();
    assert_eq!(rules.keys[&key].user, user);
    assert!(operator.compare_with_iam().await.unwrap().plan.is_done());
}

#[tokio::test]
async fn the_second_of_a_name_gets_keys_and_words_of_its_own() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    let operator = world.operator().await;
    let found = operator.user(&ana).await.unwrap().found.unwrap();
    let before = Holder {
        stable_id: "AIDAOLD".to_owned(),
        user: UserId::new(&ana),
        since: "2026-10-01T00:00:00Z".parse().unwrap(),
        confirmed: false,
    };
    let since = "2026-11-01T00:00:00Z".parse().unwrap();
    let id = found.stable_id.clone();
    let succession = Succession::of(world.principal(&ana), before, id.clone(), since, None);
    let engine = &world.engine;
    let version = engine.store().rules().await.unwrap().version;
    let change = RuleChange::Succeed(succession, version);
    engine
        .store()
        .change_rules(vec![change], Vec::new())
        .await
        .unwrap();

    let newcomer = UserId::new(format!("{ana}~{id}"));
    let (key, _) = world.key(&ana, "cline", KeyKind::Bedrock).await;
    let rules = engine.reload_rules().await.unwrap();
    assert_eq!(rules.keys[&key].user, newcomer);
    let update = UserUpdate {
        person: Some("Ana Ruiz".to_owned()),
        ..UserUpdate::default()
    };
    let plan = operator.plan_user_update(&ana, &update).await.unwrap();
    world.done(&plan).await;
    let said = world.weirs(newcomer.as_str()).await;
    assert_eq!(said.person.as_deref(), Some("Ana Ruiz"));
    let said = world.weirs(&ana).await;
    assert_eq!(said.person.as_deref(), Some("Ana López"));
    let again = operator.plan_user_update(&ana, &update).await.unwrap();
    assert!(again.is_done(), "{again:?}");
}
