//! What the diaries happen in: memory `SQLite`, a fake AWS, a clock that stands still.

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use weir_core::admin::{Command, Verb};
use weir_core::block::Until;
use weir_core::calendar::WindowKind;
use weir_core::ids::UserId;
use weir_core::quota::{Action, DEFAULT_WARN, Limit, Metric, Quota, Scope};
use weir_core::rulebook::{Mode, Settings};
use weir_engine::clock::FakeClock;
use weir_engine::{
    Actor, Administered, Engine, EngineError, IngestReport, Input, Options, Parts, Preview,
    ReadBack,
};
use weir_store::{RuleChange, Store};
use weir_testkit::fakes::{FakeAws, Mailbox};
use weir_testkit::records::{Draft, call};
use weir_testkit::wire::lines;

/// 2026-11-20, 12:00 in Madrid.
pub(crate) const NOON: &str = "2026-11-20T11:00:00Z";

pub(crate) struct World {
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) aws: Arc<FakeAws>,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) engine: Engine,
}

/// How an engine of the world differs from the ordinary one.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a difference of its own"
)]
pub(crate) struct Like {
    pub(crate) mode: Option<Mode>,
    pub(crate) without_aws: bool,
    pub(crate) as_of: Option<&'static str>,
    pub(crate) effects: bool,
    pub(crate) max_new_blocks: Option<u32>,
    pub(crate) batch: Option<usize>,
    pub(crate) session_roles: Vec<&'static str>,
    /// `usage.settle_after = 0`.
    pub(crate) settle_at_once: bool,
    /// Leaves messages to others.
    pub(crate) tells_nobody: bool,
    /// How long intake and commands wait for letters.
    pub(crate) telling: Option<Duration>,
    /// `enforcement.scope.users`.
    pub(crate) scope: &'static [&'static str],
}

impl World {
    /// Mode `iam`, nobody there yet.
    pub(crate) async fn new() -> Self {
        Self::with(Like::default()).await
    }

    pub(crate) async fn with(like: Like) -> Self {
        Self::over("sqlite::memory:", like).await
    }

    /// Over a database of that address.
    pub(crate) async fn over(url: &str, like: Like) -> Self {
        let store = weir_store::open(url).await.unwrap();
        store.migrate().await.unwrap();
        store.set_zone("Europe/Madrid").await.unwrap();
        let clock = Arc::new(FakeClock::at(time(NOON)));
        let (aws, mailbox) = (FakeAws::new(), Mailbox::new());
        let engine = engine(&store, &clock, &aws, &mailbox, &like);
        Self {
            clock,
            aws,
            mailbox,
            store,
            engine,
        }
    }

    /// Another process over the same database and the same AWS.
    pub(crate) fn engine(&self, like: &Like) -> Engine {
        engine(&self.store, &self.clock, &self.aws, &self.mailbox, like)
    }

    /// A developer with a console password, in a team.
    pub(crate) fn developer(&self, name: &str, team: &str) {
        self.aws.user(name, |user| {
            user.login_profile = true;
            user.tags.insert("Team".to_owned(), team.to_owned());
            let email = format!("{name}@example.com");
            user.tags.insert("Email".to_owned(), email);
        });
    }

    pub(crate) async fn ingest(&self, events: &[Value]) -> IngestReport {
        ingest(&self.engine, events).await
    }

    /// So many calls of a user, a second ago.
    pub(crate) async fn calls(&self, user: &str, requests: std::ops::Range<u32>) -> IngestReport {
        let at = weir_engine::clock::Clock::now(&*self.clock) - SignedDuration::from_secs(1);
        let drafts = requests.map(|i| call(&format!("{user}-{i}")).by(user).at_time(at));
        let events: Vec<_> = drafts.map(|draft: Draft| draft.api_event()).collect();
        self.ingest(&events).await
    }

    pub(crate) async fn quota(&self, scope: &str, limit: i64) -> Preview {
        let change = quota(scope, limit);
        self.engine
            .change_quotas(vec![change], "a test", &admin())
            .await
            .unwrap()
    }

    pub(crate) async fn command(
        &self,
        user: &str,
        verb: Verb,
    ) -> Result<Administered, EngineError> {
        self.engine.administer(command(user, verb), false).await
    }

    pub(crate) async fn block_for(&self, user: &str, how_long: SignedDuration) -> Administered {
        let until = Until::At(self.engine.now() + how_long);
        self.command(user, Verb::Block { until }).await.unwrap()
    }

    pub(crate) async fn unblock(&self, user: &str) -> Administered {
        self.command(
            user,
            Verb::Unblock {
                protect_until: None,
            },
        )
        .await
        .unwrap()
    }

    pub(crate) async fn state(&self, user: &str) -> (String, String) {
        let status = self.engine.status(&UserId::new(user)).await.unwrap();
        (status.state.to_owned(), status.enforcement.to_string())
    }

    /// Time goes on, then everything that is due is done.
    pub(crate) async fn later(&self, step: SignedDuration) {
        self.clock.advance(step);
        let report = self.engine.tick().await.unwrap();
        assert_eq!(report.errors, Vec::<String>::new());
    }

    pub(crate) fn is_denied(&self, user: &str) -> bool {
        let user = self.aws.show_user(user).unwrap();
        user.weir_attached || user.inline.contains_key("WeirBlock")
    }

    pub(crate) async fn operations(&self, subject: &str) -> Vec<String> {
        let subject = Some(subject.to_owned());
        let filter = weir_store::AuditFilter {
            subject,
            ..weir_store::AuditFilter::default()
        };
        let entries = self.store.audit(&filter).await.unwrap();
        entries
            .into_iter()
            .map(|chained| chained.entry.operation)
            .collect()
    }
}

fn engine(
    store: &Arc<dyn Store>,
    clock: &Arc<FakeClock>,
    aws: &Arc<FakeAws>,
    mailbox: &Arc<Mailbox>,
    like: &Like,
) -> Engine {
    let mut settings = Settings::default();
    settings.enforcement.mode = Some(like.mode.unwrap_or(Mode::Iam));
    settings.enforcement.max_new_blocks = Some(like.max_new_blocks.unwrap_or(1_000));
    settings.attribution.session_roles =
        like.session_roles.iter().map(ToString::to_string).collect();
    if like.settle_at_once {
        settings.settle_after = SignedDuration::ZERO;
    }
    settings.enforcement.scope_users = like.scope.iter().map(UserId::new).collect();
    let options = Options {
        as_of: like.as_of.map(time),
        effects: like.effects,
        batch: like.batch.unwrap_or(500),
        read_back: ReadBack {
            first: Duration::from_millis(1),
            total: Duration::from_millis(8),
        },
        patience: Duration::ZERO,
        telling: like.telling,
        ..Options::default()
    };
    let with_aws = !like.without_aws;
    Engine::new(Parts {
        store: Arc::clone(store),
        settings: Arc::new(settings),
        clock: Arc::clone(clock) as Arc<_>,
        access: with_aws.then(|| Arc::clone(aws) as Arc<_>),
        directory: with_aws.then(|| Arc::clone(aws) as Arc<_>),
        post: (!like.tells_nobody).then(|| mailbox.post()),
        options,
    })
}

pub(crate) async fn ingest(engine: &Engine, events: &[Value]) -> IngestReport {
    let input = Input {
        source: "test".to_owned(),
        reader: Box::new(Cursor::new(lines(events))),
        options: weir_core::intake::Options::default(),
    };
    engine.ingest(vec![input], &|_| {}).await.unwrap()
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn admin() -> Actor {
    Actor {
        name: "root@test".to_owned(),
        claimed: Some("maria".to_owned()),
    }
}

pub(crate) fn command(user: &str, verb: Verb) -> Command {
    Command {
        user: UserId::new(user),
        actor: admin().name,
        claimed_by: admin().claimed,
        reason: "because of a test".to_owned(),
        verb,
    }
}

/// A blocking quota of requests per day.
pub(crate) fn quota(scope: &str, limit: i64) -> RuleChange {
    let scope: Scope = scope.parse().unwrap();
    RuleChange::SetQuota(Quota {
        scope,
        metric: Metric::Requests,
        window: WindowKind::Day,
        limit: Limit::Of(limit),
        action: Action::Block,
        warn: DEFAULT_WARN.to_vec(),
        author: "maria".to_owned(),
        additions: Vec::new(),
    })
}

pub(crate) fn names(users: &[&str]) -> Vec<String> {
    users.iter().map(|user| (*user).to_owned()).collect()
}

pub(crate) fn listed<'a>(users: impl IntoIterator<Item = &'a UserId>) -> Vec<String> {
    users.into_iter().map(ToString::to_string).collect()
}
