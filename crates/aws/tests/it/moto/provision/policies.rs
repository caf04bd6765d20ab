//! Customer managed policies.

use weir_core::provision::{Holder, KeyKind};
use weir_engine::provision::{Outcome, Wish};
use weir_testkit::fakes::contract::Stage;

use super::{OPUS, World, all_exist};

fn text(action: u32) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"bedrock:List{action}","Resource":"*"}}]}}"#
    )
}

#[tokio::test]
async fn a_policy_is_made_once_and_keeps_five_versions() {
    let world = World::new().await;
    let operator = world.operator().await;
    for round in 1..=7 {
        let plan = operator.plan_policy("reader", &text(round)).await.unwrap();
        world.done(&plan).await;
        assert!(
            operator
                .plan_policy("reader", &text(round))
                .await
                .unwrap()
                .is_done()
        );
    }
    let found = operator.policy("reader").await.unwrap();
    assert!(found.arn.ends_with(":policy/weir/access/reader"));
    assert!(found.text.contains("List7"));
    let versions: Vec<_> = found.versions.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(versions.len(), 5, "{versions:?}");
    assert!(versions.contains(&"v7") && !versions.contains(&"v2"));
    assert_eq!(operator.policies(false).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_no_policy_never_reaches_aws() {
    let world = World::new().await;
    let operator = world.operator().await;
    for (name, text, words) in [
        ("reader", "{", "not JSON"),
        ("reader", "{}", "Version"),
        ("a reader", &*text(1), "holds ' '"),
        (
            "reader",
            &format!("{}{}", text(1).trim_end_matches('}'), " ".repeat(9)),
            "not JSON",
        ),
    ] {
        let refused = operator
            .plan_policy(name, text)
            .await
            .unwrap_err()
            .to_string();
        assert!(refused.contains(words), "{refused}");
    }
}

#[tokio::test]
async fn a_policy_is_attached_detached_and_deleted_with_whoever_holds_it() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    let role = world.stage.name("role");
    world.stage.make_role(&role).await;
    let operator = world.operator().await;
    let wish = Wish {
        profiles: vec![OPUS.to_owned()],
        ..Wish::default()
    };
    let grant = operator
        .grant(&wish, &*world.stage.directory())
        .await
        .unwrap();
    let tools = ["claude-code".to_owned()];
    let text = operator.policy_text(&grant, &tools).await.unwrap();
    assert!(text.contains("*claude-cli*"), "{text}");
    operator
        .policy_text(&grant, &["nonsense".to_owned()])
        .await
        .unwrap_err();
    let plan = operator.plan_policy("opus", &text).await.unwrap();
    world.done(&plan).await;
    let holders = [
        Holder::User(ana.clone()),
        Holder::Group(team),
        Holder::Role(role),
    ];
    for holder in &holders {
        let plan = operator
            .plan_attachment("opus", holder.clone(), true)
            .await
            .unwrap();
        world.done(&plan).await;
        let again = operator
            .plan_attachment("opus", holder.clone(), true)
            .await
            .unwrap();
        assert!(all_exist(&world.done(&again).await));
    }
    let found = operator.policy("opus").await.unwrap();
    assert_eq!(
        [found.users.len(), found.groups.len(), found.roles.len()],
        [1, 1, 1]
    );
    let plan = operator
        .plan_attachment("opus", holders[0].clone(), false)
        .await
        .unwrap();
    world.done(&plan).await;
    let plan = operator.plan_policy_deletion("opus").await.unwrap();
    let done = world.done(&plan).await;
    assert_eq!(done.lines.len(), 3);
    assert!(done.lines.iter().all(|line| line.outcome == Outcome::Done));
    operator.policy("opus").await.unwrap_err();
    assert!(
        operator
            .plan_policy_deletion("opus")
            .await
            .unwrap()
            .is_done()
    );
}

#[tokio::test]
async fn what_denies_is_not_for_an_operator_to_delete() {
    let world = World::new().await;
    world.stage.access().set_up().await.unwrap();
    let operator = world.operator().await;
    let refused = operator
        .plan_policy_deletion(&world.stage.managed_arn())
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("release-all"), "{refused}");
}

#[tokio::test]
async fn the_iam_users_of_tools_hold_what_their_user_holds() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    for tool in ["cline", "kiro"] {
        world.key(&ana, tool, KeyKind::Bedrock).await;
    }
    let operator = world.operator().await;
    let plan = operator.plan_policy("extra", &text(1)).await.unwrap();
    world.done(&plan).await;
    let both = [ana.clone(), format!("{ana}--kiro")];
    for (attached, holders) in [(true, &both[..]), (false, &[])] {
        let holder = || Holder::User(ana.clone());
        let plan = operator.plan_attachment("extra", holder(), attached).await;
        world.done(&plan.unwrap()).await;
        assert_eq!(operator.policy("extra").await.unwrap().users, holders);
        let again = operator.plan_attachment("extra", holder(), attached).await;
        assert!(again.unwrap().is_done());
    }
}
