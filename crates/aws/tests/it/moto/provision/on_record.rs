//! What the audit log says of changes of IAM, and what becomes of them when it cannot.

use serde_json::{Value, json};
use weir_core::provision::{KeyKind, Route};
use weir_engine::provision::{Shown, UserUpdate, Wish};
use weir_store::AuditFilter;
use weir_testkit::fakes::contract::Stage;
use weir_testkit::file_db::FileDb;

use super::keys::made;
use super::{OPUS, World};

impl World {
    /// Before and after of the last entry of an operation.
    async fn last(&self, operation: &str) -> [Value; 2] {
        let entries = self.engine.store().audit(&AuditFilter::default()).await;
        let mut entries = entries.unwrap().into_iter().map(|one| one.entry);
        let last = entries.rfind(|entry| entry.operation == operation);
        let last = last.unwrap();
        [last.before, last.after].map(|text| {
            let text = text.as_deref().unwrap_or("null");
            serde_json::from_str(text).unwrap()
        })
    }
}

#[tokio::test]
async fn what_was_there_before_a_change_and_after_it_is_on_record() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    let operator = world.operator().await;
    let [before, after] = world.last("iam-group-policy-set").await;
    assert_eq!(before, Value::Null);
    assert!(after["policy"]["Statement"].is_array(), "{after}");

    let wish = Wish {
        profiles: vec![OPUS.to_owned()],
        open: vec![Route::Mantle],
        ..Wish::default()
    };
    let grant = operator.grant(&wish, &*world.stage.directory()).await;
    let plan = operator.plan_group(&team, Some(grant.unwrap()), true).await;
    world.done(&plan.unwrap()).await;
    let [was, is] = world.last("iam-group-policy-set").await;
    assert_eq!(was, after, "what was written before");
    assert_ne!(is, after);

    let update = UserUpdate {
        person: Some("Ana Ruiz".to_owned()),
        ..UserUpdate::default()
    };
    let plan = operator.plan_user_update(&ana, &update).await.unwrap();
    world.done(&plan).await;
    let tags = |person: &str| json!({ "tags": { "Person": person } });
    let changed = world.last("iam-user-tag").await;
    assert_eq!(changed, ["Ana López", "Ana Ruiz"].map(tags));

    let (key, _) = world.key(&ana, "cline", KeyKind::Bedrock).await;
    let [before, after] = world.last("key-set").await;
    assert_eq!((before, &after["tool"]), (Value::Null, &json!("cline")));
    let plan = operator.plan_key_state(&ana, &key, false).await.unwrap();
    world.done(&plan).await;
    let states = world.last("key-set").await.map(|one| one["state"].clone());
    assert_eq!(states, ["active", "inactive"]);
}

#[tokio::test]
async fn the_secret_of_a_key_is_handed_over_although_it_cannot_be_put_on_record() {
    let file = FileDb::new().unwrap();
    let store = weir_store::open(&file.url).await.unwrap();
    store.migrate().await.unwrap();
    store.set_zone("Europe/Madrid").await.unwrap();
    let world = World::over(store, |_| {}).await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    let operator = world.operator().await;
    let refuse = "CREATE TRIGGER full BEFORE INSERT ON blocking_operations
        WHEN NEW.operation = 'key-create' BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    file.run(refuse).await.unwrap();
    let plan = operator
        .plan_key(&ana, "cline", KeyKind::Bedrock, None)
        .await
        .unwrap();
    let mut handed_over = Vec::new();
    let stopped = operator
        .carry_out(&plan, |secret: &Shown| handed_over.push(secret.clone()))
        .await;
    assert_eq!(handed_over, stopped.secrets);
    let (key, _) = made(&stopped);
    let why = stopped.stopped.unwrap().to_string();
    assert!(why.contains("could not be put on record"), "{why}");
    let keys = operator.keys(&ana).await.unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!((&keys[0].found.id, keys[0].tool.is_some()), (&key, true));
}

#[tokio::test]
async fn a_change_that_is_not_on_record_at_once_is_so_a_moment_later() {
    let file = FileDb::new().unwrap();
    let store = weir_store::open(&file.url).await.unwrap();
    store.migrate().await.unwrap();
    store.set_zone("Europe/Madrid").await.unwrap();
    let world = World::over(store, |_| {}).await;
    let team = world.team("sap").await;
    let refuse = "CREATE TRIGGER full BEFORE INSERT ON blocking_operations
        WHEN NEW.operation = 'iam-user-create' BEGIN SELECT RAISE(ABORT, 'not now'); END";
    file.run(refuse).await.unwrap();
    let new = world.person("ana", &team);
    let plan = world.operator().await.plan_user(&new).await.unwrap();
    let mend = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        file.run("DROP TRIGGER full").await.unwrap();
    };
    let (done, ()) = tokio::join!(world.carry_out(&plan), mend);
    assert!(done.stopped.is_none(), "{done:?}");
    let recorded = world.recorded().await;
    assert!(
        recorded.contains(&"iam-user-create".to_owned()),
        "{recorded:?}"
    );
}
