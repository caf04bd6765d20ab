//! What stands for the world in the demo: a clock that is led through ten days, and a directory
//! that knows the organisation.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use weir_core::attribution::Principal;
use weir_core::evidence::CallerFacts;
use weir_core::ids::AccountId;
use weir_engine::clock::{Clock, WallClock};
use weir_engine::ports::{Directory, EffectError, EffectErrorKind};

use super::organisation::{ACCOUNT, CALLERS, Caller};

/// Stands still where it is put, until it is set going.
#[derive(Debug)]
pub(crate) struct DemoClock(Mutex<State>);

#[derive(Clone, Copy, Debug)]
struct State {
    shown: Timestamp,
    /// The wall time at which it was set going.
    since: Option<Timestamp>,
}

impl DemoClock {
    pub(crate) fn at(shown: Timestamp) -> Self {
        Self(Mutex::new(State { shown, since: None }))
    }

    /// Puts it to a later time.
    pub(crate) fn put(&self, shown: Timestamp) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.shown = state.shown.max(shown);
    }

    /// Lets it run from here as fast as the wall clock.
    pub(crate) fn run(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.since = Some(WallClock.now());
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        let State { shown, since } = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match since {
            Some(since) => {
                let passed = WallClock.now().duration_since(since);
                shown.saturating_add(passed).unwrap_or(shown)
            }
            None => shown,
        }
    }
}

/// Answers like IAM: tags of users and roles.
#[derive(Debug)]
pub(crate) struct DemoDirectory;

#[async_trait]
impl Directory for DemoDirectory {
    async fn caller(&self, principal: &Principal) -> Result<CallerFacts, EffectError> {
        let known = CALLERS.iter().find(|caller| caller.name == principal.name);
        known.map(facts).ok_or_else(|| nobody(&principal.name))
    }

    async fn profile(&self, arn: &str) -> Result<String, EffectError> {
        Err(nobody(arn))
    }

    async fn trust_policy(&self, _account: &AccountId, role: &str) -> Result<String, EffectError> {
        Err(nobody(role))
    }

    async fn whoami(&self) -> Result<(AccountId, String), EffectError> {
        Ok((
            AccountId::new(ACCOUNT),
            format!("arn:aws:iam::{ACCOUNT}:role/weir-demo"),
        ))
    }
}

fn facts(caller: &Caller) -> CallerFacts {
    let person = (!caller.person.is_empty()).then(|| caller.person.to_owned());
    CallerFacts {
        team_tag: Some(caller.team.to_owned()),
        email: person.is_some().then(|| caller.email()),
        login_profile: person.is_some(),
        person,
        ..CallerFacts::default()
    }
}

fn nobody(name: &str) -> EffectError {
    EffectError {
        what: format!("look up {name}"),
        why: "the demo knows nobody of that name".to_owned(),
        kind: EffectErrorKind::Gone,
    }
}
