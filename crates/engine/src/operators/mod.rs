//! Who uses Weir itself: operators made and changed, logged in and out, and their tokens. Everything is
//! in the audit log; nothing that is secret is stored as it is.

mod login;
mod passwords;
mod people;
mod pseudonyms;
mod secret;
mod setup;
mod sso;
mod token;

use weir_core::ids::{TeamId, UserId};
use weir_core::operator::{OperatorName, Rights};

use crate::options::Actor;
use crate::{Engine, EngineError};

pub use login::{Cause, LogIn, LoggedIn};
pub(crate) use passwords::Passwords;
pub use secret::Secret;
pub use sso::{SignIn, TurnedAway};
pub use token::{NewToken, TokenMade};

/// Somebody who is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub name: OperatorName,
    /// What they may do by this way.
    pub rights: Rights,
    /// By which way.
    pub via: Via,
    /// Whether they have a password here; else they come by single sign-on.
    pub has_password: bool,
}

/// How somebody comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// By a session.
    Session,
    /// By the token of this id.
    Token(String),
}

impl Caller {
    /// The name for the audit log.
    pub fn actor(&self) -> Actor {
        actor(&self.name)
    }
}

impl Engine {
    /// Notes that somebody took a list with them (rules R1): which, and how it was asked for.
    pub async fn note_export(&self, what: &str, how: &str, by: &Actor) -> Result<(), EngineError> {
        let entry = self.entry("export", what.to_owned(), how.to_owned(), by);
        self.store.append_audit(vec![entry]).await?;
        Ok(())
    }
}

fn actor(name: &OperatorName) -> Actor {
    Actor {
        name: name.author(),
        claimed: None,
    }
}

fn subject(name: &OperatorName) -> String {
    format!("operator:{name}")
}

fn rights_json(rights: &Rights) -> String {
    serde_json::json!({
        "role": rights.role().as_str(),
        "team": rights.team().map(TeamId::as_str),
        "user": rights.user().map(UserId::as_str),
    })
    .to_string()
}
