//! Questions to AWS about callers and inference profiles (rules A7, A8): asked once per caller and
//! a few minutes, a few at a time, and never a reason for a batch to fail.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use weir_core::attribution::{self, Principal, PrincipalKind};
use weir_core::evidence::{CallerFacts, Evidence, Lookup};
use weir_core::ids::UserId;
use weir_core::model::ModelRef;
use weir_core::record::Identity;
use weir_core::rulebook::{Mode, Rulebook, UserClass};
use weir_store::{Store, StoreError, UserRow};

use crate::ports::{Directory, EffectErrorKind};
use crate::{Engine, EngineError};

/// Answers, and when they were given.
#[derive(Default)]
pub(crate) struct Lookups {
    callers: Cache<Caller, CallerFacts>,
    profiles: Cache<String, String>,
}

/// Somebody of whom AWS is asked. Whoever bears a name now is somebody else than who bore it before
/// (rules A9).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Caller {
    principal: Principal,
    stable_id: Option<String>,
    /// Whose calls these are.
    user: UserId,
    /// Another one bears the name by now: AWS would tell of that one.
    is_past: bool,
    /// The id is one of those that are on record as this user's, who may have had several.
    is_holder: bool,
}

/// More answers than this are not kept: the oldest go.
const MOST: usize = 50_000;

struct Cache<K, V>(Mutex<HashMap<K, (Lookup<V>, Timestamp)>>);

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self(Mutex::new(HashMap::new()))
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Cache<K, V> {
    fn get(
        &self,
        key: &K,
        now: Timestamp,
        hold: SignedDuration,
        fail: SignedDuration,
    ) -> Option<Lookup<V>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (answer, at) = known.get(key)?;
        let ttl = if matches!(answer, Lookup::Failed) {
            fail
        } else {
            hold
        };
        (now.duration_since(*at).abs() < ttl).then(|| answer.clone())
    }

    fn put(&self, key: K, answer: Lookup<V>, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            let mut ages: Vec<_> = known.values().map(|(_, at)| *at).collect();
            let (_, median, _) = ages.select_nth_unstable(MOST / 2);
            let median = *median;
            known.retain(|_, (_, at)| *at > median);
        }
        known.insert(key, (answer, now));
    }
}

impl Engine {
    /// Answers for every caller and application profile of the evidence, filled in.
    pub(crate) async fn look_up(
        &self,
        evidence: &mut [Evidence],
        rules: &Rulebook,
    ) -> Result<(), EngineError> {
        let Some(directory) = self.asks(rules.mode.mode) else {
            return Ok(());
        };
        let callers: BTreeSet<Caller> = evidence
            .iter()
            .filter_map(|evidence| caller_to_ask(evidence, rules))
            .collect();
        let profiles: BTreeSet<String> = evidence.iter().filter_map(profile_to_ask).collect();
        let callers = self.callers(directory, callers).await;
        let profiles = self.profiles(directory, profiles).await;
        let mut teams = HashMap::new();
        for (caller, answer) in &callers {
            if matches!(answer, Lookup::Failed) {
                let row = on_file(&*self.store, caller).await?;
                teams.insert(caller.clone(), row.map(|row| row.team));
            }
        }
        for evidence in evidence {
            if let Some(caller) = caller_to_ask(evidence, rules) {
                evidence.sighting.caller = callers.get(&caller).cloned().unwrap_or_default();
                // The team under which the call counts while nobody answers (rules A8).
                evidence.sighting.last_known_team = teams.get(&caller).cloned().flatten();
            }
            if let Some(arn) = profile_to_ask(evidence) {
                evidence.sighting.profile = profiles.get(&arn).cloned().unwrap_or_default();
            }
        }
        Ok(())
    }

    /// Whom to ask, if anybody is to be asked.
    fn asks(&self, mode: Mode) -> Option<&Arc<dyn Directory>> {
        let asks = self.options.lookups && mode != Mode::Off;
        self.directory.as_ref().filter(|_| asks)
    }

    async fn callers(
        &self,
        directory: &Arc<dyn Directory>,
        wanted: BTreeSet<Caller>,
    ) -> HashMap<Caller, Lookup<CallerFacts>> {
        let asked = |caller: Caller| {
            let (directory, store) = (Arc::clone(directory), Arc::clone(&self.store));
            async move {
                let last_known = async || {
                    let row = on_file(&*store, &caller).await;
                    row.map_or(Lookup::Failed, |row| {
                        Lookup::Found(row.map(last_known_facts).unwrap_or_default())
                    })
                };
                if caller.is_past {
                    let answer = last_known().await;
                    return (caller, answer);
                }
                let answer = match directory.caller(&caller.principal).await {
                    Ok(facts) => Lookup::Found(facts),
                    // Deleted since the call: what was known of it last stays true of the call.
                    Err(error) if error.kind == EffectErrorKind::Gone => last_known().await,
                    // Out of our credentials' reach: nobody was asked.
                    Err(error) if error.kind == EffectErrorKind::Cannot => Lookup::NotAsked,
                    Err(error) => {
                        let name = &caller.principal.name;
                        tracing::warn!(caller = name, %error, "a caller is not known");
                        Lookup::Failed
                    }
                };
                (caller, answer)
            }
        };
        self.answers(&self.lookups.callers, wanted, asked).await
    }

    async fn profiles(
        &self,
        directory: &Arc<dyn Directory>,
        wanted: BTreeSet<String>,
    ) -> HashMap<String, Lookup<String>> {
        let asked = |arn: String| {
            let directory = Arc::clone(directory);
            async move {
                let answer = match directory.profile(&arn).await {
                    Ok(behind) => Lookup::Found(behind),
                    Err(error) if error.kind == EffectErrorKind::Cannot => Lookup::NotAsked,
                    Err(error) => {
                        tracing::warn!(profile = arn, %error, "an inference profile is not known");
                        Lookup::Failed
                    }
                };
                (arn, answer)
            }
        };
        self.answers(&self.lookups.profiles, wanted, asked).await
    }

    /// Cached answers, and new ones to what is left, a few at a time.
    async fn answers<K, V, A, F>(
        &self,
        cache: &Cache<K, V>,
        wanted: BTreeSet<K>,
        ask: A,
    ) -> HashMap<K, Lookup<V>>
    where
        K: Hash + Eq + Ord + Clone + Send + 'static,
        V: Clone + Send + 'static,
        A: Fn(K) -> F,
        F: Future<Output = (K, Lookup<V>)> + Send + 'static,
    {
        let now = self.wall();
        let (hold, fail) = (self.options.lookup_ttl, self.options.lookup_failure_ttl);
        let mut answers = HashMap::new();
        let mut open = Vec::new();
        for key in wanted {
            match cache.get(&key, now, hold, fail) {
                Some(answer) => _ = answers.insert(key, answer),
                None => open.push(key),
            }
        }
        let mut asking = JoinSet::new();
        let mut open = open.into_iter();
        loop {
            while asking.len() < self.options.concurrency.max(1) {
                let Some(key) = open.next() else { break };
                asking.spawn(ask(key));
            }
            // A question whose task panicked has no answer, and stays out of the cache.
            match asking.join_next().await {
                None => break,
                Some(Ok((key, answer))) => {
                    cache.put(key.clone(), answer.clone(), now);
                    answers.insert(key, answer);
                }
                Some(Err(error)) => tracing::error!(%error, "a look-up ended without an answer"),
            }
        }
        answers
    }

    /// Asks STS once for the home account, and stores it (rules A6).
    pub(crate) async fn learn_home_account(&self, rules: &Rulebook) -> Result<bool, EngineError> {
        if rules.settings.attribution.home_account.is_some() {
            return Ok(false);
        }
        let Some(directory) = self.asks(rules.mode.mode) else {
            return Ok(false);
        };
        if !self
            .cadence
            .asked_home
            .is_due(self.wall(), SignedDuration::from_mins(1))
        {
            return Ok(false);
        }
        let (account, arn) = match directory.whoami().await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(%error, "the home account is not known yet");
                return Ok(false);
            }
        };
        let subject = format!("account:{account}");
        let reason = format!("the account of {arn}");
        let entry = self.entry("home-account-set", subject, reason, &Self::weir());
        let change = weir_store::RuleChange::SetHomeAccount(account);
        self.store.change_rules(vec![change], vec![entry]).await?;
        Ok(true)
    }
}

/// The row of the caller's user, unless it is known under another immutable id that is not theirs: whoever comes
/// under a known name inherits nothing.
async fn on_file(store: &dyn Store, caller: &Caller) -> Result<Option<UserRow>, StoreError> {
    let row = store.user(&caller.user).await?;
    Ok(row.filter(|row| {
        let known = row.principals.iter().find(|of| of.0 == caller.principal);
        let known = known.and_then(|(_, stable_id, ..)| stable_id.as_ref());
        let same = || caller.stable_id.is_none() || known == caller.stable_id.as_ref();
        caller.is_holder || known.is_none() || same()
    }))
}

/// What a user's row says, as if AWS had said it.
fn last_known_facts(row: UserRow) -> CallerFacts {
    CallerFacts {
        team_tag: Some(row.team.as_str().to_owned()),
        person: row.person,
        email: row.email,
        login_profile: row.class == UserClass::Human,
        ..CallerFacts::default()
    }
}

/// The principal behind the evidence, if AWS can tell more about it.
fn caller_to_ask(evidence: &Evidence, rules: &Rulebook) -> Option<Caller> {
    if matches!(evidence.sighting.caller, Lookup::Found(_)) {
        return None;
    }
    let known = [&evidence.api_call, &evidence.completion, &evidence.log]
        .into_iter()
        .flatten()
        .find(|record| !matches!(record.identity, Identity::Unknown { .. }))?;
    let principal =
        attribution::principal(&known.account, &known.identity, &rules.settings.attribution);
    let asked = matches!(
        principal.kind,
        PrincipalKind::IamUser
            | PrincipalKind::Role
            | PrincipalKind::RoleSession
            | PrincipalKind::SourceIdentity
    );
    // All sessions of a role share its tags, but not the cache: they differ in user and team.
    asked.then(|| {
        let stable_id = attribution::stable_id(&known.identity);
        let user = attribution::user_of(&principal, stable_id.as_deref(), known.at, rules);
        let holders = rules.holders_of(&principal);
        let is_past = holders.last().is_some_and(|newest| newest.user != user);
        let is_holder = stable_id.as_ref().is_some_and(|id| {
            let mut holders = holders.iter();
            holders.any(|holder| holder.stable_id == *id && holder.user == user)
        });
        Caller {
            principal,
            stable_id,
            user,
            is_past,
            is_holder,
        }
    })
}

/// The application inference profile that was called, if a look-up tells its model.
fn profile_to_ask(evidence: &Evidence) -> Option<String> {
    if matches!(evidence.sighting.profile, Lookup::Found(_)) {
        return None;
    }
    let sent = evidence
        .records()
        .find_map(|record| record.model_sent.as_deref())?;
    ModelRef::parse(sent).look_up().map(ToOwned::to_owned)
}
