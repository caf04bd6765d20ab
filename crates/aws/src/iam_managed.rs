//! The managed policy that is attached to denied IAM users, as AWS has it: an attachment denies what
//! the version in force says, and anybody with the rights may put another in force (rules E1, E7).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_iam::Client;
use tokio::sync::Mutex;
use tokio::time::Instant;
use weir_core::ids::AccountId;
use weir_core::policy_doc::{self, people};
use weir_engine::ports::{EffectError, EffectErrorKind};

use crate::iam_setup::{default_version, document, new_version};

/// How long what was read holds: the reconciler looks again once an hour.
const HOLDS: Duration = Duration::from_hours(1);

/// What was read last, account by account. One reads; whoever else wants to know waits for it.
#[derive(Default)]
pub(crate) struct Seen(Mutex<HashMap<AccountId, Arc<Mutex<Option<Look>>>>>);

/// One look at a policy.
#[derive(Clone, Copy)]
struct Look {
    at: Instant,
    denies: bool,
}

/// The policy of one account.
pub(crate) struct ManagedPolicy {
    pub(crate) client: Client,
    pub(crate) account: AccountId,
    pub(crate) arn: String,
    pub(crate) seen: Arc<Seen>,
}

impl Seen {
    /// What was seen may have changed: it is read again.
    pub(crate) async fn forget(&self) {
        self.0.lock().await.clear();
    }
}

impl ManagedPolicy {
    /// Whether whom it is attached to is denied everything, as far as was seen within the hour.
    pub(crate) async fn denies(&self) -> Result<bool, EffectError> {
        let last = self.last().await;
        let mut last = last.lock().await;
        if let Some(look) = last.filter(|look| look.at.elapsed() < HOLDS) {
            return Ok(look.denies);
        }
        match self.read().await {
            // Who was set up before this was read has no right to: doctor says which is missing.
            Err(error) if error.kind == EffectErrorKind::Denied => {
                tracing::warn!(%error, "the text of our policy is taken on trust");
                *last = Some(Look::now(true));
                Ok(true)
            }
            // That it is missing shows at the attachment, and ends with `weir enforce setup`.
            Ok(None) => Ok(true),
            Ok(Some(found)) => {
                let denies = is_whole(&found);
                *last = Some(Look::now(denies));
                Ok(denies)
            }
            Err(error) => Err(error),
        }
    }

    /// Looks now: whether there is such a policy and it does not say what it must.
    pub(crate) async fn is_altered(&self) -> Result<bool, EffectError> {
        let last = self.last().await;
        let mut last = last.lock().await;
        let found = self.read().await?;
        let denies = found.as_deref().is_none_or(is_whole);
        *last = found.map(|_| Look::now(denies));
        Ok(!denies)
    }

    /// Puts the text in force that it must have, beside people of Identity Center whom it denies.
    pub(crate) async fn restore(&self) -> Result<(), EffectError> {
        let last = self.last().await;
        let mut last = last.lock().await;
        let Some(found) = self.read().await? else {
            return Ok(());
        };
        if !is_whole(&found) {
            new_version(&self.client, &self.arn, &people::with_users(&found)).await?;
        }
        // What is in force now is read again, not believed.
        *last = None;
        Ok(())
    }

    async fn last(&self) -> Arc<Mutex<Option<Look>>> {
        let mut all = self.seen.0.lock().await;
        Arc::clone(all.entry(self.account.clone()).or_default())
    }

    /// The text in force.
    async fn read(&self) -> Result<Option<String>, EffectError> {
        match default_version(&self.client, &self.arn).await? {
            None => Ok(None),
            Some(version) => document(&self.client, &self.arn, &version).await.map(Some),
        }
    }
}

impl Look {
    fn now(denies: bool) -> Self {
        Self {
            at: Instant::now(),
            denies,
        }
    }
}

/// Whether this is the Deny for IAM users and nothing else but denials of people of Identity Center.
fn is_whole(found: &str) -> bool {
    policy_doc::same(found, &people::with_users(found))
}
