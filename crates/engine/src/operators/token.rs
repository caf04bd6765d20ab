//! Tokens: for scripts, in an operator's name, for so long and for no more than a role.

use jiff::{SignedDuration, Timestamp};
use weir_core::operator::{OperatorName, Role, digest};
use weir_store::TokenRow;

use super::login::NOTED;
use super::secret::random_hex;
use super::{Caller, Secret, Via, subject};
use crate::options::Actor;
use crate::{Engine, EngineError};

/// The longest term.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 366);
/// The longest label.
const LABEL: usize = 100;

/// A token to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// In whose name it acts.
    pub operator: OperatorName,
    /// What it is for.
    pub label: String,
    /// The most it may do; `None` is what the operator may.
    pub role: Option<Role>,
    /// For how long.
    pub term: SignedDuration,
}

/// A token that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenMade {
    /// What callers present. Nobody can show it again.
    pub secret: Secret,
    /// What is stored.
    pub token: TokenRow,
}

impl Engine {
    /// Makes a token.
    pub async fn make_token(&self, new: &NewToken, by: &Actor) -> Result<TokenMade, EngineError> {
        let NewToken {
            operator,
            label,
            role,
            term,
        } = new;
        let owner = self.known_operator(operator).await?;
        let role = role.unwrap_or_else(|| owner.rights.role());
        if !owner.rights.may_issue(role) {
            return Err(EngineError::Refused(format!(
                "`{operator}` is {}: a token of role {role} would be allowed what its operator is not",
                owner.rights.role()
            )));
        }
        let label = label.trim();
        if label.is_empty() || label.chars().count() > LABEL {
            return Err(EngineError::Refused(format!(
                "say what the token is for, in 1 to {LABEL} characters"
            )));
        }
        if *term <= SignedDuration::ZERO || *term > LONGEST {
            return Err(EngineError::Refused(
                "a token is good for a year at most".to_owned(),
            ));
        }
        let secret = Secret::draw("weir_")?;
        let now = self.wall();
        let token = TokenRow {
            id: random_hex::<6>()?,
            operator: operator.clone(),
            label: label.to_owned(),
            role,
            created_at: now,
            expires_at: now.saturating_add(*term).unwrap_or(Timestamp::MAX),
            revoked_at: None,
            used_at: None,
        };
        let mut entry = self.entry("token-create", subject(operator), label.to_owned(), by);
        entry.expires_at = Some(token.expires_at);
        entry.after =
            Some(serde_json::json!({ "token": token.id, "role": role.as_str() }).to_string());
        let store = self.store.operators();
        store
            .add_token(&secret.digest(), &token, vec![entry])
            .await?;
        Ok(TokenMade { secret, token })
    }

    /// Tokens, of one operator if given.
    pub async fn tokens(&self, of: Option<&OperatorName>) -> Result<Vec<TokenRow>, EngineError> {
        Ok(self.store.operators().tokens(of).await?)
    }

    /// Revokes a token; false if there is none of that id that is not revoked already.
    pub async fn revoke_token(&self, id: &str, by: &Actor) -> Result<bool, EngineError> {
        let store = self.store.operators();
        let Some(token) = store.token_of_id(id).await? else {
            return Ok(false);
        };
        let mut entry = self.entry("token-revoke", subject(&token.operator), token.label, by);
        entry.before = Some(serde_json::json!({ "token": token.id }).to_string());
        Ok(store.revoke_token(id, self.wall(), vec![entry]).await?)
    }

    /// Whose token it is and what it may do, if it is good.
    pub async fn token(&self, secret: &str) -> Result<Option<Caller>, EngineError> {
        let (store, now) = (self.store.operators(), self.wall());
        let digest = digest(secret);
        let Some((token, operator)) = store.token(&digest).await? else {
            return Ok(None);
        };
        let over = token.revoked_at.is_some() || now >= token.expires_at;
        if over || operator.disabled_at.is_some() {
            return Ok(None);
        }
        let fresh = |used: Timestamp| now.duration_since(used) < NOTED;
        if !token.used_at.is_some_and(fresh) {
            store.see_token(&digest, now).await?;
        }
        Ok(Some(Caller {
            name: operator.name,
            rights: operator.rights.narrowed(token.role),
            via: Via::Token(token.id),
            has_password: operator.proof.password().is_some(),
        }))
    }
}
