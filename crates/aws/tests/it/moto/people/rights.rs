//! What `weir aws-policy --feature identity-center` allows is what denying these people needs.

use aws_sdk_identitystore::Client;
use aws_sdk_identitystore::types::{MemberId, Name};
use weir_engine::ports::Feature;

use super::scp::Organisation;
use super::*;
use crate::moto::rights::holds;

#[tokio::test]
async fn whoever_denies_people_may_do_what_it_does_and_no_more() {
    let sets = stage_with(1).await;
    sets.access().set_up().await.unwrap();
    let role = sets.make_sso_role("Developers").await;
    sets.refer(&role, 1).await;
    // One version after another: the oldest has to go.
    for number in 1..=6 {
        let denied = people_denied([number]);
        sets.access().apply(&target(&sets), &denied).await.unwrap();
    }
    sets.access().unguarded().await.unwrap();
    someone_in_a_group(&sets).await;
    assert_eq!(sets.connection.people().people().await.unwrap().len(), 1);

    let organisation = Organisation::of_ours().await;
    organisation.apply(&people_denied([1])).await;
    let scp = &organisation.stage;
    scp.access().unguarded().await.unwrap();

    let mut used = sets.recorder.used();
    used.extend(scp.recorder.used());
    holds(Feature::IdentityCenter, &used);
}

async fn someone_in_a_group(stage: &MotoStage) {
    let instances = aws_sdk_ssoadmin::Client::new(&stage.config).list_instances();
    let instances = instances.send().await.unwrap();
    let store = instances.instances()[0].identity_store_id().unwrap();
    let client = Client::new(&stage.config);
    let name = Name::builder().given_name("Ana").family_name("López");
    let user = client
        .create_user()
        .identity_store_id(store)
        .user_name("ana");
    let user = user
        .name(name.build())
        .display_name("Ana")
        .send()
        .await
        .unwrap()
        .user_id;
    let group = client.create_group().identity_store_id(store);
    let group = group.display_name("team_sap_group").send().await.unwrap();
    let member = client.create_group_membership().identity_store_id(store);
    let member = member.group_id(group.group_id);
    let member = member.member_id(MemberId::UserId(user));
    member.send().await.unwrap();
}
