//! Keys and their tools.

use serde_json::json;
use weir_core::calendar::WindowKind;
use weir_core::ids::{KeyId, ToolId, UserId};
use weir_core::provision::{KeyKind, KeyStatus};
use weir_core::quota::{Action, Limit, Metric, Quota, Scope};
use weir_core::rulebook::KeyState;
use weir_engine::Input;
use weir_engine::provision::{Carried, Shown, Wanted};
use weir_store::RuleChange;
use weir_testkit::records::call;
use weir_testkit::wire::lines as lines_of;

use super::{World, lines, olga};

impl World {
    /// Makes a key that must be made; returns its id and holder.
    pub(super) async fn key(&self, user: &str, tool: &str, kind: KeyKind) -> (KeyId, String) {
        let operator = self.operator().await;
        let plan = operator.plan_key(user, tool, kind, None).await.unwrap();
        made(&self.done(&plan).await)
    }
}

pub(super) fn made(done: &Carried) -> (KeyId, String) {
    let [Shown::Key { id, holder, .. }] = &done.secrets[..] else {
        panic!("{done:?}");
    };
    (id.clone(), holder.clone())
}

#[tokio::test]
async fn tools_are_told_apart_by_the_iam_user_that_holds_the_key() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    let (cline, on) = world.key(&ana, "Cline", KeyKind::Bedrock).await;
    assert_eq!(on, ana);
    let (_, on) = world.key(&ana, "cline", KeyKind::Bedrock).await;
    assert_eq!(on, ana, "the same tool stays where it is");
    let (kiro, apart) = world.key(&ana, "kiro", KeyKind::Bedrock).await;
    assert_eq!(apart, format!("{ana}--kiro"));
    let (_, on) = world.key(&ana, "boto3", KeyKind::AccessKey).await;
    assert_eq!(on, ana, "an access key names itself");

    let rules = world.engine.reload_rules().await.unwrap();
    let user = UserId::new(&ana);
    let made_at = rules.keys[&kiro].created_at.unwrap();
    let tool = |holder: &str| {
        rules
            .bearer_tool(&user, Some(holder), made_at)
            .map(ToString::to_string)
    };
    assert_eq!(tool(&ana).as_deref(), Some("cline"));
    assert_eq!(tool(&apart).as_deref(), Some("kiro"));
    let owner = &rules.keys[&kiro];
    assert_eq!(owner.iam_user.as_deref(), Some(&*apart));
    assert!(owner.bedrock && owner.made_by_weir && owner.created_at.is_some());
    let linked = rules
        .links
        .iter()
        .find(|(principal, _)| principal.name == apart);
    assert_eq!(linked.unwrap().1, &user);

    let info = world.operator().await.user(&ana).await.unwrap();
    let other = &info.others[0];
    assert_eq!(other.groups, info.found.as_ref().unwrap().groups);
    assert_eq!(other.tag("WeirUser"), Some(&*ana));
    let shown: Vec<_> = info.keys.iter().map(|line| &line.found.id).collect();
    assert!(shown.contains(&&cline) && shown.contains(&&kiro));
}

#[tokio::test]
async fn at_the_limit_of_aws_the_keys_are_listed_and_none_is_deleted() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    for kind in [KeyKind::Bedrock, KeyKind::AccessKey] {
        let (first, _) = world.key(&ana, "cline", kind).await;
        let (second, _) = world.key(&ana, "cline", kind).await;
        let operator = world.operator().await;
        let refused = operator
            .plan_key(&ana, "cline", kind, None)
            .await
            .unwrap_err()
            .to_string();
        for key in [&first, &second] {
            assert!(
                refused.contains(&format!("{key} (cline, active)")),
                "{refused}"
            );
        }
        let refused = operator
            .plan_rotation(&ana, &first, None, false)
            .await
            .unwrap_err();
        assert!(refused.to_string().contains(second.as_str()), "{refused}");
    }
    assert_eq!(world.operator().await.keys(&ana).await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_key_ends_by_itself_where_aws_can_do_that() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    let operator = world.operator().await;
    let plan = operator
        .plan_key(&ana, "cline", KeyKind::Bedrock, Some(90))
        .await
        .unwrap();
    let (id, _) = made(&world.done(&plan).await);
    let found = operator.keys(&ana).await.unwrap().remove(0).found;
    let days = found
        .expires
        .unwrap()
        .duration_since(found.created.unwrap())
        .as_hours()
        / 24;
    assert_eq!((found.id.clone(), days), (id, 90));
    let rules = world.engine.reload_rules().await.unwrap();
    assert_eq!(rules.keys[&found.id].expires_at, found.expires);
    for (kind, days) in [
        (KeyKind::AccessKey, 90),
        (KeyKind::Bedrock, 0),
        (KeyKind::Bedrock, 40_000),
    ] {
        operator
            .plan_key(&ana, "cline", kind, Some(days))
            .await
            .unwrap_err();
    }
}

#[tokio::test]
async fn a_key_is_disabled_enabled_rotated_and_revoked() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    for kind in [KeyKind::Bedrock, KeyKind::AccessKey] {
        let (id, _) = world.key(&ana, "cline", kind).await;
        let operator = world.operator().await;
        for (active, status, state) in [
            (false, KeyStatus::Inactive, KeyState::Inactive),
            (true, KeyStatus::Active, KeyState::Active),
        ] {
            let plan = operator.plan_key_state(&ana, &id, active).await.unwrap();
            assert_eq!(plan.steps.len(), 2, "{plan:?}");
            world.done(&plan).await;
            let keys = operator.keys(&ana).await.unwrap();
            let found = keys.iter().find(|line| line.found.id == id).unwrap();
            assert_eq!(found.found.status, status);
            let rules = world.engine.reload_rules().await.unwrap();
            assert_eq!(rules.keys[&id].state, state);
            assert!(
                operator
                    .plan_key_state(&ana, &id, active)
                    .await
                    .unwrap()
                    .is_done()
            );
        }
        let plan = operator.plan_rotation(&ana, &id, None, true).await.unwrap();
        let (newer, _) = made(&world.done(&plan).await);
        let rules = world.engine.reload_rules().await.unwrap();
        assert_eq!(
            rules.keys[&id].state,
            KeyState::Revoked,
            "for calls of the past"
        );
        assert_eq!(rules.keys[&newer].tool.as_str(), "cline");
        let keys = operator.keys(&ana).await.unwrap();
        assert!(keys.iter().all(|line| line.found.id != id));
        let plan = operator.plan_revocation(&ana, &newer).await.unwrap();
        world.done(&plan).await;
        let gone = operator
            .plan_revocation(&ana, &newer)
            .await
            .unwrap_err()
            .to_string();
        assert!(gone.contains("there are: none"), "{gone}");
    }
}

#[tokio::test]
async fn a_key_is_never_made_twice_for_one_answer_that_was_lost() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    let action = "CreateServiceSpecificCredential";
    let lost =
        json!([{ "action": action, "user": ana, "error": "InternalFailure", "apply": true }]);
    world.stage.faults(lost).await;
    let operator = world.operator().await;
    let plan = operator
        .plan_key(&ana, "cline", KeyKind::Bedrock, None)
        .await
        .unwrap();
    let stopped = world.carry_out(&plan).await;
    assert!(stopped.stopped.is_some() && stopped.secrets.is_empty());
    let keys = operator.keys(&ana).await.unwrap();
    assert_eq!(
        keys.len(),
        1,
        "whoever looks sees it: {:?}",
        lines(&stopped)
    );
    assert_eq!(keys[0].tool, None);
}

/// Blocks a tool of a user, who calls once with a key of it.
pub(super) async fn block_tool(world: &World, caller: &str, key: &KeyId) {
    let quota = Quota {
        scope: Scope::Tool(ToolId::new("cline")),
        metric: Metric::Requests,
        window: WindowKind::Day,
        limit: Limit::Of(1),
        action: Action::Block,
        warn: Vec::new(),
        author: "olga".to_owned(),
        additions: Vec::new(),
    };
    let change = vec![RuleChange::SetQuota(quota)];
    let engine = &world.engine;
    engine
        .change_quotas(change, "a test", &olga())
        .await
        .unwrap();
    let account = world.stage.account.as_str();
    let event = call(&format!("r-{account}")).by(caller).in_account(account);
    let event = event.key(key.as_str()).api_event();
    let input = Input {
        source: "test".to_owned(),
        reader: Box::new(std::io::Cursor::new(lines_of(&[event]))),
        options: weir_core::intake::Options::default(),
    };
    engine.ingest(vec![input], &|_| {}).await.unwrap();
}

#[tokio::test]
async fn the_block_of_a_tool_is_not_got_around_with_another_key() {
    let world = World::enforcing().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    let (key, _) = world.key(&ana, "cline", KeyKind::AccessKey).await;
    block_tool(&world, &ana, &key).await;
    let operator = world.operator().await;
    let keys = operator.keys(&ana).await.unwrap();
    assert_eq!(keys[0].found.status, KeyStatus::Inactive);
    for refused in [
        operator.plan_key_state(&ana, &key, true).await,
        operator.plan_rotation(&ana, &key, None, true).await,
        operator
            .plan_key(&ana, "cline", KeyKind::Bedrock, None)
            .await,
    ] {
        let why = refused.unwrap_err().to_string();
        assert!(why.contains("cline is blocked"), "{why}");
    }
    let other = operator
        .plan_key(&ana, "kiro", KeyKind::Bedrock, None)
        .await;
    assert!(!other.unwrap().is_done());
}

#[tokio::test]
async fn the_first_key_of_a_blocked_tool_is_deactivated_before_anybody_has_it() {
    let world = World::enforcing().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    let (user, cline) = (UserId::new(&ana), ToolId::new("cline"));
    // Blocked with a key that is gone then: the block has nothing to deactivate.
    let (key, _) = world.key(&ana, "cline", KeyKind::AccessKey).await;
    block_tool(&world, &ana, &key).await;
    let operator = world.operator().await;
    let plan = operator.plan_revocation(&ana, &key).await.unwrap();
    world.done(&plan).await;

    let wanted = Wanted {
        user: world.person("ana", &team),
        tools: vec!["cline".to_owned()],
        ..Wanted::default()
    };
    let plan = operator.plan_everything(&wanted).await.unwrap();
    let said = format!("cline is blocked for {user}: its key is deactivated");
    let notes = &plan.notes;
    assert!(notes.iter().any(|note| note.contains(&said)), "{plan:?}");

    // If it cannot be deactivated, there is none.
    let fault = json!([{
        "action": "UpdateServiceSpecificCredential", "user": ana, "error": "AccessDenied", "times": 1,
    }]);
    world.stage.faults(fault).await;
    let stopped = world.carry_out(&plan).await;
    let why = stopped.stopped.unwrap().to_string();
    assert!(why.contains("could not be deactivated"), "{why}");
    assert!(stopped.secrets.is_empty());
    assert_eq!(operator.keys(&ana).await.unwrap(), []);

    let plan = operator.plan_everything(&wanted).await.unwrap();
    let statuses = std::cell::Cell::new(0);
    let done = operator.carry_out(&plan, |_| statuses.set(statuses.get() + 1));
    let done = done.await;
    assert!(done.stopped.is_none(), "{done:?}");
    assert_eq!(statuses.get(), 1, "the secret is handed over");
    let keys = operator.keys(&ana).await.unwrap();
    let [line] = &keys[..] else {
        panic!("{keys:?}");
    };
    assert_eq!(line.tool, Some(cline.clone()));
    assert_eq!(line.found.status, KeyStatus::Inactive);
    let again = operator
        .plan_key(&ana, "cline", KeyKind::Bedrock, None)
        .await;
    assert!(again.unwrap_err().to_string().contains("cline is blocked"));

    let change = RuleChange::UnsetQuota(Scope::Tool(cline), Metric::Requests, WindowKind::Day);
    let engine = &world.engine;
    engine
        .change_quotas(vec![change], "a test", &olga())
        .await
        .unwrap();
    let keys = operator.keys(&ana).await.unwrap();
    assert_eq!(keys[0].found.status, KeyStatus::Active, "given back");
}

#[tokio::test]
async fn a_key_that_a_block_has_deactivated_counts_as_there_and_is_no_difference() {
    let world = World::enforcing().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    let (key, _) = world.key(&ana, "cline", KeyKind::Bedrock).await;
    let (access, _) = world.key(&ana, "cline", KeyKind::AccessKey).await;
    block_tool(&world, &ana, &access).await;
    let operator = world.operator().await;
    let keys = operator.keys(&ana).await.unwrap();
    assert!(
        keys.iter()
            .all(|line| line.found.status == KeyStatus::Inactive)
    );

    let synced = operator.compare_with_iam().await.unwrap();
    assert_eq!(synced.differences, []);
    assert!(synced.plan.is_done(), "{:?}", synced.plan);
    let wanted = Wanted {
        user: world.person("ana", &team),
        tools: vec!["cline".to_owned()],
        ..Wanted::default()
    };
    let again = operator.plan_everything(&wanted).await.unwrap();
    assert!(again.is_done(), "{again:?}");
    let said = format!("cline is blocked for {ana}");
    assert!(
        again.notes.iter().any(|note| note.contains(&said)),
        "{again:?}"
    );

    // One that somebody has disabled gets no second one either.
    let engine = &world.engine;
    let change = RuleChange::UnsetQuota(
        Scope::Tool(ToolId::new("cline")),
        Metric::Requests,
        WindowKind::Day,
    );
    engine
        .change_quotas(vec![change], "a test", &olga())
        .await
        .unwrap();
    let synced = operator.compare_with_iam().await.unwrap();
    assert_eq!(synced.differences, []);
    let plan = operator.plan_key_state(&ana, &key, false).await.unwrap();
    world.done(&plan).await;
    let again = operator.plan_everything(&wanted).await.unwrap();
    assert!(again.is_done(), "{again:?}");
}

#[tokio::test]
async fn the_secret_of_a_key_is_taken_by_either_of_its_names() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    let operator = world.operator().await;
    let plan = operator
        .plan_key(&ana, "cline", KeyKind::Bedrock, None)
        .await
        .unwrap();
    let renamed = |to: &str| {
        let action = "CreateServiceSpecificCredential";
        json!([{ "action": action, "user": ana, "replace": { "ServiceCredentialSecret": to } }])
    };
    world.stage.faults(renamed("ServiceApiKeyValue")).await;
    let done = world.done(&plan).await;
    let [Shown::Key { secret, .. }] = &done.secrets[..] else {
        panic!("{done:?}");
    };
    assert!(secret.reveal().starts_with("ABSK"));

    world.stage.faults(renamed("SomethingElse")).await;
    let stopped = world.carry_out(&plan).await;
    let why = stopped.stopped.unwrap().to_string();
    assert!(why.contains("it was deleted again"), "{why}");
    let keys = operator.keys(&ana).await.unwrap();
    assert_eq!(keys.len(), 1, "the one whose secret was shown: {keys:?}");
}
