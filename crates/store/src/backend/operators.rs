//! Operators over a dialect.

use async_trait::async_trait;
use jiff::Timestamp;
use weir_core::audit::Entry;
use weir_core::ids::UserId;
use weir_core::operator::{Identity, OperatorName};

use super::Backend;
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::operators::{
    Claim, ClaimedRequest, Counted, NewSession, OperatorChange, OperatorRow, OperatorStore,
    SessionRow, TokenRow,
};
use crate::work::{idempotency, logins, operators};

#[async_trait]
impl<D: Dialect> OperatorStore for Backend<D> {
    async fn operator(&self, name: &OperatorName) -> Result<Option<OperatorRow>, StoreError> {
        operators::one(&self.0, name).await
    }

    async fn operator_of(&self, identity: &Identity) -> Result<Option<OperatorRow>, StoreError> {
        operators::of_identity(&self.0, identity).await
    }

    async fn users_with_email(&self, email: &str) -> Result<Vec<UserId>, StoreError> {
        operators::users_with_email(&self.0, email).await
    }

    async fn operators(&self) -> Result<Vec<OperatorRow>, StoreError> {
        operators::list(&self.0).await
    }

    async fn add_operator(
        &self,
        operator: &OperatorRow,
        audit: Vec<Entry>,
    ) -> Result<bool, StoreError> {
        operators::add(&self.0, operator, None, &audit).await
    }

    async fn add_first_operator(
        &self,
        operator: &OperatorRow,
        link: &str,
        audit: Vec<Entry>,
    ) -> Result<bool, StoreError> {
        operators::add(&self.0, operator, Some(link), &audit).await
    }

    async fn change_operator(
        &self,
        name: &OperatorName,
        change: &OperatorChange,
        at: Timestamp,
        audit: Vec<Entry>,
    ) -> Result<bool, StoreError> {
        operators::change(&self.0, name, change, at, &audit).await
    }

    async fn offer_setup(
        &self,
        link: &str,
        expires_at: Timestamp,
        audit: Vec<Entry>,
    ) -> Result<bool, StoreError> {
        operators::offer_setup(&self.0, link, expires_at, &audit).await
    }

    async fn setup_is_good(&self, link: &str, now: Timestamp) -> Result<bool, StoreError> {
        operators::setup_is_good(&self.0, link, now).await
    }

    async fn count_attempt(
        &self,
        counted: &[Counted],
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        logins::count_attempt(&self.0, counted, now).await
    }

    async fn begin_session(&self, login: &NewSession, audit: Vec<Entry>) -> Result<(), StoreError> {
        logins::begin(&self.0, login, &audit).await
    }

    async fn session(&self, digest: &str) -> Result<Option<(SessionRow, OperatorRow)>, StoreError> {
        logins::session(&self.0, digest).await
    }

    async fn see_session(&self, digest: &str, at: Timestamp) -> Result<(), StoreError> {
        logins::see_session(&self.0, digest, at).await
    }

    async fn end_session(&self, digest: &str, audit: Vec<Entry>) -> Result<bool, StoreError> {
        logins::end_session(&self.0, digest, &audit).await
    }

    async fn add_token(
        &self,
        digest: &str,
        token: &TokenRow,
        audit: Vec<Entry>,
    ) -> Result<(), StoreError> {
        logins::add_token(&self.0, digest, token, &audit).await
    }

    async fn token(&self, digest: &str) -> Result<Option<(TokenRow, OperatorRow)>, StoreError> {
        logins::token(&self.0, digest).await
    }

    async fn token_of_id(&self, id: &str) -> Result<Option<TokenRow>, StoreError> {
        logins::token_of_id(&self.0, id).await
    }

    async fn tokens(&self, of: Option<&OperatorName>) -> Result<Vec<TokenRow>, StoreError> {
        logins::tokens(&self.0, of).await
    }

    async fn revoke_token(
        &self,
        id: &str,
        at: Timestamp,
        audit: Vec<Entry>,
    ) -> Result<bool, StoreError> {
        logins::revoke_token(&self.0, id, at, &audit).await
    }

    async fn see_token(&self, digest: &str, at: Timestamp) -> Result<(), StoreError> {
        logins::see_token(&self.0, digest, at).await
    }

    async fn claim_request(
        &self,
        request: &ClaimedRequest,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Claim, StoreError> {
        idempotency::claim(&self.0, request, now, lease_until).await
    }

    async fn end_request(
        &self,
        digest: &str,
        answer: Option<(u16, Option<&str>)>,
    ) -> Result<(), StoreError> {
        idempotency::end(&self.0, digest, answer).await
    }
}
