//! Work of the engine that needs no database, over the real adapter.

use weir_core::access::{Desired, TargetKey, TargetKind};
use weir_engine::release;
use weir_testkit::fakes::contract::{Stage, denied};

use super::stage::MotoStage;

#[tokio::test]
async fn release_leaves_nothing_of_ours_and_everything_of_others() {
    let stage = MotoStage::new().await;
    stage.access().set_up().await.unwrap();
    let account = stage.account().await;
    let users = ["one", "two", "full"].map(|what| stage.name(what));
    for user in &users {
        stage.make_user(user).await;
        stage
            .attach_others(user, if user.starts_with("full") { 10 } else { 1 })
            .await;
        let key = TargetKey {
            account: account.clone(),
            kind: TargetKind::IamUser,
            id: user.clone(),
        };
        assert!(
            stage
                .access()
                .apply(&key, &denied())
                .await
                .unwrap()
                .verified
        );
    }
    let role = stage.name("role");
    stage.make_role(&role).await;
    let key = TargetKey {
        account,
        kind: TargetKind::Role,
        id: role.clone(),
    };
    stage.access().apply(&key, &denied()).await.unwrap();
    let others = stage.others(&users[2]).await;

    let ours = stage.access().find_ours().await.unwrap().targets;
    let released = release(&*stage.access(), ours).await;
    assert_eq!(released.len(), 4);
    assert!(
        released
            .iter()
            .all(|one| one.released && one.error.is_none()),
        "{released:?}"
    );
    for user in &users {
        assert_eq!(stage.ours_of_user(user).await, Vec::<String>::new());
    }
    assert_eq!(stage.ours_of_role(&role).await, Vec::<String>::new());
    assert_eq!(stage.others(&users[2]).await, others);
    assert_eq!(stage.access().find_ours().await.unwrap().targets, []);
    let again = stage
        .access()
        .apply(&key, &Desired::default())
        .await
        .unwrap();
    assert!(!again.wrote);
}
