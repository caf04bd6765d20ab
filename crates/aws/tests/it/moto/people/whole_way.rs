//! From a decision to a Deny of people and back: the engine over the real adapters.

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;
use weir_core::admin::{Command, Verb};
use weir_core::ids::UserId;
use weir_core::intake;
use weir_core::people::DirectoryPerson;
use weir_core::rulebook::{Mode, Settings};
use weir_engine::clock::FakeClock;
use weir_engine::{Engine, Input, Level, Options, Parts, ReadBack};
use weir_store::{RuleChange, Store};
use weir_testkit::fakes::memory_store;
use weir_testkit::records::call;
use weir_testkit::wire::lines;

use super::*;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

struct World {
    stage: MotoStage,
    clock: Arc<FakeClock>,
    store: Arc<dyn Store>,
    engine: Engine,
    other: Engine,
    role: String,
}

impl World {
    /// Maria, whose calls tell her id, and Nora, whose calls do not, have called once.
    async fn new() -> Self {
        let stage = Box::pin(stage_with(1)).await;
        stage.access().set_up().await.unwrap();
        let role = stage.make_sso_role("Developers").await;
        stage.refer(&role, 1).await;
        let clock = Arc::new(FakeClock::at("2026-11-20T11:00:00Z".parse().unwrap()));
        let store = memory_store().await;
        let engine = || {
            let mut settings = Settings::default();
            settings.enforcement.mode = Some(Mode::Iam);
            settings.enforcement.identity_center =
                IdentityCenter::PermissionSetPolicy(NAME.to_owned());
            Engine::new(Parts {
                store: Arc::clone(&store),
                settings: Arc::new(settings),
                clock: Arc::clone(&clock) as Arc<_>,
                access: Some(stage.access()),
                directory: Some(stage.directory()),
                post: None,
                options: Options {
                    read_back: ReadBack {
                        first: Duration::ZERO,
                        total: Duration::from_millis(2),
                    },
                    patience: Duration::ZERO,
                    ..Options::default()
                },
            })
        };
        let (engine, other) = (engine(), engine());
        let account = stage.account.clone();
        let by = |who: &str| {
            let call = call(&format!("r-{who}-{account}")).by_person(who);
            call.in_account(account.as_str())
        };
        let events = [
            by("maria@example.com")
                .with_directory_id("d-maria")
                .api_event(),
            by("Nora@Example.com").api_event(),
            // No session of AWS is called so, but a record may be forged.
            by("*").api_event(),
        ];
        let input = Input {
            source: "test".to_owned(),
            reader: Box::new(Cursor::new(lines(&events))),
            options: intake::Options::default(),
        };
        Box::pin(engine.ingest(vec![input], &|_| {})).await.unwrap();
        Self {
            stage,
            clock,
            store,
            engine,
            other,
            role,
        }
    }

    async fn command(&self, engine: &Engine, user: &str, verb: Verb) {
        let command = Command {
            user: UserId::new(user),
            actor: "test".to_owned(),
            claimed_by: None,
            reason: "because of a test".to_owned(),
            verb,
        };
        engine.administer(command, false).await.unwrap();
    }

    async fn block(&self, user: &str) {
        let until = Until::Indefinite;
        self.command(&self.engine, user, Verb::Block { until })
            .await;
    }

    async fn unblock(&self, user: &str) {
        let protect_until = None;
        self.command(&self.engine, user, Verb::Unblock { protect_until })
            .await;
    }

    async fn later(&self, step: SignedDuration) {
        self.clock.advance(step);
        let report = self.engine.tick().await.unwrap();
        assert_eq!(report.errors, Vec::<String>::new());
    }

    async fn enforcement(&self, user: &str) -> String {
        let status = self.engine.status(&UserId::new(user)).await.unwrap();
        status.enforcement.to_string()
    }

    async fn denied(&self) -> Vec<Reach> {
        self.stage.denied_by(1).await.into_iter().collect()
    }

    /// How many versions were written.
    async fn versions(&self) -> usize {
        let calls = self.stage.calls(&self.stage.policy(1)).await;
        let written = |call: &&String| *call == "CreatePolicyVersion";
        calls.iter().filter(written).count()
    }
}

fn maria() -> Reach {
    Reach::Person("d-maria".to_owned())
}

#[tokio::test]
async fn people_are_denied_together_and_each_by_what_is_known() {
    let world = World::new().await;
    world.block("maria@example.com").await;
    world.block("nora@example.com").await;
    let by_name = Reach::Session("*:Nora@Example.com".to_owned());
    assert_eq!(world.denied().await, [by_name.clone(), maria()]);
    let text = world.stage.managed_text(&world.stage.policy(1)).await;
    let by_aws = r#""StringLike":{"aws:userid":"*:Nora@Example.com"}"#;
    assert!(text.contains(by_aws), "IAM regards case: {text}");
    for user in ["maria@example.com", "nora@example.com"] {
        assert_eq!(world.enforcement(user).await, "verified");
    }

    // The directory tells Nora's id: the next tick denies her by it, and by nothing else.
    let nora = DirectoryPerson {
        id: "d-nora".to_owned(),
        user_name: "Nora".to_owned(),
        email: Some("nora@example.com".to_owned()),
        ..DirectoryPerson::default()
    };
    let change = RuleChange::SetDirectoryPerson(nora);
    world
        .store
        .change_rules(vec![change], Vec::new())
        .await
        .unwrap();
    world.later(SignedDuration::from_mins(1)).await;
    let by_id = Reach::Person("d-nora".to_owned());
    assert_eq!(world.denied().await, [maria(), by_id.clone()]);

    world.unblock("maria@example.com").await;
    assert_eq!(world.denied().await, [by_id]);
    assert_eq!(world.enforcement("maria@example.com").await, "none");
    assert_eq!(world.enforcement("nora@example.com").await, "verified");
    world.unblock("nora@example.com").await;
    assert_eq!(world.denied().await, []);
    let text = world.stage.managed_text(&world.stage.policy(1)).await;
    assert!(policy_doc::same(&text, &policy_doc::managed()), "{text}");
}

#[tokio::test]
async fn a_name_that_would_stand_for_everybody_denies_nobody_else() {
    let world = World::new().await;
    world.block("*").await;
    assert_eq!(world.enforcement("*").await, "verified");
    assert_eq!(world.denied().await, [Reach::Session("*:*".to_owned())]);
    let text = world.stage.managed_text(&world.stage.policy(1)).await;
    let itself = r#""StringLike":{"aws:userid":"*:${*}"}"#;
    assert!(text.contains(itself), "{text}");
}

#[tokio::test]
async fn drift_of_people_is_repaired_both_ways() {
    let world = World::new().await;
    world.block("maria@example.com").await;
    world.stage.overwrite(&people_denied([])).await;
    world.later(HOUR).await;
    assert_eq!(world.denied().await, [maria()]);
    world.unblock("maria@example.com").await;
    world.later(HOUR).await;
    world.stage.overwrite(&people_denied([7])).await;
    world.later(HOUR).await;
    assert_eq!(world.denied().await, []);
}

#[tokio::test]
async fn trouble_is_outlasted_and_told() {
    let world = World::new().await;
    let arn = world.stage.policy(1);
    let fault =
        |error: &str| json!([{ "action": "CreatePolicyVersion", "user": arn, "error": error }]);
    world.stage.faults(fault("Throttling")).await;
    world.block("maria@example.com").await;
    assert_eq!(world.enforcement("maria@example.com").await, "requested");
    world.later(SignedDuration::from_secs(10)).await;
    assert_eq!(world.enforcement("maria@example.com").await, "verified");
    world.unblock("maria@example.com").await;
    world.stage.faults(fault("AccessDenied")).await;
    world.block("maria@example.com").await;
    assert_eq!(world.enforcement("maria@example.com").await, "failed");
    world.later(HOUR).await;
    assert_eq!(world.enforcement("maria@example.com").await, "verified");
}

#[tokio::test]
async fn two_executors_at_once_write_the_shared_policy_once() {
    let world = World::new().await;
    let arn = world.stage.policy(1);
    let fault = json!([{ "action": "CreatePolicyVersion", "user": arn, "error": "Throttling" }]);
    world.stage.faults(fault).await;
    world.block("maria@example.com").await;
    assert_eq!(world.versions().await, 1);
    world.clock.advance(SignedDuration::from_secs(10));
    let (one, two) = tokio::join!(world.engine.tick(), world.other.tick());
    assert_eq!(
        one.unwrap().dispatch.verified + two.unwrap().dispatch.verified,
        1
    );
    assert_eq!(world.versions().await, 2);
    assert_eq!(world.denied().await, [maria()]);
}

#[tokio::test]
async fn nobody_is_said_to_be_denied_where_no_permission_set_refers() {
    let world = World::new().await;
    let detach = world.stage.client.detach_role_policy();
    let detach = detach.role_name(&world.role);
    let detach = detach.policy_arn(world.stage.policy(1));
    detach.send().await.unwrap();
    world.block("maria@example.com").await;
    assert_eq!(world.enforcement("maria@example.com").await, "cannot");
    let checks = world.engine.doctor().await;
    let check = checks.iter().find(|check| check.name == "Identity Center");
    let check = check.unwrap();
    assert_eq!(check.level, Level::Warn);
    assert!(check.found.contains(&world.role), "{}", check.found);

    world.stage.refer(&world.role, 1).await;
    world.later(HOUR).await;
    assert_eq!(world.enforcement("maria@example.com").await, "verified");
    assert_eq!(world.denied().await, [maria()]);
}
