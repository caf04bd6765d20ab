//! Who uses Weir itself, as stored: operators, sessions, tokens, attempts to log in.

use async_trait::async_trait;
use jiff::Timestamp;
use weir_core::audit::Entry;
use weir_core::ids::UserId;
use weir_core::operator::{Identity, OperatorName, Pace, Rights, Role};

use crate::error::StoreError;

/// An operator as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct OperatorRow {
    /// Who.
    pub name: OperatorName,
    /// What they may do.
    pub rights: Rights,
    /// What proves who they are.
    pub proof: Proof,
    /// When they were shut out.
    pub disabled_at: Option<Timestamp>,
    /// When they were made.
    pub created_at: Timestamp,
    /// The latest log-in.
    pub last_login_at: Option<Timestamp>,
}

/// What proves who an operator is.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// A password, by its hash: argon2id, in PHC form.
    Password(String),
    /// A provider of single sign-on, for which they are this one.
    Provider(Identity),
}

impl Proof {
    /// The hash of the password, if that is it.
    pub fn password(&self) -> Option<&str> {
        match self {
            Self::Password(hash) => Some(hash),
            Self::Provider(_) => None,
        }
    }

    /// Who they are for the provider, if that is it.
    pub fn provider(&self) -> Option<&Identity> {
        match self {
            Self::Password(_) => None,
            Self::Provider(identity) => Some(identity),
        }
    }
}

/// Without the hash, which is nobody's business.
impl std::fmt::Debug for OperatorRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OperatorRow")
            .field("name", &self.name)
            .field("rights", &self.rights)
            .field("disabled_at", &self.disabled_at)
            .finish_non_exhaustive()
    }
}

/// A change of an operator. Each but new rights ends the operator's sessions.
#[derive(Clone, PartialEq, Eq)]
pub enum OperatorChange {
    /// Another password, by its hash; failures to log in are forgotten.
    Password(String),
    /// Other rights, in force with the next request.
    Rights(Rights),
    /// Other rights, as a provider's groups say: the last admin's, too.
    Follow(Rights),
    /// A provider's groups let them in no more: tokens are revoked.
    Leave,
    /// Shuts out.
    Disable,
    /// Lets in again.
    Enable,
}

/// A session as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// When it began.
    pub created_at: Timestamp,
    /// The latest request, but for less than a minute.
    pub seen_at: Timestamp,
    /// When it ends however busy it is.
    pub expires_at: Timestamp,
}

/// A token as stored, without what it is recognised by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// What people call it by.
    pub id: String,
    /// In whose name it acts.
    pub operator: OperatorName,
    /// What it is for.
    pub label: String,
    /// The most it may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The latest request, but for less than a minute.
    pub used_at: Option<Timestamp>,
}

/// Somebody or something that attempts are counted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The digest of the account or address.
    pub digest: String,
    /// How it is slowed down.
    pub pace: Pace,
}

/// A log-in that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// Who.
    pub operator: OperatorName,
    /// The digest of the session's secret.
    pub digest: String,
    /// The session.
    pub session: SessionRow,
    /// Whose failures are forgotten.
    pub forgotten: Option<String>,
    /// Whose latest attempt was none that failed.
    pub taken_back: Option<String>,
}

/// A request that brings a key of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedRequest {
    /// The digest of who sent it and of the key.
    pub digest: String,
    /// The digest of what it asks for.
    pub request: String,
}

/// What became of a request that brings a key of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nobody has done it: the caller does.
    New,
    /// It was done, and answered like this.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The answer.
        body: Option<String>,
    },
    /// Somebody is at it.
    AtWork,
    /// The key came with another request.
    Different,
}

/// Storage of operators.
#[async_trait]
pub trait OperatorStore: Send + Sync {
    /// One operator.
    async fn operator(&self, name: &OperatorName) -> Result<Option<OperatorRow>, StoreError>;
    /// The operator who is this one for a provider.
    async fn operator_of(&self, identity: &Identity) -> Result<Option<OperatorRow>, StoreError>;
    /// Users whose e-mail address it is, whatever its case: two at most.
    async fn users_with_email(&self, email: &str) -> Result<Vec<UserId>, StoreError>;
    /// All of them, by name.
    async fn operators(&self) -> Result<Vec<OperatorRow>, StoreError>;
    /// Adds one, and makes a set-up link worthless; false if the name is taken.
    async fn add_operator(
        &self,
        operator: &OperatorRow,
        audit: Vec<Entry>,
    ) -> Result<bool, StoreError>;
    /// Adds the first one against a set-up link, which is used up; false if the link is none, or too
    /// late, or somebody was first.
    async fn add_first_operator(
        &self,
        operator: &OperatorRow,
        link: &str,
        audit: Vec<Entry>,
    ) -> Result<bool, StoreError>;
    /// Changes one; false if there is none of that name. Refuses to leave no admin who may log in.
    async fn change_operator(
        &self,
        name: &OperatorName,
        change: &OperatorChange,
        at: Timestamp,
        audit: Vec<Entry>,
    ) -> Result<bool, StoreError>;
    /// Puts a set-up link in place of any other; false if there are operators.
    async fn offer_setup(
        &self,
        link: &str,
        expires_at: Timestamp,
        audit: Vec<Entry>,
    ) -> Result<bool, StoreError>;
    /// Whether a set-up link is good; it may be used up by the time somebody uses it.
    async fn setup_is_good(&self, link: &str, now: Timestamp) -> Result<bool, StoreError>;

    /// Counts an attempt for all of these as failed, before anybody knows; or, if one of them has to
    /// wait, counts nothing and says until when.
    async fn count_attempt(
        &self,
        counted: &[Counted],
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError>;
    /// Begins a session.
    async fn begin_session(&self, login: &NewSession, audit: Vec<Entry>) -> Result<(), StoreError>;
    /// A session and whose it is, also one that is over.
    async fn session(&self, digest: &str) -> Result<Option<(SessionRow, OperatorRow)>, StoreError>;
    /// Notes a request.
    async fn see_session(&self, digest: &str, at: Timestamp) -> Result<(), StoreError>;
    /// Ends a session; false if there is none.
    async fn end_session(&self, digest: &str, audit: Vec<Entry>) -> Result<bool, StoreError>;

    /// Adds a token.
    async fn add_token(
        &self,
        digest: &str,
        token: &TokenRow,
        audit: Vec<Entry>,
    ) -> Result<(), StoreError>;
    /// A token and whose it is, also one that is over.
    async fn token(&self, digest: &str) -> Result<Option<(TokenRow, OperatorRow)>, StoreError>;
    /// The token of that id.
    async fn token_of_id(&self, id: &str) -> Result<Option<TokenRow>, StoreError>;
    /// Tokens, of one operator if given.
    async fn tokens(&self, of: Option<&OperatorName>) -> Result<Vec<TokenRow>, StoreError>;
    /// Revokes a token; false if there is none that is not revoked.
    async fn revoke_token(
        &self,
        id: &str,
        at: Timestamp,
        audit: Vec<Entry>,
    ) -> Result<bool, StoreError>;
    /// Notes a request.
    async fn see_token(&self, digest: &str, at: Timestamp) -> Result<(), StoreError>;

    /// Takes a request in hand until then, or tells what became of it.
    async fn claim_request(
        &self,
        request: &ClaimedRequest,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Claim, StoreError>;
    /// Writes down how it was answered; without an answer, forgets it, so that it may be sent again.
    async fn end_request(
        &self,
        digest: &str,
        answer: Option<(u16, Option<&str>)>,
    ) -> Result<(), StoreError>;
}
