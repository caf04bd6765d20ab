//! What a quota would have done: the records on file are decided again, one after the other and each
//! at its own time, in a database of their own that is gone afterwards. The decision is the same
//! function, over the same rules, as in earnest.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use weir_core::attribution::Succession;
use weir_core::block::{Block, Denies, Until};
use weir_core::calendar::{Window, WindowKind};
use weir_core::ids::{RequestId, UserId};
use weir_core::plan::Plan;
use weir_core::quota::{Metric, Quota, Scope};
use weir_core::rulebook::{Person, Settings, StoredRules, UserClass};
use weir_core::standing::WarningKey;
use weir_store::{Batch, RuleChange, Store, UserRow};

use crate::clock::FakeClock;
use crate::engine::Parts;
use crate::options::Options;
use crate::{Engine, EngineError};

const PAGE: u32 = 500;
/// Invocations of one trial, at most: what is held of each is its time and id.
const MOST: usize = 2_000_000;

/// What a quota would have done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// From when on it was looked at.
    pub since: Option<Timestamp>,
    /// Invocations since then.
    pub invocations: u64,
    /// Their users.
    pub users: u64,
    /// What would have happened, in order.
    pub events: Vec<TriedEvent>,
}

/// Something that would have happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriedEvent {
    /// When.
    pub at: Timestamp,
    /// To whom: `user:ana`, `team:sap`.
    pub subject: String,
    /// What.
    pub what: TriedWhat,
}

/// A warning or a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TriedWhat {
    /// A warning at so many percent.
    Warned(u32),
    /// A block.
    Blocked {
        /// Why, in one line.
        reason: String,
        /// Until when.
        until: Until,
        /// Calls that came while it lasted, of the user or of the team: they would have been denied.
        calls: u64,
    },
}

impl Tried {
    /// Who would have been blocked at least once.
    pub fn blocked(&self) -> BTreeSet<&str> {
        let blocks = self
            .events
            .iter()
            .filter(|event| matches!(event.what, TriedWhat::Blocked { .. }));
        blocks.map(|event| event.subject.as_str()).collect()
    }

    /// Who would have been warned at least once.
    pub fn warned(&self) -> BTreeSet<&str> {
        let warnings = self
            .events
            .iter()
            .filter(|event| matches!(event.what, TriedWhat::Warned(_)));
        warnings.map(|event| event.subject.as_str()).collect()
    }
}

/// The quota in question.
#[derive(Clone, Copy)]
struct Question<'a> {
    scope: &'a Scope,
    metric: Metric,
    window: WindowKind,
}

/// A block of the trial that is still in force.
struct Running {
    event: usize,
    denies: Denies,
    until: Until,
}

impl Engine {
    /// Decides the records of the last so long as if this quota had been set all the time, in place of
    /// the one of the same scope, metric and window, and for the teams as they are now. Nothing that is
    /// stored changes. Blocks and
    /// protections by administrators, and the breaker, are left out: it is the quota that is tried.
    pub async fn try_quota(
        &self,
        quota: &Quota,
        last: SignedDuration,
        progress: &(dyn Fn(u64, u64) + Send + Sync),
    ) -> Result<Tried, EngineError> {
        let rules = self.reload_rules().await?;
        let since = self.now().saturating_sub(last).unwrap_or(Timestamp::MIN);
        // A window that had begun before is filled from its beginning.
        let from = Window::containing(quota.window, since, &rules.zone).start(&rules.zone);
        let calls = self.calls_since(&quota.scope, from).await?;
        let clock = Arc::new(FakeClock::at(from));
        let sandbox = self.sandbox(quota, Arc::clone(&clock)).await?;
        let question = Question {
            scope: &quota.scope,
            metric: quota.metric,
            window: quota.window,
        };
        let mut trial = Trial {
            question,
            since,
            running: Vec::new(),
            tried: Tried {
                since: Some(since),
                ..Tried::default()
            },
            users: BTreeSet::new(),
        };
        let (mut done, all) = (0, calls.len() as u64);
        let mut hour = None;
        for page in calls.chunks(PAGE as usize) {
            let ids: Vec<RequestId> = page.iter().map(|(_, id, _)| id.clone()).collect();
            let found = self.store.evidence(&ids).await?;
            let mut found: BTreeMap<_, _> = found
                .into_iter()
                .filter_map(|one| {
                    let request = one.records().next()?.request.clone();
                    Some((request, one))
                })
                .collect();
            for (at, id, user) in page {
                let Some(evidence) = found.remove(id) else {
                    continue;
                };
                trial.pass(&sandbox, &clock, *at).await?;
                let now = Window::containing(WindowKind::Hour, *at, &rules.zone);
                if hour != Some(now) {
                    sandbox.expire().await?;
                    hour = Some(now);
                }
                trial.count_call(*at, user, &*sandbox.store).await?;
                let batch = sandbox.settle(|rules| Batch {
                    evidence: vec![evidence.clone()],
                    ..sandbox.batch("try", rules)
                });
                batch.await?;
                trial.note_all(*at, &sandbox);
            }
            done += page.len() as u64;
            progress(done, all);
        }
        trial.pass(&sandbox, &clock, self.now()).await?;
        trial.tried.users = trial.users.len() as u64;
        Ok(trial.tried)
    }

    /// Times and ids of all calls that the quota may concern, in order.
    async fn calls_since(
        &self,
        scope: &Scope,
        from: Timestamp,
    ) -> Result<Vec<(Timestamp, RequestId, UserId)>, EngineError> {
        let mut calls = Vec::new();
        let mut after = None;
        loop {
            let page = self.store.users(None, after.as_ref(), PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            after = page.last().map(|row| row.user.clone());
            for row in page {
                if matches!(scope, Scope::User(user) if *user != row.user) {
                    continue;
                }
                self.calls_of(&row.user, from, &mut calls).await?;
                if calls.len() > MOST {
                    return Err(EngineError::Refused(format!(
                        "there are more than {MOST} calls: give a shorter --last"
                    )));
                }
            }
            if is_last {
                calls.sort();
                return Ok(calls);
            }
        }
    }

    async fn calls_of(
        &self,
        user: &UserId,
        from: Timestamp,
        calls: &mut Vec<(Timestamp, RequestId, UserId)>,
    ) -> Result<(), EngineError> {
        let mut after: Option<(Timestamp, RequestId)> = None;
        loop {
            let page = self
                .store
                .requests_since(user, from, after.as_ref(), PAGE)
                .await?;
            let is_last = page.len() < PAGE as usize;
            after = page.last().cloned();
            calls.extend(page.into_iter().map(|(at, id)| (at, id, user.clone())));
            if is_last {
                return Ok(());
            }
        }
    }

    /// Everybody as they are now: a quota is tried for the teams of today, and what look-ups said
    /// since the calls is not in the records of the calls.
    async fn copy_people(
        &self,
        to: &dyn Store,
        said: &mut HashMap<UserId, Person>,
    ) -> Result<(), EngineError> {
        let mut after = None;
        loop {
            let page = self.store.users(None, after.as_ref(), PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            after = page.last().map(|row| row.user.clone());
            let changes = page.into_iter().map(|row| {
                let said = said.remove(&row.user).unwrap_or_default();
                as_now(row, said)
            });
            let changes: Vec<_> = changes.collect();
            if !changes.is_empty() {
                to.change_rules(changes, Vec::new()).await?;
            }
            if is_last {
                return Ok(());
            }
        }
    }

    /// An engine over an empty database with the same rules and this quota.
    async fn sandbox(&self, quota: &Quota, clock: Arc<FakeClock>) -> Result<Self, EngineError> {
        let stored = self.store.rules().await?;
        let store = weir_store::open("sqlite::memory:").await?;
        store.migrate().await?;
        store.set_zone(&stored.zone).await?;
        let mut people: HashMap<UserId, Person> = stored.people.iter().cloned().collect();
        copy_rules(&*store, stored, quota).await?;
        self.copy_people(&*store, &mut people).await?;
        let mut settings: Settings = (*self.settings).clone();
        settings.enforcement.mode = None;
        settings.enforcement.max_new_blocks = Some(u32::MAX);
        let mut retention = self.options.retention;
        retention.invocations = SignedDuration::MAX;
        let mut engine = Self::new(Parts {
            store,
            settings: Arc::new(settings),
            clock,
            access: None,
            directory: None,
            post: None,
            options: Options {
                origin: "try".to_owned(),
                lookups: false,
                confirms_mode: false,
                retention,
                ..Options::default()
            },
        });
        engine.decided = Some(Mutex::default());
        Ok(engine)
    }
}

/// Team and class of a user as it is now, where no administrator said another.
fn as_now(row: UserRow, said: Person) -> RuleChange {
    let class = Some(row.class).filter(|class| *class != UserClass::Unknown);
    let person = Person {
        team: said.team.or(Some(row.team)),
        class: said.class.or(class),
        ..said
    };
    RuleChange::SetPerson(row.user, person)
}

async fn copy_rules(
    store: &dyn Store,
    from: StoredRules,
    quota: &Quota,
) -> Result<(), EngineError> {
    let key = |quota: &Quota| (quota.scope.clone(), quota.metric, quota.window);
    let StoredRules {
        version: _,
        zone: _,
        home_account,
        mode: _,
        mut quotas,
        prices,
        people,
        links,
        holders,
        keys,
        directory,
    } = from;
    quotas.retain(|known| key(known) != key(quota));
    quotas.push(quota.clone());
    let own = store.rules().await?.quotas;
    let mut changes: Vec<_> = own
        .iter()
        .map(|own| RuleChange::UnsetQuota(own.scope.clone(), own.metric, own.window))
        .collect();
    changes.extend(quotas.into_iter().map(RuleChange::SetQuota));
    changes.extend(prices.into_iter().map(RuleChange::SetPrice));
    changes.extend(
        people
            .into_iter()
            .map(|(user, said)| RuleChange::SetPerson(user, said)),
    );
    changes.extend(
        links
            .into_iter()
            .map(|(principal, user)| RuleChange::Link(principal, user)),
    );
    changes.extend(
        keys.into_iter()
            .map(|(key, owner)| RuleChange::SetKey(key, owner)),
    );
    changes.extend(directory.into_iter().map(RuleChange::SetDirectoryPerson));
    changes.extend(home_account.map(RuleChange::SetHomeAccount));
    let mut version = store.change_rules(changes, Vec::new()).await?;
    // Each holder of a name after the one before.
    for pair in holders.windows(2) {
        let [(principal, before), (same, after)] = pair else {
            continue;
        };
        if principal == same {
            let succession = Succession {
                principal: principal.clone(),
                before: before.clone(),
                after: after.clone(),
            };
            let change = RuleChange::Succeed(succession, version);
            version = store.change_rules(vec![change], Vec::new()).await?;
        }
    }
    Ok(())
}

/// A trial under way.
struct Trial<'a> {
    question: Question<'a>,
    since: Timestamp,
    running: Vec<Running>,
    tried: Tried,
    users: BTreeSet<UserId>,
}

impl Trial<'_> {
    /// Lets time pass in the trial: what the clock decides is decided when it is due, as a server does that
    /// ticks (rules C6).
    async fn pass(
        &mut self,
        sandbox: &Engine,
        clock: &FakeClock,
        to: Timestamp,
    ) -> Result<(), EngineError> {
        while let Some(due) = sandbox.store.next_job().await?.filter(|due| *due <= to) {
            clock.advance_to(due);
            let ran = sandbox.run_jobs().await?;
            self.note_all(due, sandbox);
            if let Some(error) = ran.errors.first() {
                return Err(EngineError::Inconsistent(error.clone()));
            }
        }
        clock.advance_to(to);
        Ok(())
    }

    /// Notes what was decided since the last time.
    fn note_all(&mut self, at: Timestamp, sandbox: &Engine) {
        let decided = sandbox.decided.as_ref();
        let decided = decided
            .map(|all| std::mem::take(&mut *all.lock().unwrap_or_else(PoisonError::into_inner)));
        for plan in decided.iter().flatten() {
            self.note(at, plan);
        }
    }

    async fn count_call(
        &mut self,
        at: Timestamp,
        user: &UserId,
        store: &dyn Store,
    ) -> Result<(), EngineError> {
        if at < self.since {
            return Ok(());
        }
        self.users.insert(user.clone());
        self.tried.invocations += 1;
        self.running.retain(|one| !one.until.is_over(at));
        let of_teams = self
            .running
            .iter()
            .any(|one| matches!(one.denies, Denies::Team(_)));
        let team = if of_teams {
            store.user(user).await?.map(|row| row.team)
        } else {
            None
        };
        for one in &self.running {
            let concerned = match &one.denies {
                Denies::User(of) | Denies::Tool(of, _) | Denies::Model(of, _) => of == user,
                Denies::Team(of) => Some(of) == team.as_ref(),
            };
            if let (true, TriedWhat::Blocked { calls, .. }) =
                (concerned, &mut self.tried.events[one.event].what)
            {
                *calls += 1;
            }
        }
        Ok(())
    }

    /// Notes what this quota decided.
    fn note(&mut self, at: Timestamp, plan: &Plan) {
        for warned in plan.warned.iter().filter(|warned| warned.told) {
            let WarningKey {
                subject,
                scope,
                metric,
                window,
                threshold,
                limit: _,
            } = &warned.key;
            if self.asks(scope, *metric, window.kind()) && at >= self.since {
                self.tried.events.push(TriedEvent {
                    at,
                    subject: subject.clone(),
                    what: TriedWhat::Warned(*threshold),
                });
            }
        }
        for block in &plan.opened {
            let ours = block
                .evidence
                .iter()
                .any(|one| self.asks(&one.scope, one.metric, one.window.kind()));
            if ours {
                self.begin(at, block);
            }
        }
    }

    fn begin(&mut self, at: Timestamp, block: &Block) {
        // What began before is in force already when the period begins.
        let at = at.max(self.since);
        let subject = match &block.denies {
            Denies::User(user) | Denies::Tool(user, _) | Denies::Model(user, _) => {
                format!("user:{user}")
            }
            Denies::Team(team) => format!("team:{team}"),
        };
        if block.until.is_over(self.since) {
            return;
        }
        self.running.push(Running {
            event: self.tried.events.len(),
            denies: block.denies.clone(),
            until: block.until,
        });
        self.tried.events.push(TriedEvent {
            at,
            subject,
            what: TriedWhat::Blocked {
                reason: block.reason.clone(),
                until: block.until,
                calls: 0,
            },
        });
    }

    fn asks(&self, scope: &Scope, metric: Metric, window: WindowKind) -> bool {
        *self.question.scope == *scope
            && self.question.metric == metric
            && self.question.window == window
    }
}
