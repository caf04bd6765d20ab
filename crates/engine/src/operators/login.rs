//! In and out: passwords against sessions. Whoever is refused learns nothing but when to try again.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use weir_core::operator::{OperatorName, Pace, account_key, digest};
use weir_store::{Counted, NewSession, OperatorRow, Proof, SessionRow};

use super::people::{good, has_password};
use super::{Caller, Secret, Via, actor, subject};
use crate::{Engine, EngineError};

/// A session ends after so long without a request that a person caused.
const IDLE: SignedDuration = SignedDuration::from_hours(1);
/// A session ends after so long however busy it is.
const LONGEST: SignedDuration = SignedDuration::from_hours(12);
/// Requests are noted at most so often.
pub(super) const NOTED: SignedDuration = SignedDuration::from_mins(1);

/// What became of an attempt to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogIn {
    /// Let in.
    In(LoggedIn),
    /// Wrong name, wrong password, or shut out: which of them is not said.
    Wrong,
    /// Too many failures: nothing was looked at, and nothing will be before then.
    Wait(Timestamp),
}

/// What caused a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Somebody did something.
    Person,
    /// A page that is open asks by itself: it keeps no session alive.
    Page,
}

/// A session that began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedIn {
    /// What the cookie is to hold.
    pub secret: Secret,
    /// When the session ends.
    pub expires_at: Timestamp,
    /// Who is in.
    pub caller: Caller,
}

/// Under what an attempt is counted.
pub(super) struct Attempt {
    account: Option<String>,
    address: Option<String>,
}

impl Attempt {
    pub(super) fn new(name: Option<&OperatorName>, from: Option<IpAddr>) -> Self {
        Self {
            account: name.map(account_key),
            address: from.map(address),
        }
    }
}

impl Engine {
    /// Checks name and password, which cost the same time whatever is wrong with them. Attempts are
    /// counted as failed before they are looked at, so that none can be made beside another.
    pub async fn log_in(
        &self,
        name: &str,
        password: &str,
        from: Option<IpAddr>,
    ) -> Result<LogIn, EngineError> {
        let name = OperatorName::new(name).ok();
        let store = self.store.operators();
        let attempt = Attempt::new(name.as_ref(), from);
        if let Some(until) = self.too_soon(&attempt).await? {
            return Ok(LogIn::Wait(until));
        }
        let operator = match &name {
            Some(name) => store.operator(name).await?,
            None => None,
        };
        let enabled = operator.as_ref().filter(|row| row.disabled_at.is_none());
        let hash = enabled.and_then(|row| row.proof.password());
        let fits = self.passwords.check(password, hash).await?;
        if let (Some(enabled), true) = (enabled, fits) {
            let login = self.begin(enabled, from, attempt).await?;
            return Ok(LogIn::In(login));
        }
        self.refused(operator.as_ref(), from).await?;
        Ok(LogIn::Wrong)
    }

    /// Another password of one's own, for whoever knows the one that holds. All sessions end, and a new
    /// one begins. A wrong one counts as a failure to log in: who finds a browser open learns as little.
    pub async fn change_own_password(
        &self,
        name: &OperatorName,
        current: &str,
        password: &str,
        from: Option<IpAddr>,
    ) -> Result<LogIn, EngineError> {
        let operator = self.known_operator(name).await?;
        has_password(&operator)?;
        good(name, password)?;
        let attempt = Attempt::new(Some(name), from);
        if let Some(until) = self.too_soon(&attempt).await? {
            return Ok(LogIn::Wait(until));
        }
        if !self
            .passwords
            .check(current, operator.proof.password())
            .await?
        {
            self.refused(Some(&operator), from).await?;
            return Ok(LogIn::Wrong);
        }
        self.set_operator_password(name, password, &actor(name))
            .await?;
        let login = self.begin(&operator, from, attempt).await?;
        Ok(LogIn::In(login))
    }

    /// Counts an attempt; until when to wait instead, after too many failures.
    pub(super) async fn too_soon(
        &self,
        attempt: &Attempt,
    ) -> Result<Option<Timestamp>, EngineError> {
        let counted: Vec<_> = [
            (attempt.account.clone(), Pace::ACCOUNT),
            (attempt.address.clone(), Pace::ADDRESS),
        ]
        .into_iter()
        .filter_map(|(digest, pace)| digest.map(|digest| Counted { digest, pace }))
        .collect();
        let store = self.store.operators();
        let until = store.count_attempt(&counted, self.wall()).await?;
        if until.is_some() {
            tracing::warn!("an attempt to log in came too soon after others that failed");
        }
        Ok(until)
    }

    pub(super) async fn begin(
        &self,
        operator: &OperatorRow,
        from: Option<IpAddr>,
        attempt: Attempt,
    ) -> Result<LoggedIn, EngineError> {
        let now = self.wall();
        let secret = Secret::draw("")?;
        let session = SessionRow {
            created_at: now,
            seen_at: now,
            expires_at: now.saturating_add(LONGEST).unwrap_or(Timestamp::MAX),
        };
        let name = &operator.name;
        let how = match &operator.proof {
            Proof::Password(_) => "",
            Proof::Provider(_) => "single sign-on",
        };
        let mut entry = self.entry("login", subject(name), how.to_owned(), &actor(name));
        entry.evidence = Some(from_json(from));
        let expires_at = session.expires_at;
        let login = NewSession {
            operator: name.clone(),
            digest: secret.digest(),
            session,
            forgotten: attempt.account,
            taken_back: attempt.address,
        };
        let store = self.store.operators();
        store.begin_session(&login, vec![entry]).await?;
        Ok(LoggedIn {
            secret,
            expires_at,
            caller: Caller {
                name: name.clone(),
                rights: operator.rights.clone(),
                via: Via::Session,
                has_password: operator.proof.password().is_some(),
            },
        })
    }

    /// A failure is on record. A name that nobody has is not: it may be a password in the wrong field.
    async fn refused(
        &self,
        operator: Option<&OperatorRow>,
        from: Option<IpAddr>,
    ) -> Result<(), EngineError> {
        let (subject, reason) = match operator {
            None => (
                "operator:(unknown)".to_owned(),
                "no operator of that name".to_owned(),
            ),
            Some(row) if row.disabled_at.is_some() => {
                (subject(&row.name), "the operator is disabled".to_owned())
            }
            Some(row) => (subject(&row.name), "wrong password".to_owned()),
        };
        let mut entry = self.entry("login-failed", subject, reason, &Self::weir());
        entry.evidence = Some(from_json(from));
        Ok(self.store.append_audit(vec![entry]).await?)
    }

    /// Whose session it is, if it is one that goes on.
    pub async fn session(&self, secret: &str, cause: Cause) -> Result<Option<Caller>, EngineError> {
        let (store, now) = (self.store.operators(), self.wall());
        let digest = digest(secret);
        let Some((session, operator)) = store.session(&digest).await? else {
            return Ok(None);
        };
        let silent = now.duration_since(session.seen_at);
        if now >= session.expires_at || silent >= IDLE || operator.disabled_at.is_some() {
            return Ok(None);
        }
        if cause == Cause::Person && silent >= NOTED {
            store.see_session(&digest, now).await?;
        }
        Ok(Some(Caller {
            name: operator.name,
            rights: operator.rights,
            via: Via::Session,
            has_password: operator.proof.password().is_some(),
        }))
    }

    /// Ends a session.
    pub async fn log_out(&self, secret: &str, caller: &Caller) -> Result<(), EngineError> {
        let entry = self.entry(
            "logout",
            subject(&caller.name),
            String::new(),
            &caller.actor(),
        );
        let store = self.store.operators();
        store.end_session(&digest(secret), vec![entry]).await?;
        Ok(())
    }
}

/// An address of the sixth version is one of 2^64 that the same household has.
fn address(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => digest(&format!("address:{ip}")),
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            digest(&format!("address:{a:x}:{b:x}:{c:x}:{d:x}::/64"))
        }
    }
}

pub(super) fn from_json(from: Option<IpAddr>) -> String {
    serde_json::json!({ "from": from.map(|ip| ip.to_canonical().to_string()) }).to_string()
}
