//! The whole way, from a decision to a Deny in IAM and back: the engine over the real adapters.

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;
use weir_core::access::{Desired, TargetKey, TargetKind};
use weir_core::admin::{Command, Verb};
use weir_core::block::Until;
use weir_core::ids::UserId;
use weir_core::intake;
use weir_core::policy_doc;
use weir_core::rulebook::{Mode, Settings};
use weir_engine::clock::FakeClock;
use weir_engine::{Engine, Input, Options, Parts, ReadBack};
use weir_testkit::fakes::contract::{Stage, denied, theirs};
use weir_testkit::fakes::memory_store;
use weir_testkit::records::call;
use weir_testkit::wire::lines;

use super::stage::{LATE, MotoStage};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

struct World {
    stage: MotoStage,
    clock: Arc<FakeClock>,
    engine: Engine,
    other: Engine,
    /// A developer who has called once.
    ana: String,
}

impl World {
    async fn new() -> Self {
        let stage = Box::pin(MotoStage::new()).await;
        stage.access().set_up().await.unwrap();
        let ana = stage.name("ana");
        stage.make_user(&ana).await;
        stage.make_login(&ana).await;
        stage.attach_others(&ana, 2).await;
        stage.put_other(&ana, "Theirs", &theirs(10)).await;
        let clock = Arc::new(FakeClock::at("2026-11-20T11:00:00Z".parse().unwrap()));
        let store = memory_store().await;
        let engine = || {
            let mut settings = Settings::default();
            settings.enforcement.mode = Some(Mode::Iam);
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
        let account = stage.account().await;
        let event = call(&format!("r-{account}"))
            .by(&ana)
            .in_account(account.as_str())
            .api_event();
        let input = Input {
            source: "test".to_owned(),
            reader: Box::new(Cursor::new(lines(&[event]))),
            options: intake::Options::default(),
        };
        Box::pin(engine.ingest(vec![input], &|_| {})).await.unwrap();
        Self {
            stage,
            clock,
            engine,
            other,
            ana,
        }
    }

    async fn command(&self, engine: &Engine, verb: Verb) {
        let command = Command {
            user: UserId::new(&self.ana),
            actor: "test".to_owned(),
            claimed_by: None,
            reason: "because of a test".to_owned(),
            verb,
        };
        engine.administer(command, false).await.unwrap();
    }

    async fn block(&self) {
        self.command(
            &self.engine,
            Verb::Block {
                until: Until::Indefinite,
            },
        )
        .await;
    }

    async fn unblock(&self, engine: &Engine) {
        self.command(
            engine,
            Verb::Unblock {
                protect_until: None,
            },
        )
        .await;
    }

    async fn later(&self, step: SignedDuration) {
        self.clock.advance(step);
        let report = self.engine.tick().await.unwrap();
        assert_eq!(report.errors, Vec::<String>::new());
    }

    /// How many policies somebody tried to attach.
    async fn attachments(&self) -> usize {
        let calls = self.stage.calls(&self.ana).await;
        let attach = |call: &&String| *call == "AttachUserPolicy";
        calls.iter().filter(attach).count()
    }

    async fn denied(&self) -> bool {
        !self.stage.ours_of_user(&self.ana).await.is_empty()
    }

    async fn enforcement(&self) -> String {
        let status = self.engine.status(&UserId::new(&self.ana)).await.unwrap();
        status.enforcement.to_string()
    }
}

#[tokio::test]
async fn a_block_is_there_exactly_and_gone_without_a_trace() {
    let world = World::new().await;
    let others = world.stage.others(&world.ana).await;
    assert_eq!((others.0.len(), others.1.len()), (2, 1));
    world.block().await;
    assert_eq!(world.enforcement().await, "verified");
    let ours = world.stage.ours_of_user(&world.ana).await;
    assert_eq!(ours.len(), 1);
    assert!(
        policy_doc::same(&ours[0], &policy_doc::managed()),
        "{}",
        ours[0]
    );
    world.unblock(&world.engine).await;
    assert_eq!(
        (world.denied().await, world.enforcement().await.as_str()),
        (false, "none")
    );
    assert_eq!(world.stage.others(&world.ana).await, others);
}

#[tokio::test]
async fn throttling_is_outlasted_and_a_missing_right_is_told() {
    let world = World::new().await;
    let fault = |error: &str, times: u32| json!([{ "action": "AttachUserPolicy", "user": world.ana, "error": error, "times": times }]);
    world.stage.faults(fault("Throttling", 2)).await;
    world.block().await;
    assert_eq!(world.enforcement().await, "requested");
    world.later(SignedDuration::from_secs(10)).await;
    world.later(SignedDuration::from_secs(10)).await;
    assert_eq!(
        (world.denied().await, world.enforcement().await.as_str()),
        (true, "verified")
    );

    world.unblock(&world.engine).await;
    world.stage.faults(fault("AccessDenied", 1)).await;
    world.block().await;
    assert_eq!(
        (world.denied().await, world.enforcement().await.as_str()),
        (false, "failed")
    );
    world.later(HOUR).await;
    assert_eq!(
        (world.denied().await, world.enforcement().await.as_str()),
        (true, "verified")
    );
}

#[tokio::test]
async fn drift_is_repaired_both_ways() {
    let world = World::new().await;
    world.block().await;
    world.later(MINUTE).await;
    let arn = world.stage.managed_arn();
    let client = &world.stage.client;
    client
        .detach_user_policy()
        .user_name(&world.ana)
        .policy_arn(&arn)
        .send()
        .await
        .unwrap();
    world.later(HOUR).await;
    assert!(world.denied().await);

    world.unblock(&world.engine).await;
    world.later(HOUR).await;
    client
        .attach_user_policy()
        .user_name(&world.ana)
        .policy_arn(&arn)
        .send()
        .await
        .unwrap();
    world.later(HOUR).await;
    assert!(!world.denied().await);
}

/// A policy that denies nobody anything of Bedrock, under whatever name it stands.
const NOT_OURS: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"WeirBlock","Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#;

impl World {
    /// Another version of our policy.
    async fn other_version(&self, in_force: bool) -> String {
        let made = self.stage.client.create_policy_version();
        let made = made.policy_arn(self.stage.managed_arn());
        let made = made.policy_document(NOT_OURS).set_as_default(in_force);
        let made = made.send().await.unwrap().policy_version.unwrap();
        made.version_id.unwrap()
    }

    async fn policy_is_ours(&self) -> bool {
        let text = self.stage.managed_text(&self.stage.managed_arn()).await;
        policy_doc::same(&text, &policy_doc::managed())
    }

    /// The text in force of a policy of others.
    async fn theirs(&self) -> String {
        let arn = format!(
            "arn:aws:iam::{}:policy/Theirs0-{}",
            self.stage.account, self.ana
        );
        self.stage.managed_text(&arn).await
    }

    async fn is_denied_by(&self, mechanism: &str) -> bool {
        let target = TargetKey {
            account: self.stage.account.clone(),
            kind: TargetKind::IamUser,
            id: self.ana.clone(),
        };
        let row = self.engine.store().target(&target).await.unwrap().unwrap();
        let desired = Desired::of(row.members);
        let applied = self.stage.access().apply(&target, &desired).await.unwrap();
        (applied.wrote, applied.mechanism) == (false, mechanism)
    }
}

#[tokio::test]
async fn an_edited_policy_and_another_version_of_it_are_found_and_put_right() {
    let world = World::new().await;
    let (others, theirs) = (world.stage.others(&world.ana).await, world.theirs().await);
    world.block().await;
    world.other_version(true).await;
    let found = world.stage.access().altered_policies().await.unwrap();
    assert_eq!(found.altered[0].arn, world.stage.managed_arn());
    world.later(HOUR).await;
    assert!(world.policy_is_ours().await);
    assert!(world.is_denied_by("attached-policy").await);

    let version = world.other_version(false).await;
    world.later(HOUR).await;
    assert!(
        world.policy_is_ours().await,
        "what is not in force denies nobody less"
    );
    let set = world.stage.client.set_default_policy_version();
    let set = set
        .policy_arn(world.stage.managed_arn())
        .version_id(version);
    set.send().await.unwrap();
    world.later(HOUR).await;
    assert!(world.policy_is_ours().await);
    assert!(world.is_denied_by("attached-policy").await);
    assert_eq!(world.enforcement().await, "verified");
    assert_eq!(world.stage.others(&world.ana).await, others);
    assert_eq!(world.theirs().await, theirs);
}

#[tokio::test]
async fn an_altered_policy_is_no_deny_to_whoever_is_blocked_next() {
    let world = World::new().await;
    world.other_version(true).await;
    // A process that comes new reads the text before it attaches the policy, and once.
    let stage = &world.stage;
    let fresh = MotoStage::over(
        stage.account.clone(),
        stage.config.clone(),
        weir_aws::AwsSettings::default(),
    );
    let target = TargetKey {
        account: stage.account.clone(),
        kind: TargetKind::IamUser,
        id: world.ana.clone(),
    };
    for _ in 0..2 {
        let applied = fresh.access().apply(&target, &denied()).await.unwrap();
        assert_eq!(
            (applied.verified, applied.mechanism),
            (true, "inline-policy")
        );
    }
    assert_eq!(stage.ours_of_user(&world.ana).await.len(), 1);
}

#[tokio::test]
async fn a_delayed_write_that_lands_after_the_unblock_is_undone() {
    let world = World::new().await;
    world.stage.delay_write(&world.ana).await;
    world.block().await;
    world.unblock(&world.engine).await;
    assert_eq!(
        (world.denied().await, world.enforcement().await.as_str()),
        (false, "none")
    );
    world.stage.land_writes(&world.ana).await;
    assert!(world.denied().await, "the delayed write has landed");
    world.later(MINUTE).await;
    assert!(!world.denied().await);
}

#[tokio::test]
async fn a_stale_executor_goes_round_again() {
    let world = World::new().await;
    let slow = json!([{ "action": "AttachUserPolicy", "user": world.ana, "delay_ms": LATE }]);
    world.stage.faults(slow).await;
    let meanwhile = async {
        // Two are of others, the third is the write that waits.
        while world.attachments().await < 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        world.unblock(&world.other).await;
        world.stage.land_writes(&world.ana).await;
    };
    tokio::join!(world.block(), meanwhile);
    assert_eq!(
        (world.denied().await, world.enforcement().await.as_str()),
        (false, "none")
    );
}

#[tokio::test]
async fn two_executors_at_once_write_once() {
    let world = World::new().await;
    world
        .stage
        .faults(json!([{ "action": "AttachUserPolicy", "user": world.ana, "error": "Throttling" }]))
        .await;
    world.block().await;
    world.clock.advance(SignedDuration::from_secs(5));
    let (one, two) = tokio::join!(world.engine.tick(), world.other.tick());
    assert_eq!(
        one.unwrap().dispatch.verified + two.unwrap().dispatch.verified,
        1
    );
    assert_eq!(world.attachments().await, 4, "two are of others");
    assert!(world.denied().await);
}
