//! Incidents: what is wrong is looked for, compared with what is on file, and told (rules N5). What is
//! wrong follows from what the database holds, so nothing is lost by a crash and nothing opened twice.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use weir_core::access::{Desired, Target, TargetKey, TargetKind, TargetState};
use weir_core::ids::{TeamId, UserId};
use weir_core::incident::{self, Alarm, Incident};
use weir_core::leak;
use weir_core::message::{Kind, News};
use weir_core::reset::is_caught_up;
use weir_core::rulebook::Mode;
use weir_store::{ResetRow, TargetRow};

use crate::held::HeldOf;
use crate::{Engine, EngineError};

/// A denial that is not read back in that time is told, whatever its state.
const OVERDUE: SignedDuration = SignedDuration::from_mins(15);
/// So many leaks are looked at, the newest: enough to know of everybody whose calls go through.
const LEAKS: u32 = 1_000;
/// A reset that takes longer has died.
const RESET: SignedDuration = SignedDuration::from_hours(1);

impl Engine {
    /// Opens, reminds of and closes incidents of these kinds: `found` is everything of them that is
    /// wrong now. Whatever detects something calls this with all it found; each incident is told once
    /// when it begins, once a day while it lasts, and once when it is over.
    pub async fn alarm(&self, kinds: &[Kind], found: Vec<Alarm>) -> Result<(), EngineError> {
        // Our policies are looked at in AWS, once an hour: the database does not know them to be well.
        let of_others = |incident: &Incident| !is_of_policy(incident);
        self.alarm_about(kinds, of_others, found).await
    }

    /// The same for the texts of our managed policies; of those that could not be read, nothing is over.
    pub(crate) async fn alarm_of_policies(
        &self,
        all_were_read: bool,
        found: Vec<Alarm>,
    ) -> Result<(), EngineError> {
        let over: &[Kind] = if all_were_read {
            &[Kind::EnforcementFailed]
        } else {
            &[]
        };
        self.alarm_about(over, is_of_policy, found).await
    }

    async fn alarm_about(
        &self,
        kinds: &[Kind],
        is_meant: impl Fn(&Incident) -> bool,
        found: Vec<Alarm>,
    ) -> Result<(), EngineError> {
        let mut on_file = self.store.incidents().await?;
        on_file.retain(is_meant);
        let now = self.effect_time();
        for change in incident::changes(kinds, &on_file, &found, now) {
            if self.store.change_incident(&change, now).await? {
                let (kind, key) = (change.kind.as_str(), &change.key);
                tracing::warn!(kind, key, step = ?change.step, "an incident");
            }
        }
        Ok(())
    }

    /// Looks for what the database knows to be wrong.
    pub(crate) async fn watch_incidents(&self) -> Result<(), EngineError> {
        let on_file = self.store.incidents().await?;
        let now = self.effect_time();
        let mut found = self.not_enforced(now).await?;
        found.extend(self.held_back(now).await?);
        found.extend(self.without_price(&on_file, now).await?);
        found.extend(self.failed_reset(now).await?);
        found.extend(self.leaks(now).await?);
        let kinds = [
            Kind::EnforcementFailed,
            Kind::Leak,
            Kind::Held,
            Kind::UnpricedModel,
            Kind::ResetFailed,
        ];
        self.alarm(&kinds, found).await
    }

    /// Denials, and their removals, that could not be made real.
    async fn not_enforced(&self, now: Timestamp) -> Result<Vec<Alarm>, EngineError> {
        use TargetState::{Applied, Cannot, Failed, Gone, Requested};
        let rows = self
            .store
            .targets(&[Failed, Cannot, Gone, Requested, Applied])
            .await?;
        let wrong = rows.into_iter().filter(|row| is_wrong(row, now));
        let mut unenforced: BTreeMap<String, Unenforced> = BTreeMap::new();
        for row in wrong {
            let one = Unenforced::of(row);
            match unenforced.entry(one.what.clone()) {
                Entry::Vacant(entry) => {
                    entry.insert(one);
                }
                Entry::Occupied(mut entry) => entry.get_mut().add(one),
            }
        }
        let alarms = unenforced.into_values().map(|one| one.alarm(now));
        Ok(alarms.collect())
    }

    /// Blocks that the breaker holds until an administrator decides.
    async fn held_back(&self, now: Timestamp) -> Result<Option<Alarm>, EngineError> {
        let rules = self.rules().await?;
        if rules.mode.mode != Mode::Iam {
            return Ok(None);
        }
        let held = self.held_of().await?;
        if held.is_empty() {
            return Ok(None);
        }
        let mut users: Vec<UserId> = Vec::new();
        let mut teams: Vec<TeamId> = Vec::new();
        for one in held {
            match one {
                HeldOf::User(user) => users.push(user),
                HeldOf::Team(team) => teams.push(team),
            }
        }
        let breaker = self.store.situation(&[], &[], self.now(), &rules).await?;
        let usual = 5.max(breaker.breaker.active.div_ceil(20));
        let news = News::Held {
            occasion: "held".to_owned(),
            users,
            teams,
            allowed: rules.settings.enforcement.max_new_blocks.unwrap_or(usual),
        };
        Ok(Some(Alarm::of_weir("held".to_owned(), now, news)))
    }

    async fn without_price(
        &self,
        on_file: &[Incident],
        now: Timestamp,
    ) -> Result<Vec<Alarm>, EngineError> {
        let unpriced = self.store.unpriced().await?;
        Ok(unpriced
            .into_iter()
            .map(|(model, region, calls)| {
                let key = format!("{model} {region}");
                let is_it =
                    |known: &&Incident| (known.kind, &known.key) == (Kind::UnpricedModel, &key);
                let since = on_file.iter().find(is_it);
                let news = News::UnpricedModel {
                    model,
                    region,
                    calls,
                    since: since.map_or(now, |known| known.opened_at),
                };
                Alarm::of_weir(key, now, news)
            })
            .collect())
    }

    /// Calls that went through a verified Deny, by user.
    async fn leaks(&self, now: Timestamp) -> Result<Vec<Alarm>, EngineError> {
        let since = now.saturating_sub(leak::QUIET).unwrap_or(Timestamp::MIN);
        Ok(leak::alarms(&self.store.leaks(since, LEAKS).await?, now))
    }

    /// The latest daily reset that did not do everything.
    async fn failed_reset(&self, now: Timestamp) -> Result<Option<Alarm>, EngineError> {
        let Some(latest) = self.store.resets(1).await?.into_iter().next() else {
            return Ok(None);
        };
        let died = latest.finished_at.is_none() && now.duration_since(latest.started_at) > RESET;
        let failed = self.store.failed_resets(1).await?.into_iter().next();
        let recent = |row: &ResetRow| is_caught_up(row.date, latest.date);
        let Some(latest) = failed.filter(recent).or(died.then_some(latest)) else {
            return Ok(None);
        };
        let news = News::ResetFailed {
            date: latest.date.to_string(),
            errors: latest.errors,
        };
        Ok(Some(Alarm::of_weir("daily-reset".to_owned(), now, news)))
    }
}

/// One target that is not as it should be, or all that lack the same mechanism.
struct Unenforced {
    what: String,
    generation: u64,
    denies: bool,
    state: TargetState,
    users: BTreeSet<UserId>,
    error: String,
}

impl Unenforced {
    fn of(row: TargetRow) -> Self {
        let target = row.target;
        let denied = row.members.iter().filter(|member| member.is_denied());
        let mut users: BTreeSet<UserId> = denied.map(|member| member.user.clone()).collect();
        if users.is_empty() {
            users = row.members.into_iter().map(|member| member.user).collect();
        }
        Self {
            what: lacking(&target).unwrap_or_else(|| target.key.to_string()),
            generation: target.generation,
            denies: target.denies,
            state: target.state,
            users,
            error: target
                .last_error
                .unwrap_or_else(|| "not read back within 15 minutes".to_owned()),
        }
    }

    /// Another that lacks the same.
    fn add(&mut self, other: Self) {
        let Self {
            what: _,
            generation,
            denies,
            state: _,
            users,
            error: _,
        } = other;
        self.generation = self.generation.max(generation);
        self.denies |= denies;
        self.users.extend(users);
    }

    fn alarm(self, now: Timestamp) -> Alarm {
        let Self {
            what,
            generation,
            denies,
            state,
            users,
            error,
        } = self;
        let news = News::EnforcementFailed {
            target: what.clone(),
            generation,
            denies,
            state,
            users: users.into_iter().collect(),
            error,
        };
        Alarm::of_weir(what, now, news)
    }
}

/// What the incidents of our managed policies begin with.
pub(crate) const OF_POLICY: &str = "policy ";

fn is_of_policy(incident: &Incident) -> bool {
    incident.kind == Kind::EnforcementFailed && incident.key.starts_with(OF_POLICY)
}

/// What a target has no mechanism for is lacking for all of its kind in the account: administrators are
/// told once of all (rules E5), not once for each person.
fn lacking(target: &Target) -> Option<String> {
    let TargetKey {
        account,
        kind,
        id: _,
    } = &target.key;
    let is_shared = matches!(kind, TargetKind::IdentityCenter | TargetKind::IamUser);
    (target.state == TargetState::Cannot && is_shared)
        .then(|| format!("{account}/{}", kind.as_str()))
}

/// Whether a target is not as the ledger wants it, and was not in time.
fn is_wrong(row: &TargetRow, now: Timestamp) -> bool {
    let target = &row.target;
    let denies = !Desired::of(row.members.iter().cloned()).is_allowed();
    match target.state {
        TargetState::Failed => true,
        TargetState::Cannot | TargetState::Gone => denies,
        TargetState::Requested | TargetState::Applied => target
            .requested_at
            .is_some_and(|asked| now.duration_since(asked) >= OVERDUE),
        _ => false,
    }
}
