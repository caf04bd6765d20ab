//! Everything in one go, and what IAM says beside what Weir knows.

use regex_lite::Regex;
use serde_json::json;
use weir_core::calendar::WindowKind;
use weir_core::ids::{KeyId, TeamId, ToolId, UserId};
use weir_core::provision::{Grant, Said, Step};
use weir_core::quota::{Action, DEFAULT_WARN, Limit, Metric, Quota, Scope};
use weir_core::rulebook::{KeyState, Person, UserClass};
use weir_engine::provision::{Outcome, Shown, Wanted};
use weir_testkit::fakes::contract::Stage;
use weir_testkit::fakes::memory_store;

use super::super::stage::control;
use super::{OPUS, World, all_exist, olga};

fn wanted(world: &World) -> Wanted {
    let mut grant = Grant::default();
    grant.add_profile(OPUS, None).unwrap();
    Wanted {
        user: world.person("ana", &world.stage.name("sap")),
        tools: ["claude-code", "cline", "kiro"].map(str::to_owned).to_vec(),
        days: Some(90),
        quotas: vec![Quota {
            scope: Scope::Defaults,
            metric: Metric::Requests,
            window: WindowKind::Day,
            limit: Limit::Of(350),
            action: Action::Block,
            warn: DEFAULT_WARN.to_vec(),
            author: "olga".to_owned(),
            additions: Vec::new(),
        }],
        grant,
    }
}

#[tokio::test]
async fn somebody_gets_all_in_one_go_and_nothing_twice() {
    let world = World::new().await;
    let wanted = wanted(&world);
    let operator = world.operator().await;
    let plan = operator.plan_everything(&wanted).await.unwrap();
    let done = world.done(&plan).await;
    let holders: Vec<_> = done
        .secrets
        .iter()
        .map(|shown| match shown {
            Shown::Key { tool, holder, .. } => (tool.as_str(), holder.as_str()),
            Shown::Login { .. } => panic!("{shown:?}"),
        })
        .collect();
    let ana = &*wanted.user.name;
    let (cline, kiro) = (format!("{ana}--cline"), format!("{ana}--kiro"));
    assert_eq!(
        holders,
        [("claude-code", ana), ("cline", &*cline), ("kiro", &*kiro)]
    );
    let found = operator.group(&wanted.user.team).await.unwrap().unwrap();
    assert_eq!(found.members.len(), 3);
    assert_eq!(found.grant(), Some(wanted.grant.clone()));
    let rules = world.engine.reload_rules().await.unwrap();
    let team = TeamId::new(&wanted.user.team);
    let user = UserId::new(ana);
    let mut quotas = rules.quotas.of_user(&user, &team);
    assert!(quotas.any(Quota::is_own));

    let again = operator.plan_everything(&wanted).await.unwrap();
    assert!(again.is_done(), "{again:?}");
    assert!(all_exist(&world.done(&again).await));
}

#[tokio::test]
async fn what_stopped_half_way_goes_on_where_it_was() {
    let world = World::new().await;
    let wanted = wanted(&world);
    let cline = format!("{}--cline", wanted.user.name);
    let action = "CreateServiceSpecificCredential";
    let fault = json!([{ "action": action, "user": cline, "error": "AccessDenied" }]);
    world.stage.faults(fault).await;
    let operator = world.operator().await;
    let plan = operator.plan_everything(&wanted).await.unwrap();
    let stopped = world.carry_out(&plan).await;
    assert!(stopped.stopped.is_some());
    assert_eq!(stopped.secrets.len(), 1);
    let mut lines = stopped.lines.iter();
    assert!(lines.any(|line| line.outcome == Outcome::Left));
    let rest = operator.plan_everything(&wanted).await.unwrap();
    let done = world.done(&rest).await;
    assert_eq!(done.secrets.len(), 2, "the first tool keeps its key");
    assert!(operator.plan_everything(&wanted).await.unwrap().is_done());
}

#[tokio::test]
async fn weir_learns_what_iam_says() {
    let world = World::new().await;
    let wanted = wanted(&world);
    let operator = world.operator().await;
    let plan = operator.plan_everything(&wanted).await.unwrap();
    world.done(&plan).await;
    assert!(operator.compare_with_iam().await.unwrap().plan.is_done());

    // Somebody else works on the account.
    let (stage, client) = (&world.stage, &world.stage.client);
    let (ana, bob) = (wanted.user.name.clone(), stage.name("bob"));
    stage.tag_user(&ana, &[("Team", "data")]).await;
    stage.make_user(&bob).await;
    let tags = [("Person", "Bob"), ("Email", "bob@example.com")];
    stage.tag_user(&bob, &tags).await;
    stage.join(&bob, "team_data_group").await;
    let unknown = stage.make_key(&bob).await;
    stage.make_user(&stage.name("ci")).await;
    let keys = operator.keys(&ana).await.unwrap();
    let first = keys.iter().find(|line| line.holder == ana).unwrap();
    let gone = first.found.id.clone();
    let delete = client.delete_service_specific_credential().user_name(&ana);
    let delete = delete.service_specific_credential_id(gone.as_str());
    delete.send().await.unwrap();

    let synced = operator.compare_with_iam().await.unwrap();
    let about = |user: &str| -> Vec<_> {
        let of = synced.differences.iter();
        of.filter(|one| one.user.as_str() == user)
            .map(|one| (one.field, one.weir.as_deref(), one.iam.as_deref()))
            .collect()
    };
    let (team, active) = (&*wanted.user.team, format!("{gone} active"));
    assert_eq!(
        about(&ana),
        [
            ("team", Some(team), Some("data")),
            ("key", Some(&*active), None)
        ]
    );
    assert_eq!(
        about(&bob),
        [
            ("team", None, Some("data")),
            ("person", None, Some("Bob")),
            ("email", None, Some("bob@example.com")),
            ("iam user", None, Some(&*bob)),
        ]
    );
    let mut notes = synced.plan.notes.iter();
    assert!(notes.any(|note| note.contains(unknown.as_str())));
    assert_eq!((synced.users, synced.others), (4, 1));
    world.done(&synced.plan).await;
    assert!(operator.compare_with_iam().await.unwrap().plan.is_done());
    assert_eq!(world.weirs(&bob).await.team.unwrap().as_str(), "data");
    let rules = world.engine.reload_rules().await.unwrap();
    assert_eq!(rules.keys[&gone].state, KeyState::Revoked);
}

#[tokio::test]
async fn a_lost_database_learns_tools_again_from_tags() {
    let world = World::new().await;
    let wanted = wanted(&world);
    let operator = world.operator().await;
    let plan = operator.plan_everything(&wanted).await.unwrap();
    world.done(&plan).await;
    let fresh = World {
        stage: world.stage,
        engine: World::new().await.engine,
    };
    let synced = fresh.operator().await.compare_with_iam().await.unwrap();
    fresh.done(&synced.plan).await;
    let rules = fresh.engine.reload_rules().await.unwrap();
    let ana = UserId::new(&wanted.user.name);
    assert_eq!(rules.links.len(), 2);
    assert!(rules.links.values().all(|user| *user == ana));
    let holder = format!("{ana}--kiro");
    let made_at = rules
        .keys
        .values()
        .filter_map(|owner| owner.created_at)
        .max();
    let kiro = rules.bearer_tool(&ana, Some(&holder), made_at.unwrap());
    assert_eq!(kiro, Some(&ToolId::new("kiro")));
    let known: Vec<&KeyId> = rules.keys.keys().collect();
    assert_eq!(
        known.len(),
        2,
        "the tool of the user's own key only its maker knew"
    );
}

#[tokio::test]
async fn a_thousand_users_come_in_pages() {
    let world = World::new().await;
    let names: Vec<_> = (0..1_000).map(|i| format!("person-{i:04}")).collect();
    let account = world.stage.account.as_str();
    let tags = json!([{ "Key": "Person", "Value": "Somebody" }]);
    let users = json!({ "account": account, "users": names, "tags": tags });
    control("POST", "/weir-test/users", &users).await;
    let found = world.stage.connection.provisioning.users().await.unwrap();
    assert_eq!(found.len(), 1_000);
    let mut people = found.iter().zip(&names);
    assert!(people.all(|(one, name)| one.name == *name && one.tag("person") == Some("Somebody")));
}

#[tokio::test]
async fn the_team_of_a_group_is_read_as_the_configuration_says() {
    let world = World::over(memory_store().await, |settings| {
        settings.attribution.team_group_pattern = Regex::new("^bedrock-(.+)$").unwrap();
    })
    .await;
    let stage = &world.stage;
    let bob = stage.name("bob");
    stage.make_user(&bob).await;
    stage.join(&bob, "bedrock-crm").await;
    let synced = world.operator().await.compare_with_iam().await.unwrap();
    world.done(&synced.plan).await;
    assert_eq!(world.weirs(&bob).await.team.unwrap().as_str(), "crm");
    let groups = world.operator().await.groups().await.unwrap();
    let groups = groups.iter();
    let groups: Vec<_> = groups
        .map(|(team, found)| (team.as_str(), &*found.name))
        .collect();
    assert_eq!(groups, [("crm", "bedrock-crm")], "listed, too");
    let found = world.operator().await.group("crm").await.unwrap();
    assert_eq!(found.unwrap().name, "bedrock-crm");
}

#[tokio::test]
async fn whoever_is_known_without_an_identity_is_introduced_once() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let new = world.person("ana", &team);
    let (stage, operator) = (&world.stage, world.operator().await);
    stage.make_user(&new.name).await;
    stage.tag_user(&new.name, &[("Person", "Ana López")]).await;
    let user = UserId::new(&new.name);
    let said = Person {
        person: Some("Ana López".to_owned()),
        class: Some(UserClass::Human),
        ..Person::default()
    };
    let engine = &world.engine;
    engine.set_person(&user, said, &olga()).await.unwrap();

    let synced = operator.compare_with_iam().await.unwrap();
    let introduce = Step::Weir(Said::Introduce {
        principal: world.principal(&new.name),
        user: user.clone(),
    });
    assert_eq!(synced.plan.steps, [introduce]);
    world.done(&synced.plan).await;
    assert!(operator.compare_with_iam().await.unwrap().plan.is_done());
    let row = engine.store().user(&user).await.unwrap().unwrap();
    let [(principal, ..)] = &row.principals[..] else {
        panic!("{row:?}");
    };
    assert_eq!(*principal, world.principal(&new.name));
}
