//! Handing out access, from a plan to IAM: the engine over the real adapter.

mod groups;
mod identities;
mod keys;
mod on_record;
mod people;
mod policies;
mod users;

use std::sync::Arc;

use weir_core::attribution::{Principal, PrincipalKind};
use weir_core::ids::UserId;
use weir_core::provision::Plan;
use weir_core::rulebook::{Mode, Settings};
use weir_engine::clock::FakeClock;
use weir_engine::provision::{Carried, NewUser, Outcome, Provisioner, Wish};
use weir_engine::{Actor, Engine, Options, Parts};
use weir_store::{AuditFilter, Store};
use weir_testkit::fakes::contract::Stage;
use weir_testkit::fakes::memory_store;

use super::stage::MotoStage;

pub(super) const OPUS: &str = "eu.anthropic.claude-opus-5-5";

/// An account of its own, and an engine over it.
pub(super) struct World {
    pub(super) stage: MotoStage,
    pub(super) engine: Engine,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::of(None).await
    }

    /// With denials that are made real.
    pub(super) async fn enforcing() -> Self {
        Self::of(Some(Mode::Iam)).await
    }

    async fn of(mode: Option<Mode>) -> Self {
        Self::over(memory_store().await, |settings| {
            settings.enforcement.mode = mode;
        })
        .await
    }

    /// Over a store, with other settings.
    pub(super) async fn over(store: Arc<dyn Store>, change: impl FnOnce(&mut Settings)) -> Self {
        let stage = MotoStage::new().await;
        let mut settings = Settings::default();
        change(&mut settings);
        let access = settings.enforcement.mode.map(|_| stage.access());
        let clock = FakeClock::at("2026-11-20T11:00:00Z".parse().unwrap());
        let engine = Engine::new(Parts {
            store,
            settings: Arc::new(settings),
            clock: Arc::new(clock),
            access,
            directory: None,
            post: None,
            options: Options::default(),
        });
        Self { stage, engine }
    }

    pub(super) async fn operator(&self) -> Provisioner<'_> {
        let iam = &*self.stage.connection.provisioning;
        self.engine.provisioner(iam, olga()).await.unwrap()
    }

    pub(super) async fn carry_out(&self, plan: &Plan) -> Carried {
        self.operator().await.carry_out(plan, |_| {}).await
    }

    /// Carries out what must work.
    pub(super) async fn done(&self, plan: &Plan) -> Carried {
        let done = self.carry_out(plan).await;
        assert!(done.stopped.is_none(), "{done:#?}");
        done
    }

    /// The group of a team that nobody else has.
    pub(super) async fn team(&self, what: &str) -> String {
        let team = self.stage.name(what);
        let wish = Wish {
            profiles: vec![OPUS.to_owned()],
            ..Wish::default()
        };
        let operator = self.operator().await;
        let grant = operator
            .grant(&wish, &*self.stage.directory())
            .await
            .unwrap();
        let plan = operator
            .plan_group(&team, Some(grant), false)
            .await
            .unwrap();
        self.done(&plan).await;
        team
    }

    pub(super) fn person(&self, name: &str, team: &str) -> NewUser {
        NewUser {
            name: self.stage.name(name),
            person: "Ana López".to_owned(),
            team: team.to_owned(),
            email: Some("ana@example.com".to_owned()),
            ..NewUser::default()
        }
    }

    /// Somebody of a team, made.
    pub(super) async fn ana(&self, team: &str) -> String {
        let new = self.person("ana", team);
        let plan = self.operator().await.plan_user(&new).await.unwrap();
        self.done(&plan).await;
        new.name
    }

    /// The identity of an IAM user of this account.
    pub(super) fn principal(&self, iam_user: &str) -> Principal {
        Principal {
            account: self.stage.account.clone(),
            kind: PrincipalKind::IamUser,
            name: iam_user.to_owned(),
            session: None,
        }
    }

    /// Operations on record, in order.
    pub(super) async fn recorded(&self) -> Vec<String> {
        let entries = self
            .engine
            .store()
            .audit(&AuditFilter::default())
            .await
            .unwrap();
        entries
            .into_iter()
            .map(|one| {
                assert_eq!(one.entry.claimed_by.as_deref(), Some("olga"), "{one:?}");
                one.entry.operation
            })
            .collect()
    }

    pub(super) async fn weirs(&self, user: &str) -> weir_core::rulebook::Person {
        let rules = self.engine.reload_rules().await.unwrap();
        rules
            .people
            .get(&UserId::new(user))
            .cloned()
            .unwrap_or_default()
    }
}

/// Whoever hands out access here.
pub(super) fn olga() -> Actor {
    Actor {
        name: "root@desk".to_owned(),
        claimed: Some("olga".to_owned()),
    }
}

/// `done make the group …`, one a line.
pub(super) fn lines(done: &Carried) -> Vec<String> {
    let line =
        |line: &weir_engine::provision::Line| format!("{} {}", line.outcome.as_str(), line.what);
    done.lines.iter().map(line).collect()
}

pub(super) fn all_exist(done: &Carried) -> bool {
    done.lines
        .iter()
        .all(|line| line.outcome == Outcome::Exists)
}
