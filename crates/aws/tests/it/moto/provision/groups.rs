//! Teams' groups.

use serde_json::json;
use weir_core::provision::{Grant, Route, TEAM_POLICY};
use weir_engine::provision::{Outcome, Wish};
use weir_engine::{EngineError, ports::EffectErrorKind};
use weir_testkit::fakes::contract::Stage;

use super::{OPUS, World, all_exist, lines};

fn opus() -> Grant {
    let mut grant = Grant::default();
    grant.add_profile(OPUS, None).unwrap();
    grant
}

#[tokio::test]
async fn a_group_is_made_once_read_back_and_finished_where_it_was_half_made() {
    let world = World::new().await;
    let team = world.stage.name("sap");
    let operator = world.operator().await;
    let plan = operator
        .plan_group(&team, Some(opus()), false)
        .await
        .unwrap();
    let done = world.done(&plan).await;
    assert!(done.lines.iter().all(|line| line.outcome == Outcome::Done));
    assert_eq!(
        world.recorded().await,
        ["iam-group-create", "iam-group-policy-set"]
    );
    let found = operator.group(&team).await.unwrap().unwrap();
    assert!(found.arn.contains(":group/weir/team_"), "{found:?}");
    assert_eq!(found.grant(), Some(opus()));

    let again = operator
        .plan_group(&team, Some(opus()), false)
        .await
        .unwrap();
    assert!(again.is_done(), "{again:?}");
    assert!(all_exist(&world.done(&again).await));
    // The same plan, as if two operators had made it at once.
    let twice = world.done(&plan).await;
    assert_eq!(twice.lines[0].outcome, Outcome::Exists);

    let client = &world.stage.client;
    let gone = client.delete_group_policy().group_name(&found.name);
    gone.policy_name(TEAM_POLICY).send().await.unwrap();
    let rest = operator
        .plan_group(&team, Some(opus()), false)
        .await
        .unwrap();
    assert_eq!(rest.steps.len(), 1);
    world.done(&rest).await;
}

#[tokio::test]
async fn without_a_right_it_stops_and_the_next_run_goes_on() {
    let world = World::new().await;
    let team = world.stage.name("sap");
    let group = format!("team_{team}_group");
    let denied = json!([{ "action": "PutGroupPolicy", "user": group, "error": "AccessDenied" }]);
    world.stage.faults(denied).await;
    let operator = world.operator().await;
    let plan = operator
        .plan_group(&team, Some(opus()), false)
        .await
        .unwrap();
    let stopped = world.carry_out(&plan).await;
    let outcomes: Vec<_> = stopped.lines.iter().map(|line| line.outcome).collect();
    assert_eq!(outcomes, [Outcome::Done, Outcome::Failed]);
    assert!(matches!(
        stopped.stopped,
        Some(EngineError::Effect(ref error)) if error.kind == EffectErrorKind::Denied
    ));
    let plan = operator
        .plan_group(&team, Some(opus()), false)
        .await
        .unwrap();
    assert_eq!(
        lines(&world.done(&plan).await)[0],
        format!(
            "exists the group {group} (arn:aws:iam::{}:group/weir/{group})",
            world.stage.account
        )
    );
}

#[tokio::test]
async fn throttling_is_waited_out() {
    let world = World::new().await;
    let team = world.stage.name("sap");
    let group = format!("team_{team}_group");
    world
        .stage
        .faults(json!([
            { "action": "GetGroup", "user": group, "error": "Throttling" },
            { "action": "CreateGroup", "user": group, "error": "InternalFailure", "apply": true },
            { "action": "PutGroupPolicy", "user": group, "error": "Throttling" },
        ]))
        .await;
    let operator = world.operator().await;
    let plan = operator
        .plan_group(&team, Some(opus()), false)
        .await
        .unwrap();
    let done = world.done(&plan).await;
    // What happened although the answer was an error is found to be there.
    assert_eq!(done.lines[0].outcome, Outcome::Exists);
    assert_eq!(done.lines[1].outcome, Outcome::Done);
}

#[tokio::test]
async fn what_a_group_grants_is_changed_by_setup_only() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let operator = world.operator().await;
    let mut wider = opus();
    wider.add_model("amazon.nova-lite-v1:0").unwrap();
    wider.open.insert(Route::Batch);
    let kept = operator
        .plan_group(&team, Some(wider.clone()), false)
        .await
        .unwrap();
    assert!(
        kept.is_done() && kept.notes[0].contains("weir group setup"),
        "{kept:?}"
    );
    let changed = operator
        .plan_group(&team, Some(wider.clone()), true)
        .await
        .unwrap();
    world.done(&changed).await;
    let found = operator.group(&team).await.unwrap().unwrap();
    assert_eq!(found.grant(), Some(wider));
    // Without names, what was granted is written as this release writes it.
    assert!(
        operator
            .plan_group(&team, None, true)
            .await
            .unwrap()
            .is_done()
    );

    let client = &world.stage.client;
    let theirs = client
        .put_group_policy()
        .group_name(&found.name)
        .policy_name(TEAM_POLICY);
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*"}]}"#;
    theirs.policy_document(text).send().await.unwrap();
    let refused = operator.plan_group(&team, None, true).await.unwrap_err();
    assert!(
        refused.to_string().contains("was not written by Weir"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_group_goes_with_its_members_places_and_policies() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    let operator = world.operator().await;
    let plan = operator.plan_group_deletion(&team).await.unwrap();
    assert!(plan.notes[0].contains("1 members"), "{plan:?}");
    world.done(&plan).await;
    assert_eq!(operator.group(&team).await.unwrap(), None);
    assert!(
        operator
            .user(&ana)
            .await
            .unwrap()
            .found
            .unwrap()
            .groups
            .is_empty()
    );
    let again = operator.plan_group_deletion(&team).await.unwrap();
    assert!(again.is_done() && again.notes[0].contains("there is no group"));
}

#[tokio::test]
async fn an_application_profile_brings_the_model_behind_it() {
    let world = World::new().await;
    let account = &world.stage.account;
    let arn =
        format!("arn:aws:bedrock:eu-west-1:{account}:application-inference-profile/{account}");
    let wish = Wish {
        profiles: vec![arn.clone()],
        ..Wish::default()
    };
    let operator = world.operator().await;
    let directory = world.stage.directory();
    operator.grant(&wish, &*directory).await.unwrap_err();
    super::super::stage::control(
        "POST",
        "/weir-test/inference-profiles",
        &json!({
            "inferenceProfileArn": arn,
            "models": [{ "modelArn": "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-haiku-4-5" }],
            "tags": [],
        }),
    )
    .await;
    let grant = operator.grant(&wish, &*directory).await.unwrap();
    assert_eq!(grant.profiles[&arn].as_str(), "anthropic.claude-haiku-4-5");
    let only_async = Wish {
        models: vec!["amazon.nova-reel-v1:1".to_owned()],
        ..Wish::default()
    };
    let refused = operator.grant(&only_async, &*directory).await.unwrap_err();
    assert!(refused.to_string().contains("--open async"), "{refused}");
}
