//! In by single sign-on: a provider vouches for somebody, and what they may do follows their groups there, at
//! each sign-in anew.

use std::net::IpAddr;

use jiff::Timestamp;
use weir_core::audit::Entry;
use weir_core::ids::UserId;
use weir_core::operator::{Admission, Entitled, OwnUser, Rights, Role, Vouched, sign_in_names};
use weir_store::{OperatorChange, OperatorRow, Proof};

use super::login::{Attempt, LoggedIn, from_json};
use super::{actor, rights_json, subject};
use crate::{Engine, EngineError};

/// What became of a sign-in that a provider vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// Let in.
    In(LoggedIn),
    /// Turned away.
    Away(TurnedAway),
}

/// Why somebody is turned away whom the provider knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnedAway {
    /// An admin shut them out.
    Disabled,
    /// No group of theirs lets them in.
    NoGroup,
    /// They are to be a developer, and the provider does not tell of which one user.
    NoUser,
}

impl TurnedAway {
    const fn reason(self) -> &'static str {
        match self {
            Self::Disabled => "the operator is disabled",
            Self::NoGroup => "no group lets them in",
            Self::NoUser => "the provider does not tell which one user they are",
        }
    }
}

impl Engine {
    /// Counts a sign-in as failed, before anybody knows, as an attempt to log in is counted; until when to wait
    /// instead, after too many failures. One that succeeds is taken back.
    pub async fn count_sign_in(
        &self,
        from: Option<IpAddr>,
    ) -> Result<Option<Timestamp>, EngineError> {
        self.too_soon(&Attempt::new(None, from)).await
    }

    /// Lets in whom a provider vouches for. Whoever comes first is made an operator; whoever is let in no more
    /// loses sessions and tokens.
    pub async fn sign_in(
        &self,
        person: &Vouched,
        admission: &Admission,
        from: Option<IpAddr>,
    ) -> Result<SignIn, EngineError> {
        let known = self.store.operators().operator_of(&person.identity).await?;
        if known.as_ref().is_some_and(|row| row.disabled_at.is_some()) {
            let away = TurnedAway::Disabled;
            let entry = self.turned_away(person, known.as_ref(), away, from);
            self.store.append_audit(vec![entry]).await?;
            return Ok(SignIn::Away(away));
        }
        let operator = match (self.entitled(person, admission).await?, known) {
            (Ok(rights), Some(row)) => self.follow(row, rights).await?,
            (Ok(rights), None) => self.newcomer(person, rights).await?,
            (Err(away), known) => {
                let entry = self.turned_away(person, known.as_ref(), away, from);
                self.leave(known, entry).await?;
                return Ok(SignIn::Away(away));
            }
        };
        let attempt = Attempt::new(None, from);
        let login = self.begin(&operator, from, attempt).await?;
        Ok(SignIn::In(login))
    }

    /// Notes a sign-in that the provider did not vouch for.
    pub async fn note_failed_sign_in(
        &self,
        why: &str,
        from: Option<IpAddr>,
    ) -> Result<(), EngineError> {
        let somebody = "operator:(unknown)".to_owned();
        let why = format!("single sign-on: {why}");
        let mut entry = self.entry("login-failed", somebody, why, &Self::weir());
        entry.evidence = Some(from_json(from));
        Ok(self.store.append_audit(vec![entry]).await?)
    }

    async fn entitled(
        &self,
        person: &Vouched,
        admission: &Admission,
    ) -> Result<Result<Rights, TurnedAway>, EngineError> {
        Ok(match admission.entitled(&person.groups) {
            Entitled::As(rights) => Ok(rights.clone()),
            Entitled::Nobody => Err(TurnedAway::NoGroup),
            Entitled::OwnUser => {
                let user = self.user_of(person).await?;
                let rights = user.map(|user| Rights::new(Role::Developer, None, Some(user)));
                rights.and_then(Result::ok).ok_or(TurnedAway::NoUser)
            }
        })
    }

    /// The user that somebody is; an address that two users have is neither's.
    async fn user_of(&self, person: &Vouched) -> Result<Option<UserId>, EngineError> {
        let email = match &person.own_user {
            None => return Ok(None),
            Some(OwnUser::Id(user)) => return Ok(Some(user.clone())),
            Some(OwnUser::WithEmail(email)) => email,
        };
        let users = self.store.operators().users_with_email(email).await?;
        let mut users = users.into_iter();
        Ok(users.next().filter(|_| users.next().is_none()))
    }

    async fn follow(
        &self,
        mut row: OperatorRow,
        rights: Rights,
    ) -> Result<OperatorRow, EngineError> {
        if row.rights == rights {
            return Ok(row);
        }
        let why = "the groups at the provider of single sign-on".to_owned();
        let mut entry = self.entry("operator-set", subject(&row.name), why, &actor(&row.name));
        entry.before = Some(rights_json(&row.rights));
        entry.after = Some(rights_json(&rights));
        let change = OperatorChange::Follow(rights.clone());
        self.change_operator(&row.name, change, entry).await?;
        row.rights = rights;
        Ok(row)
    }

    async fn newcomer(&self, person: &Vouched, rights: Rights) -> Result<OperatorRow, EngineError> {
        for name in sign_in_names(person) {
            let operator = OperatorRow {
                name,
                rights: rights.clone(),
                proof: Proof::Provider(person.identity.clone()),
                disabled_at: None,
                created_at: self.wall(),
                last_login_at: None,
            };
            let by = actor(&operator.name);
            let mut entry = self.made(&operator, "made by single sign-on", &by);
            entry.evidence = Some(identity_json(person, None));
            let store = self.store.operators();
            if store.add_operator(&operator, vec![entry]).await? {
                return Ok(operator);
            }
            // The same person in another window may have been quicker.
            if let Some(row) = store.operator_of(&person.identity).await? {
                return self.follow(row, rights).await;
            }
        }
        Err(EngineError::Refused(
            "every name that fits is another operator's".to_owned(),
        ))
    }

    /// Puts it on record; sessions and tokens of an operator end.
    async fn leave(&self, known: Option<OperatorRow>, entry: Entry) -> Result<(), EngineError> {
        match known {
            Some(row) => {
                let change = OperatorChange::Leave;
                self.change_operator(&row.name, change, entry).await
            }
            None => Ok(self.store.append_audit(vec![entry]).await?),
        }
    }

    fn turned_away(
        &self,
        person: &Vouched,
        known: Option<&OperatorRow>,
        away: TurnedAway,
        from: Option<IpAddr>,
    ) -> Entry {
        let somebody = || "operator:(unknown)".to_owned();
        let who = known.map_or_else(somebody, |row| subject(&row.name));
        let why = format!("single sign-on: {}", away.reason());
        let mut entry = self.entry("login-failed", who, why, &Self::weir());
        entry.evidence = Some(identity_json(person, from));
        entry
    }
}

fn identity_json(person: &Vouched, from: Option<IpAddr>) -> String {
    serde_json::json!({
        "from": from.map(|ip| ip.to_canonical().to_string()),
        "issuer": person.identity.issuer,
        "subject": person.identity.subject,
    })
    .to_string()
}
